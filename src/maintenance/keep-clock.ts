import { setTimeout as delay } from 'node:timers/promises';
import { problemOf } from '../core/errors.ts';
import type { ClockWatch } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import { CLOCK_CONFIRMED } from '../core/rules/service-hold.ts';
import {
  type Opening,
  type OpenServiceHoldsDeps,
  type OpenServiceHoldsTx,
  openServiceHolds,
} from '../stored/service-holds.ts';

/** What withholds instructions while the clock of the service cannot be believed (docs/decisions/0071-after-a-gap.md). */

export interface CheckClockDeps extends OpenServiceHoldsDeps {
  readonly records: Transactions<OpenServiceHoldsTx & Tx<'latestAuditTime'>> & Locks;
}

export interface KeepClockDeps extends OpenServiceHoldsDeps {
  readonly clockWatch: ClockWatch;
}

const LOOK_MS = 5_000;
/** The clock may be behind the newest row of the audit by this much. */
const MOST_BEHIND_MS = 60_000;

/** Compares the clock with what was written last, before this process issues an instruction. */
export async function checkClockAtStart(deps: CheckClockDeps): Promise<void> {
  const latest = await deps.records.transaction((tx) => tx.latestAuditTime(CLOCK_CONFIRMED));
  const now = deps.clock.now();
  if (latest === undefined || latest.getTime() - now.getTime() <= MOST_BEHIND_MS) return;
  await openServiceHolds(deps, {
    cause: 'clock',
    reason: `At the start the clock said ${now.toISOString()}, but the audit has an entry of ${latest.toISOString()}`,
    since: latest,
    signs: [`start ${latest.toISOString()}`],
  });
}

/** Looks at the clock every few seconds until the signal. A jump that cannot be stored yet is tried again. */
export async function keepClock(deps: KeepClockDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await lookAtClock(deps).catch((err: unknown) =>
      deps.log.error(
        { code: problemOf(err).code, err },
        'the clock jumped, and only this process knows it yet',
      ),
    );
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined); // it ends early
  }
}

/** Tells all processes of a jump that this one has noticed. */
export async function lookAtClock(deps: KeepClockDeps): Promise<void> {
  const jump = deps.clockWatch.jump();
  if (jump === undefined) return;
  const { seconds, expected, found } = jump;
  const opening: Opening = {
    cause: 'clock',
    reason: `The clock jumped by ${seconds} s, from ${expected.toISOString()} to ${found.toISOString()}`,
    since: expected,
    signs: [`jump ${expected.toISOString()}`],
  };
  await openServiceHolds(deps, opening);
  deps.clockWatch.noted();
}
