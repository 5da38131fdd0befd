import { sql } from 'kysely';
import type { Scope } from '../../../core/access.ts';
import type { Case, QueueBand } from '../../../core/case/case.ts';
import { ineligibleReaders } from '../../../core/case/not-readers.ts';
import type { QueueFilter } from '../../../core/ports/records/cases.ts';
import type { Tx } from '../../../core/ports/records.ts';
import type { SqlTx } from '../database.ts';
import { keptPlan } from '../kept-plans.ts';
import { fromCursor, instant, pageOf, siteOf } from './cursor.ts';
import { drawCase } from './draw.ts';
import { keepHandBacks, lockCases } from './hand-backs.ts';
import { rejectUnlessContinued } from './history.ts';
import { listed } from './lists/case-lists.ts';
import { withdrawOffers } from './lists/comparisons.ts';
import { heldBy, reached } from './reach.ts';

type CaseRecords = Tx<
  | 'lockCase'
  | 'saveCase'
  | 'case'
  | 'casesOfScan'
  | 'queue'
  | 'countQueue'
  | 'loadOfCases'
  | 'drawCase'
  | 'caseInHand'
  | 'casesPastLease'
>;

export function caseRecords(tx: SqlTx): CaseRecords {
  return {
    async saveCase(value) {
      const row = caseRow(value);
      // One with a past is there already, but for one that is read back from its snapshots
      const isReplaced = value.history.length > 1 && (await replaceCase(tx, value, row));
      if (!isReplaced && !(await insertCase(tx, row))) await replaceCase(tx, value, row);
      if (value.state !== 'claimed') await withdrawOffers(tx, value.id);
      await keepHandBacks(tx, value);
    },
    async case(scope, id) {
      return (await caseQuery(tx, scope, id).executeTakeFirst())?.body;
    },
    async lockCase(scope, id) {
      return (await caseQuery(tx, scope, id).forUpdate().executeTakeFirst())?.body;
    },
    async casesOfScan(scanId) {
      const query = tx.selectFrom('cases').select('body').where('scan_id', '=', scanId).orderBy('id');
      return (await query.execute()).map((row) => row.body);
    },
    async queue(scope, filter, limit, cursor) {
      if (filter.states.length === 0) return { rows: [] };
      const rows = await queueQuery(tx, scope, filter, cursor)
        .limit(limit + 1)
        .execute();
      return pageOf(
        rows,
        limit,
        (row) => row.body,
        (row) => [row.priority, row.id],
      );
    },
    countQueue: (scope, at) => countQueue(tx, scope, at),
    loadOfCases: (scope, at) => countOpenCases(tx, scope, at),
    drawCase: (scope, drawing) => drawCase(tx, scope, drawing),
    async caseInHand(administration, reader) {
      const row = await tx
        .selectFrom('cases as held')
        .modifyFront(keptPlan)
        .select('body')
        .where('administration', '=', administration)
        .where(heldBy(reader))
        .orderBy('lease_until', 'desc')
        .orderBy('id')
        .executeTakeFirst();
      return row?.body;
    },
    casesPastLease: (at, limit) =>
      lockCases(
        tx,
        sql`state = 'claimed' and lease_until < ${instant(at)}::timestamptz`,
        'lease_until',
        limit,
      ),
  };
}

type CaseRow = ReturnType<typeof caseRow>;

