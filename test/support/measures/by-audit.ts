import { sql } from 'kysely';
import type { Database } from '../../../src/adapters/postgres/database.ts';

/** The figures of a month by other means: the audit says which moves people made, and the history of the case what was said. */

interface Audited {
  readonly id: string;
  readonly at: string;
  readonly action: string;
  readonly kinds: readonly string[];
  readonly said: string | null;
  readonly drawn: number | null;
  readonly extent: string | null;
}

export interface AuditedCase {
  readonly id: string;
  readonly site: string;
  readonly scanner: string | null;
  readonly arrived: number;
  /** Undefined: the file says none, or one after the arrival. */
  readonly scanned: number | undefined;
  readonly due: number;
  readonly percentile: number | null;
  readonly readings: readonly {
    readonly at: number;
    readonly said: string;
    readonly isSettlement: boolean;
  }[];
  readonly isReadable: boolean;
  readonly claimed?: number;
  readonly closed?: number;
  readonly settled?: number;
  readonly isReferred: boolean;
  readonly drawnShare?: number;
  readonly first?: string;
  readonly second?: string;
  readonly final?: string;
  readonly outcome?: string;
}

export async function auditedCases(database: Pick<Database, 'transaction'>): Promise<readonly AuditedCase[]> {
  return database.transaction(async (tx) => {
    const cases = await sql<{
      id: string;
      site: string;
      scanner: string | null;
      arrived: Date;
      scanned: Date | null;
      due: Date;
      percentile: number | null;
    }>`select c.id, c.site, o.scanner, s.received as arrived, c.due,
        case when s.acquired_at is not null then s.taken end as scanned, (c.body ->> 'anomalyPercentile')::float8 as percentile
      from cases c join scans s on s.id = c.scan_id left join observations o on o.scan_id = s.id`.execute(tx);
    const moves = await sql<Audited>`with told as (
        select subject as id, at, action, (detail ->> 'seq')::int as until,
          coalesce(lag((detail ->> 'seq')::int) over (partition by subject order by seq), 1) as since
        from audit where action like 'change case: %')
      select told.id, told.at::text, told.action,
        array_agg(event ->> 'kind' order by place) as kinds,
        max(event -> 'detail' ->> 'kind') as said, max(event -> 'detail' ->> 'extent') as extent, max((event -> 'detail' ->> 'drawnShare')::float8) as drawn
      from told join cases on cases.id = told.id
      cross join lateral json_array_elements(cases.body -> 'history') with ordinality as history (event, place)
      where place > told.since and place <= told.until
      group by told.id, told.at, told.action, told.until order by told.id, told.until`.execute(tx);
    const movesOf = new Map<string, Audited[]>();
    for (const move of moves.rows) movesOf.set(move.id, [...(movesOf.get(move.id) ?? []), move]);
    return cases.rows.map(({ arrived, scanned, due, ...one }) => {
      const at = arrived.getTime();
      const known = scanned !== null && scanned.getTime() <= at ? scanned.getTime() : undefined;
      return {
        ...one,
        arrived: at,
        scanned: known,
        due: due.getTime(),
        ...played(movesOf.get(one.id) ?? []),
      };
    });
  });
}

type Played = Omit<AuditedCase, 'id' | 'site' | 'scanner' | 'arrived' | 'scanned' | 'due' | 'percentile'>;

/** What the moves come to, one after the other. */
function played(moves: readonly Audited[]): Played {
  const all: { at: number; said: string; isSettlement: boolean }[] = [];
  let since: typeof all = [];
  let isReadable = true;
  let claimed: number | undefined;
  let closed: number | undefined;
  let outcome: string | undefined;
  let isReferred = false;
  let drawnShare: number | undefined;
  let isOpen = true;
  for (const { at: text, action, kinds, said, drawn, extent } of moves) {
    const at = new Date(text).getTime();
    const what = action.replace('change case: ', '');
    if (what === 'claim') claimed ??= at;
    if (what === 'reopen') {
      since = [];
      outcome = undefined;
      closed = undefined;
    }
    if (said !== null && (what === 'decide' || what === 'settle')) {
      const reading = { at, said, isSettlement: what === 'settle' };
      all.push(reading);
      since.push(reading);
    }
    if (kinds.includes('referred') && !isReferred) {
      isReferred = true;
      drawnShare = drawn ?? undefined;
    }
    if (what === 'outcome') outcome = said ?? undefined;
    isReadable =
      what === 'claim' || what === 'release' || what === 'reopen' || kinds.includes('second-opinion-due');
    isOpen = kinds.includes('disputed') || kinds.includes('referred') || what === 'refer';
    const isInPart = said === 'nothing-found' && extent !== 'full';
    if (what === 'close' || what === 'accept search' || (what === 'outcome' && !isInPart)) closed = at;
  }
  if (isReadable) return { readings: all, isReadable, isReferred: false };
  const own = since.filter(({ isSettlement }) => !isSettlement);
  const last = since.at(-1);
  const words = since.map(({ said }) => said);
  const told = words.slice(words.findIndex((word) => word !== 'inconclusive'));
  const isFinal =
    last?.isSettlement === true || told.length === 1 || told.slice(0, -1).includes(told.at(-1) ?? '');
  const isAgreed = told.length !== 2 || told[0] === told[1] || last?.isSettlement === true;
  const final = isFinal && isAgreed ? last?.said : undefined;
  const letGo = final === 'normal' && outcome === undefined && !isOpen ? last?.at : undefined;
  return {
    readings: all,
    isReadable,
    isReferred,
    ...optional('claimed', claimed),
    ...optional('closed', closed),
    ...optional('settled', letGo ?? closed),
    ...optional('drawnShare', drawnShare),
    ...optional('first', own[0]?.said),
    ...optional('second', own[1]?.said),
    ...optional('final', final),
    ...optional('outcome', outcome),
  };
}

function optional<Name extends string, T>(name: Name, value: T | undefined): Partial<Record<Name, T>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, T>);
}
