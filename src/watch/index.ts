import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { defined } from '../core/defined.ts';
import { isNiiError, NiiError } from '../core/errors.ts';
import type { Report } from './events.ts';
import { Journal } from './journal.ts';
import { lockState } from './lock.ts';
import type { WatchClock, WatchOptions } from './options.ts';
import type { Recognising } from './plan.ts';
import { Sender } from './send/sender.ts';
import type { Target } from './send/service.ts';
import { readStatus, type WatchStatus } from './status.ts';
import { Watcher } from './watcher.ts';

export type { WatchEvent } from './events.ts';
export type { WatchOptions } from './options.ts';
export type { Target } from './send/service.ts';
export type { WatchStatus } from './status.ts';

export interface WatchCall {
  readonly options: WatchOptions;
  readonly target: Target;
  readonly recognising: Recognising;
  readonly report: Report;
  readonly signal: AbortSignal;
  readonly clock?: WatchClock;
  readonly random?: () => number;
}

/** The clock of this machine; tests slow it down. */
export const machineClock: WatchClock = {
  now: () => performance.timeOrigin + performance.now(),
  wall: () => Date.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, { signal }).catch(() => {});
  },
};

/**
 * Watches a folder and sends what comes into it, until the signal.
 * @throws NII_CONFIG where another watcher has the state folder or takes it, or it cannot be written
 */
export async function watchFolder(call: WatchCall): Promise<WatchStatus> {
  const { options, clock = machineClock, target, random, ...parts } = call;
  const lock = await usableState(options.stateDir, lockState);
  try {
    const journal = await usableState(options.stateDir, Journal.open);
    try {
      const signal = AbortSignal.any([call.signal, lock.lost]);
      const sender = new Sender(target, journal, options, clock);
      const own = defined({ random });
      const status = await new Watcher({ ...parts, options, clock, journal, sender, signal, ...own }).run();
      if (!lock.lost.aborted) return status;
      throw new NiiError('NII_CONFIG', `Another nii watch uses the state folder ${options.stateDir}`);
    } finally {
      await journal.close();
    }
  } finally {
    await lock.free();
  }
}

async function usableState<T>(stateDir: string, use: (stateDir: string) => Promise<T>): Promise<T> {
  try {
    await mkdir(stateDir, { recursive: true });
    return await use(stateDir);
  } catch (cause) {
    if (isNiiError(cause)) throw cause;
    const detail = `The state folder ${stateDir} cannot be written; name another with --state`;
    throw new NiiError('NII_CONFIG', { detail, cause });
  }
}

/** How a watcher is: what it last said, with the totals of its journal. @throws NII_NOT_FOUND where none has run */
export async function watchStatus(stateDir: string): Promise<WatchStatus> {
  const said = await readStatus(stateDir);
  if (said === undefined)
    throw new NiiError('NII_NOT_FOUND', `No nii watch has used the state folder ${stateDir}`);
  return { ...said, ...(await Journal.totalsIn(stateDir)) };
}
