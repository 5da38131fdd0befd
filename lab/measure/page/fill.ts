import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { RunningService } from '../../../src/cli/command.ts';
import { readConfig } from '../../../src/config.ts';
import type { Actor } from '../../../src/core/access.ts';
import { countQueue } from '../../../src/queries/read.ts';
import type { Service } from '../../../src/wiring.ts';
import { sendScans, sendTrain } from './send.ts';

/** Sends scans to the service, `DATA COUNT`, where a count of 0 asks for a train; ends when the cases wait to be read. */
const [data = '', count = '0'] = process.argv.slice(2);
const actorOf = (role: 'scanner' | 'auditor'): Actor => ({
  keyId: `measure-${role}`,
  role,
  administration: 'utopia',
  site: 'harbour',
});
/** Quarters of a second. */
const MOST_TURNS = 2400;

interface Served extends RunningService {
  readonly service: Service;
}

const over = new AbortController();
process.once('disconnect', () => over.abort());
const { serve } = await import(new URL('../../../src/serve.ts', import.meta.url).href);
const running: Served = await serve(readConfig(process.env), over.signal, 'measure');
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
over.abort();
await running.ended;
process.exit();
