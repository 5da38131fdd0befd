import { randomBytes } from 'node:crypto';
import type { RunningService } from '../../../src/cli/command.ts';
import { readConfig } from '../../../src/config.ts';
import { issueKey } from '../../../src/features/persons/keys.ts';
import type { Service } from '../../../src/wiring.ts';
import { sendSimulated } from '../../support/send-simulated.ts';

/**
 * The service as a process that a test kills and starts again over the same folder: `TOKEN SCANS`. Tells its parent
 * a key of an auditor once it listens, and takes in so many scans.
 */
const [token = '', scans = '0'] = process.argv.slice(2);
const place = { administration: 'utopia', site: 'harbour' };

interface Served extends RunningService {
  readonly service: Service;
}

const ended = new AbortController();
process.once('disconnect', () => ended.abort());
const { serve } = await import(new URL('../../../src/serve.ts', import.meta.url).href);
const running: Served = await serve(readConfig(process.env), ended.signal, 'test', { token, ...place });
const { deps } = running.service;
for (let seed = 1; seed <= Number(scans); seed += 1)
  await sendSimulated(deps, { keyId: 'test-scanner', role: 'scanner', ...place }, seed);
const name = `auditor ${randomBytes(4).toString('hex')}`;
const key = await issueKey(deps, { roles: ['auditor'], ...place, name });
process.send?.({ address: running.address, key: key.token });
await running.ended;
