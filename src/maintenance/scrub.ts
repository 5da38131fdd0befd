import { setTimeout as delay } from 'node:timers/promises';
import { isNiiError, problemOf } from '../core/errors.ts';
import type { Clock, Log } from '../core/ports/process.ts';
import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Locks, Transactions, Turns } from '../core/ports/transactions.ts';
import { securityEvent } from '../core/security-event.ts';
import { type CheckDeps, checkObject } from './check-object.ts';

/** How often and how fast stored objects are read again. */
export interface ScrubTerms {
  /** 0: never. */
  readonly days: number;
  readonly bytesPerSecond: number;
}

interface CheckOneDeps extends Omit<CheckDeps, 'records'> {
  readonly records: Transactions<Tx<'object' | 'noteCheck' | 'audit'>> & Locks;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ScrubDeps extends CheckOneDeps {
  readonly records: Transactions<Tx<'object' | 'objectsCheckedBefore' | 'noteCheck' | 'audit'>> &
    Locks &
    Turns;
  readonly scrub: ScrubTerms;
}

const LOOK_MS = 60_000;
const DAY_MS = 24 * 3_600_000;
/** A faulty object is read again after this time: somebody may have restored it. */
const FAULTY_AGAIN_MS = 3_600_000;
const PAGE = 100;

/**
 * Reads each stored object again some days after it was last compared with its hash, slowly, until the signal. Of several
 * processes one does so at a time.
 */
export async function scrub(deps: ScrubDeps, signal: AbortSignal): Promise<void> {
  if (deps.scrub.days === 0) return;
  while (!signal.aborted) {
    await scrubDue(deps, signal).catch((err: unknown) => {
      if (isNiiError(err, 'NII_BUSY')) return; // another process does it
      deps.log.warn({ code: problemOf(err).code, err }, 'stored objects not checked');
    });
    await pause(LOOK_MS, signal);
  }
}

/** Checks all objects that are due. @returns how many. @throws NII_BUSY while another process does so */
export async function scrubDue(deps: ScrubDeps, signal: AbortSignal): Promise<number> {
  const { records, clock, scrub: terms } = deps;
  const turn = await records.takeTurn('scrub', { waitMs: 0 });
  try {
    for (let checked = 0; ; ) {
      const due = new Date(clock.now().getTime() - terms.days * DAY_MS);
      const rows = await records.transaction((tx) => tx.objectsCheckedBefore(due.toISOString(), PAGE));
      for (const row of rows) {
        if (signal.aborted) return checked;
        const begun = performance.now();
        await checkOne(deps, row, due);
        checked += 1;
        const shouldTakeMs = (1000 * row.bytes) / terms.bytesPerSecond;
        await pause(shouldTakeMs - (performance.now() - begun), signal);
      }
      if (rows.length < PAGE) return checked;
    }
  } finally {
    await turn.end();
  }
}

/** What cannot be read is in the log and the audit already: the store tells of it. */
async function checkOne(
  { records, clock, log, ...deps }: CheckOneDeps,
  row: ObjectRow,
  due: Date,
): Promise<void> {
  const { key, sha256 } = row;
  const { fault, repaired, obstacle } = await checkObject({ ...deps, records }, row);
  const at = fault === undefined ? clock.now() : new Date(due.getTime() + FAULTY_AGAIN_MS);
  if (repaired !== undefined) log.info({ key, fault: repaired }, 'stored object repaired from the replica');
  if (obstacle !== undefined) log.warn({ key, err: obstacle }, 'stored object not repaired');
  await records.transaction(async (tx) => {
    await tx.noteCheck(key, sha256, { at: at.toISOString(), fault });
    if (repaired !== undefined) await tx.audit(securityEvent('object repaired', key, { fault: repaired }));
  });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { signal }).catch(() => undefined); // it ends early
}
