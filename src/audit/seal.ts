import { isNiiError } from '../core/errors.ts';
import {
  type AuditSeal,
  HIGHEST_SEQ,
  type SealWindow,
  type StoredAuditRow,
} from '../core/ports/records/seals.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import { NO_SEAL, SealHash } from './seal-hash.ts';
import { gapsIn, mergeRanges, rangesOf, readRanges } from './seq-ranges.ts';

/**
 * A transaction that took a number and has not ended when its neighbours are sealed leaves a hole. For this long, counted
 * between seals, the row that appears in it is sealed late; after that it is one that nobody can have written in time.
 */
export const LATE_SECONDS = 3600;
const ROWS_A_SEAL = 10_000;
/** A run ends after this many seals, and the next one goes on. */
const SEALS_A_RUN = 1000;

type SealTx = Tx<'auditRowsIn' | 'sealWindow' | 'addSeal'>;

/**
 * Seals every row of the audit that has no seal yet. No writer of the audit waits for it. Where another process seals
 * at the same moment, one of the two has made the seal and the other ends.
 * @param beforeSeal - called before each seal, and once more when there is nothing left to seal
 * @returns how many rows were sealed
 */
export async function sealAudit(
  records: Transactions<SealTx>,
  rowsASeal = ROWS_A_SEAL,
  beforeSeal: () => Promise<void> = async () => {},
): Promise<number> {
  let rows = 0;
  for (let seals = 0; seals < SEALS_A_RUN; seals += 1) {
    await beforeSeal();
    const sealed = await addNextSeal(records, rowsASeal);
    if (sealed === 0) break;
    rows += sealed;
  }
  return rows;
}

async function addNextSeal(records: Transactions<SealTx>, rowsASeal: number): Promise<number> {
  try {
    return await records.transaction(async (tx) => {
      const seal = await nextSeal(tx, rowsASeal);
      if (seal === undefined) return 0;
      await tx.addSeal(seal);
      return seal.rows;
    });
  } catch (error) {
    if (isNiiError(error, 'NII_CONFLICT')) return 0;
    throw error;
  }
}

async function nextSeal(
  tx: Tx<'auditRowsIn' | 'sealWindow'>,
  rowsASeal: number,
): Promise<AuditSeal | undefined> {
  const window = await tx.sealWindow(LATE_SECONDS);
  const rows = await unsealedRows(tx, window, rowsASeal);
  const last = rows.at(-1);
  if (last === undefined) return undefined;
  const { newest, now } = window;
  const seal = {
    number: (newest?.number ?? 0) + 1,
    covers: rangesOf(rows.map(({ seq }) => seq)),
    rows: rows.length,
    highest: Math.max(newest?.highest ?? 0, last.seq),
    previous: newest?.sha256 ?? NO_SEAL,
    madeAt: now,
  };
  const hash = new SealHash(seal);
  for (const row of rows) hash.addRow(row);
  return { ...seal, sha256: hash.end() };
}

/** First those that appeared in holes, then what is above: one range alone is read in order, and no further than the limit. */
async function unsealedRows(
  tx: Tx<'auditRowsIn'>,
  { recent, newest, floor }: SealWindow,
  limit: number,
): Promise<readonly StoredAuditRow[]> {
  const highest = newest?.highest ?? 0;
  const sealed = mergeRanges(recent.flatMap(({ covers }) => readRanges(covers) ?? []));
  const late = await tx.auditRowsIn(gapsIn(sealed, floor, highest), floor, limit);
  if (late.length === limit) return late;
  const above = [highest + 1, HIGHEST_SEQ] as const;
  return [...late, ...(await tx.auditRowsIn([above], highest, limit - late.length))];
}
