import { monitorEventLoopDelay } from 'node:perf_hooks';

/** 99th percentile of the event loop's delay in milliseconds. */
export async function delayWhile(work: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 2 });
  delay.enable();
  await work();
  delay.disable();
  return delay.percentile(99) / 1e6;
}
