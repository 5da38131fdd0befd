import { setTimeout as delay } from 'node:timers/promises';
import { isNiiError, problemOf } from '../core/errors.ts';
import type { Log } from '../core/ports/process.ts';
import type { AuditSealing, AuditSeals } from '../core/ports/records/audit-seals.ts';
import type { Transactions, Turn, Turns } from '../core/ports/transactions.ts';
import { sealAudit } from './seal.ts';

export interface KeepAuditDeps {
  readonly records: Transactions<AuditSeals & AuditSealing> & Turns;
  readonly log: Log;
}

const SEAL_SECONDS = 60;

/**
 * Seals the audit every so many seconds until the signal, and once more at the end. One process does it at a time; the
 * others look as often whether it still does.
 */
export async function keepAudit(
  deps: KeepAuditDeps,
  signal: AbortSignal,
  everySeconds: number = SEAL_SECONDS,
): Promise<void> {
  while (!signal.aborted) {
    await inTurn(deps, signal, everySeconds);
    await pauseFor(everySeconds, signal);
  }
}

/** Goes on as long as this process has the turn. An unreachable database is no reason to end. */
async function inTurn({ records, log }: KeepAuditDeps, signal: AbortSignal, seconds: number): Promise<void> {
  const lost = new AbortController();
  let turn: Turn | undefined;
  try {
    turn = await records.takeTurn('audit', { waitMs: 0, onWanted: () => lost.abort() });
    const until = AbortSignal.any([signal, lost.signal]);
    for (;;) {
      await sealAudit(records);
      if (until.aborted) return;
      await pauseFor(seconds, until);
    }
  } catch (error) {
    if (isNiiError(error, 'NII_BUSY')) return;
    log.warn({ code: problemOf(error).code, err: error }, 'audit not sealed yet');
  } finally {
    await turn?.end();
  }
}

async function pauseFor(seconds: number, signal: AbortSignal): Promise<void> {
  await delay(seconds * 1000, undefined, { signal }).catch(() => undefined); // it ends early
}
