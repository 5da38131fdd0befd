import { setTimeout as delay } from 'node:timers/promises';
import { isNiiError, problemOf } from '../core/errors.ts';
import type { Log } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { SealWitness } from '../core/ports/seal-witness.ts';
import type { Transactions, Turn, Turns } from '../core/ports/transactions.ts';
import { noteNewestSeal } from './newest-seal.ts';
import { sealAudit } from './seal.ts';
import type { AuditStream } from './siem/stream.ts';

export interface KeepAuditDeps {
  readonly records: Transactions<
    Tx<'auditRowsIn' | 'sealWindow' | 'addSeal' | 'auditSeals' | 'newestChange'>
  > &
    Turns;
  readonly witnesses: readonly SealWitness[];
  readonly log: Log;
}

const SEAL_SECONDS = 60;
/** A SIEM hears of the audit by its seals. */
const SEAL_SECONDS_FOR_STREAM = 10;

/** Where sealed rows are sent to. */
type Stream = Pick<AuditStream, 'sendNew' | 'end'>;

/**
 * Seals the audit every this many seconds until the signal, and once more at the end, and sends what is sealed to the
 * stream, if there is one. One process does it at a time; the others look as often whether it still does.
 */
export async function keepAudit(
  deps: KeepAuditDeps,
  signal: AbortSignal,
  stream?: Stream,
  everySeconds: number = stream === undefined ? SEAL_SECONDS : SEAL_SECONDS_FOR_STREAM,
): Promise<void> {
  while (!signal.aborted) {
    await inTurn(deps, signal, everySeconds, stream);
    await pauseFor(everySeconds, signal);
  }
}

/** Goes on as long as this process has the turn. An unreachable database is no reason to end. */
async function inTurn(
  deps: KeepAuditDeps,
  signal: AbortSignal,
  seconds: number,
  stream?: Stream,
): Promise<void> {
  const { records, log } = deps;
  const lost = new AbortController();
  let turn: Turn | undefined;
  try {
    turn = await records.takeTurn('audit', { waitMs: 0, onWanted: () => lost.abort() });
    const until = AbortSignal.any([signal, lost.signal]);
    for (;;) {
      await sealAudit(records, undefined, () => noteSeals(deps));
      const isMore = await stream?.sendNew();
      if (until.aborted) return;
      if (isMore !== true) await pauseFor(seconds, until);
    }
  } catch (error) {
    if (isNiiError(error, 'NII_BUSY')) return;
    log.warn({ code: problemOf(error).code, err: error }, 'audit not sealed yet');
  } finally {
    if (turn !== undefined) await stream?.end();
    await turn?.end();
  }
}

/** A witness that does not agree is left alone: the start and `nii verify` report it. */
async function noteSeals({ records, witnesses, log }: KeepAuditDeps): Promise<void> {
  for (const witness of witnesses) {
    try {
      await noteNewestSeal(records, witness);
    } catch (err) {
      if (witness.isPart) throw err;
      log.error({ err }, `the newest seal is not noted in the ${witness.name} yet`);
    }
  }
}

async function pauseFor(seconds: number, signal: AbortSignal): Promise<void> {
  await delay(seconds * 1000, undefined, { signal }).catch(() => undefined); // it ends early
}
