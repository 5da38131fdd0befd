import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** 99th percentiles of the event loop's delay, in milliseconds. */
export interface Delays {
  readonly busy: number;
  /** Of a loop that only spins, in turns of 5 ms: what the machine adds at the time is not ours. */
  readonly machine: number;
}

const ATTEMPTS = 8;

/** Delays while work goes on: the attempt with the least, of up to eight, as other processes disturb some of them. */
export async function delaysWhile(work: () => Promise<unknown>, enough: number): Promise<Delays> {
  let best: Delays | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = { machine: await delayWhile(spin), busy: await delayWhile(work) };
    if (best === undefined || found.busy - found.machine < best.busy - best.machine) best = found;
    if (best.busy < enough) return best;
  }
  if (best === undefined) throw new Error('nothing was measured');
  return best;
}

async function delayWhile(work: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 2 });
  delay.enable();
  await work();
  delay.disable();
  return delay.percentile(99) / 1e6;
}

async function spin(): Promise<void> {
  const ends = performance.now() + 1500;
  while (performance.now() < ends) {
    const turnEnds = performance.now() + 5;
    while (performance.now() < turnEnds);
    await nextTurn();
  }
}
