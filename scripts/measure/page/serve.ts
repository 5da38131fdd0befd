import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { RunningService } from '../../../src/cli/command.ts';
import { readConfig } from '../../../src/config.ts';
import type { Actor } from '../../../src/core/access.ts';
import { countQueue } from '../../../src/look/read.ts';
import type { Service } from '../../../src/wiring.ts';
import { sendScans, sendTrain } from './send.ts';

/**
 * The built service as a process of its own, started by page.ts: `DATA TOKEN COUNT`, where a count of 0 asks for a
 * train. Tells its parent where it listens as soon as the cases wait to be read, and ends with it.
 */
const [data = '', token = '', count = '0'] = process.argv.slice(2);
const place = { administration: 'utopia', site: 'harbour' };
const actorOf = (role: 'scanner' | 'auditor'): Actor => ({ keyId: `measure-${role}`, role, ...place });
/** Quarters of a second. */
const MOST_TURNS = 2400;
const ended = new AbortController();
process.once('disconnect', () => ended.abort());

interface Served extends RunningService {
  readonly service: Service;
}

// workers are started with the same settings
const config = readConfig(process.env);
const { serve } = await import(new URL('../../../dist/src/serve.js', import.meta.url).href);
const running: Served = await serve(config, ended.signal, 'measure', { token, ...place });
const { deps } = running.service;
if (count === '0') await sendTrain(deps, actorOf('scanner'), join(data, 'train'));
else await sendScans(deps, actorOf('scanner'), Number(count));
for (let [waiting, turns] = [0, 0]; waiting < Math.max(1, Number(count)); ) {
  await wait(250);
  turns += 1;
  if (turns > MOST_TURNS) throw new Error(`only ${waiting} cases came in ${MOST_TURNS / 4} s`);
  const { bands } = await countQueue(deps, actorOf('auditor'), new Date());
  waiting = bands.high + bands.raised + bands.routine;
}
process.send?.(running.address);
await running.ended;
