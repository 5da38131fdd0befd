import { type RawBuilder, sql } from 'kysely';
import type { Measured, MeasuredCase } from '../../../../core/measures/measured-case.ts';
import type { Tx } from '../../../../core/ports/records.ts';
import type { SqlTx } from '../../database.ts';
import { instant } from '../cursor.ts';

type MeasuredRecords = Tx<'saveMeasured' | 'saveRebuilt' | 'keepInstructed'>;

/** What the measures count, kept with each move of a case. */
export function measuredRecords(tx: SqlTx): MeasuredRecords {
  return {
    saveMeasured: (measured) => save(tx, measured, { queued: sql`now()`, is_instruction_unknown: false }),
    saveRebuilt: (measured) =>
      save(tx, measured, { queued: null, is_instruction_unknown: measured.value.decidedAt !== undefined }),
    async keepInstructed(scanId, at) {
      await tx
        .updateTable('measured_cases')
        .set({ instructed: instant(at) })
        .where('scan_id', '=', scanId)
        .where('instructed', 'is', null)
        .where('is_instruction_unknown', '=', false)
        .where(sql<boolean>`decided <= ${instant(at)}::timestamptz`)
        .execute();
    },
  };
}

/** What is only known when the row is made. */
interface AtFirst {
  readonly queued: RawBuilder<string> | null;
  readonly is_instruction_unknown: boolean;
}

async function save(tx: SqlTx, measured: Measured, atFirst: AtFirst): Promise<void> {
  const row = measuredRow(measured.value);
  const { case_id: _, ...rest } = row;
  const converted = sql<string>`(select min(at) from changes
    where subject = ${row.scan_id} and kind = 'scan.converted')`;
  await tx
    .insertInto('measured_cases')
    .values({ ...row, ...atFirst, converted })
    .onConflict((at) => at.column('case_id').doUpdateSet(rest))
    .execute();
  const readings = readingRows(measured);
  if (readings.length === 0) return;
  await tx
    .insertInto('measured_readings')
    .values(readings)
    .onConflict((at) => at.doNothing())
    .execute();
}

export function measuredRow(value: MeasuredCase) {
  const time = (at: string | undefined) => (at === undefined ? null : instant(at));
  return {
    case_id: value.caseId,
    scan_id: value.scanId,
    administration: value.administration,
    site: value.site,
    arrived: instant(value.arrivedAt),
    due: instant(value.dueAt),
    percentile: value.percentile ?? null,
    claimed: time(value.claimedAt),
    decided: time(value.decidedAt),
    settled: time(value.settledAt),
    referred: time(value.referredAt),
    searched: time(value.searchedAt),
    closed: time(value.closedAt),
    first_verdict: value.firstVerdict ?? null,
    second_verdict: value.secondVerdict ?? null,
    final_verdict: value.finalVerdict ?? null,
    drawn_share: value.drawnShare ?? null,
    outcome: value.outcome ?? null,
  };
}

export function readingRows({ value, readings }: Measured) {
  return readings.map(({ seq, at, person, verdict, isSettlement }) => ({
    case_id: value.caseId,
    seq,
    scan_id: value.scanId,
    administration: value.administration,
    site: value.site,
    at: instant(at),
    person,
    verdict,
    is_settlement: isSettlement,
  }));
}