async function insertCase(tx: SqlTx, row: CaseRow): Promise<boolean> {
  const inserted = await tx
    .insertInto('cases')
    .values(row)
    .onConflict((at) => at.column('id').doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted !== undefined;
}

/** Whether there was one to replace. @throws NII_CONFLICT where `value` does not go on from it */
async function replaceCase(tx: SqlTx, value: Case, row: CaseRow): Promise<boolean> {
  const stored = await tx
    .selectFrom('cases')
    .select('body')
    .where('id', '=', value.id)
    .forUpdate()
    .executeTakeFirst();
  if (stored === undefined) return false;
  rejectUnlessContinued('case', stored.body.history, value.history);
  await tx.updateTable('cases').set(row).where('id', '=', value.id).execute();
  return true;
}

function caseQuery(tx: SqlTx, scope: Scope, id: string) {
  return tx
    .selectFrom('cases')
    .select('body')
    .where('id', '=', id)
    .where('administration', '=', scope.administration)
    .where(reached(scope, sql.ref('cases.scan_id')))
    .$if(siteOf(scope) !== undefined, (query) => query.where('site', '=', scope.site));
}

function casesWithin(tx: SqlTx, scope: Scope) {
  const query = tx
    .selectFrom('cases')
    .where('administration', '=', scope.administration)
    .where(reached(scope, sql.ref('cases.scan_id')));
  return siteOf(scope) === undefined ? query : query.where('site', '=', scope.site);
}

const pastDue = (at: string) =>
  sql<string>`count(*) filter (where due < ${instant(at)}::timestamptz)`.as('past_due');

async function countQueue(tx: SqlTx, scope: Scope, at: string) {
  const rows = await casesWithin(tx, scope)
    .select(({ fn }) => ['band', fn.countAll<string>().as('waiting'), pastDue(at)])
    .where('state', '=', 'queued')
    .groupBy('band')
    .execute();
  const waitingIn = (band: QueueBand) => Number(rows.find((row) => row.band === band)?.waiting ?? 0);
  return {
    bands: { high: waitingIn('high'), raised: waitingIn('raised'), routine: waitingIn('routine') },
    pastDue: rows.reduce((sum, row) => sum + Number(row.past_due), 0),
  };
}

async function countOpenCases(tx: SqlTx, scope: Scope, at: string) {
  const rows = await casesWithin(tx, scope)
    .select(({ fn }) => [
      'state',
      'band',
      fn.countAll<string>().as('cases'),
      fn.min('due').as('first_due'),
      pastDue(at),
    ])
    .where('state', '<>', 'closed')
    .groupBy(['state', 'band'])
    .execute();
  return rows.map(({ state, band, cases, first_due, past_due }) => ({
    state,
    band,
    cases: Number(cases),
    pastDue: Number(past_due),
    firstDueAt: new Date(first_due).toISOString(),
  }));
}

function queueQuery(tx: SqlTx, scope: Scope, filter: QueueFilter, cursor: string | undefined) {
  let query = casesWithin(tx, scope)
    .select(['id', 'priority', 'body'])
    .where('state', 'in', [...filter.states])
    .orderBy('priority')
    .orderBy('id');
  if (filter.container !== undefined) query = query.where('container', '=', filter.container);
  if (filter.escalated === true) query = query.where('escalated_at', 'is not', null);
  if (cursor === undefined) return query;
  const [priority, id] = fromCursor(cursor, ['number', 'string']);
  return query.where(sql<boolean>`(priority, id) > (${Number(priority)}::float8, ${String(id)})`);
}

/** Of goods that are as they ought to be: decided normal, nothing found, released and closed. */
function referenceSince({ state, verdicts, outcome, releasedAt, releasedWhileOpen }: Case): string | null {
  const isNormal = verdicts.length > 0 && verdicts.every(({ kind }) => kind === 'normal');
  const isClear = outcome === undefined && releasedWhileOpen === undefined;
  return state === 'closed' && isNormal && isClear && releasedAt !== undefined ? instant(releasedAt) : null;
}

export function caseRow(value: Case) {
  return {
    id: value.id,
    administration: value.administration,
    site: value.site,
    scan_id: value.scanId,
    state: value.state,
    band: value.band,
    priority: value.priority,
    container: value.container ?? null,
    lease_until: value.claim === undefined ? null : instant(value.claim.until),
    analysts: [...ineligibleReaders(value)],
    claimant: value.claim?.analyst ?? null,
    is_read: value.verdicts.length > 0,
    declarations: value.declarations ?? [],
    due: instant(value.dueAt),
    due_told: value.escalatedAt !== undefined || value.state === 'closed',
    escalated_at: value.escalatedAt === undefined ? null : instant(value.escalatedAt),
    stands_at: value.undoWindow === undefined ? null : instant(value.undoWindow.until),
    opened: value.history[0] === undefined ? null : instant(value.history[0].at),
    ...listed(value),
    reference_since: referenceSince(value),
    body: JSON.stringify(value),
  };
}
