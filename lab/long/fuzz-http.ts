import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { openFuzzedService } from '../../test/support/fuzz/fuzzed-service.ts';
import { fuzzHttp } from '../http-fuzz/fuzz-http.ts';
import { formatFaults } from '../http-fuzz/show.ts';
import type { SeenFault } from '../http-fuzz/tally.ts';
import type { Part, SliceResult, SliceTask } from './part.ts';

const TELL_MS = 10_000;
/** One slice in this many meets the default limits: one key asks everything, no setting raised. */
const ONE_KEY_ONE_IN = 4;

/** A slice starts a service of its own, so it takes half a minute longer than asked. */
export const fuzzInterface: Part = {
  name: 'fuzz-http',
  summary: 'requests of every kind to every operation, judged by the description (docs/how-to/fuzzing.md)',
  unit: 'requests',
  slice: fuzzSlice,
};

async function fuzzSlice(task: SliceTask): Promise<SliceResult> {
  const isOneKey = task.number % ONE_KEY_ONE_IN === ONE_KEY_ONE_IN - 1;
  const service = await openFuzzedService({ isOneKey });
  let toldAt = Date.now();
  try {
    const { requests, faults } = await fuzzHttp({
      ...service,
      seed: task.seed + task.number,
      requests: Number.MAX_SAFE_INTEGER,
      until: Date.now() + task.seconds * 1000,
      progress: (tally) => {
        if (Date.now() - toldAt < TELL_MS) return;
        toldAt = Date.now();
        task.progress(`${tally.requests} requests, ${tally.faults.length} kinds of fault`);
      },
    });
    if (faults.length > 0) keep(task, faults, service.log());
    return {
      of: isOneKey ? 'default limits' : 'many keys',
      count: requests,
      faults: faults.map(({ kind, detail, count }) => `${count} × ${kind}: ${detail}`),
    };
  } finally {
    await service.stop();
  }
}

function keep({ keep: folder, number }: SliceTask, faults: readonly SeenFault[], log: string): void {
  writeFileSync(
    path.join(folder, `slice-${number}.json`),
    `${JSON.stringify(formatFaults(faults), null, 2)}\n`,
  );
  writeFileSync(path.join(folder, `slice-${number}.log`), log);
}
