import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../../src/adapters/postgres/database.ts';
import { openRecords } from '../../../src/adapters/postgres/records.ts';
import type { Records, RecordsTx } from '../../../src/core/ports/records.ts';
import type { ScanRow } from '../../../src/core/scan/stored-scan.ts';
import { type Converted, gathered, joinFor, near } from '../../../src/steps/radiation-candidates.ts';
import { undecided } from '../../../src/triage/site-rules.ts';
import { scanRow } from '../../support/contract/sample-records.ts';
import { freshDatabase } from '../../support/postgres/fresh-database.ts';
import { query } from '../../support/postgres-server.ts';
import { seededRandom } from '../../support/random.ts';

/**
 * Months of a busy port: 100,000 occupancies, as many X-ray scans, 1,500 holds; and a port on its first day.
 * Both are asked the same in turn, so that a slow machine is slow for both.
 */

const MANY = 100_000;
const FEW = 1_000;
/** Two occupancies of a lane are so far apart. */
const SECONDS_APART = 105;
/** Indexes are a level or two deeper, and more pages are touched; a table that is read whole takes twenty times as long. */
const MOST_TIMES = 2.5;
const ASKED = 200;
const begin = Date.UTC(2025, 0, 1);

const container = (column: string) => `'MSKU' || lpad((${column} % 1000000)::text, 7, '0')`;
const at = (column: string) =>
  `timestamptz '2025-01-01Z' + make_interval(secs => ${column} * ${SECONDS_APART})`;
const fill = (occupancies: number) => [
  `insert into radiation (scan_id, record_id, administration, site, starts, ends, containers, joined, body)
    select 'portal-' || (i / 500), 'occupancy-' || (i % 500 + 1), 'utopia', 'harbour', ${at('i')},
      ${at('i')} + interval '8 seconds', array[${container('i')}], array['scan-' || i],
      json_build_object('scanId', 'portal-' || (i / 500), 'recordId', 'occupancy-' || (i % 500 + 1))
    from generate_series(0, ${occupancies - 1}) as i`,
  // what triggers count of each scan is not asked here; 100,000 changes of one count in one transaction take minutes
  'alter table scans disable trigger user',
  `insert into scans (id, administration, site, converter, group_key, state, revision, purpose, received_at,
      acquired_at, completeness, containers, senders, received, taken)
    select 'scan-' || i, 'utopia', 'harbour', 'fake', 'g' || i, 'analysed', 1, 'operational', '2025-01-01T00:00:00.000Z',
      null, 'full', array[${container('i')}], array['key'], ${at('i')}, ${at('i')}
    from generate_series(0, ${occupancies - 1}) as i`,
  'alter table scans enable trigger user',
  `insert into holds (id, administration, site, scan_id, state, opened, bears_on, identity, content, body)
    select 'hold-' || i, 'utopia', 'harbour', 'portal-' || (i / 500), case when i % 1000 = 0 then 'open' else 'innocent' end,
      ${at('i')}, array['portal-' || (i / 500), 'scan-' || i], 'key-' || i, 'content-' || i,
      json_build_object('id', 'hold-' || i, 'join', json_build_object('kind', 'none'))
    from generate_series(0, ${occupancies - 1}, 67) as i`,
  // as autovacuum does: what waits to go into the indexes of containers would be read each time
  'vacuum analyze',
];

interface Port {
  records: Records;
  occupancies: number;
}
let busy: Port;
let fresh: Port;
const ends: (() => Promise<unknown>)[] = [];

async function portWith(occupancies: number): Promise<Port> {
  const { url, ownerUrl, drop } = await freshDatabase();
  ends.push(drop);
  for (const sql of fill(occupancies)) await query(ownerUrl, sql);
  const records = openRecords(await openDatabase(url));
  ends.push(() => records.close());
  return { records, occupancies };
}

beforeAll(async () => {
  busy = await portWith(MANY);
  fresh = await portWith(FEW);
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

type Question = (tx: RecordsTx, i: number) => Promise<unknown>;

/**
 * Milliseconds of one question at a moment drawn from all that the port has, in a transaction of its own. It is asked once
 * before: the busy port is larger than what its server keeps in memory, and a busy disk is no matter of indexes.
 */
async function timed(port: Port, share: number, ask: Question): Promise<number> {
  let took = Number.NaN;
  await port.records.transaction(async (tx) => {
    const at = Math.floor(share * port.occupancies);
    await ask(tx, at);
    const started = performance.now();
    await ask(tx, at);
    took = performance.now() - started;
  });
  return took;
}

const medianOf = (took: readonly number[]) => took.toSorted((a, b) => a - b)[took.length >> 1] ?? Number.NaN;

/** How many times as long the busy port takes, by the medians. */
async function timesAsLong(what: string, ask: Question): Promise<number> {
  const random = seededRandom(300);
  const took = { busy: [] as number[], fresh: [] as number[] };
  for (let n = 0; n < ASKED; n += 1) {
    const share = random();
    took.fresh.push(await timed(fresh, share, ask));
    took.busy.push(await timed(busy, share, ask));
  }
  const [many, few] = [medianOf(took.busy), medianOf(took.fresh)];
  console.log(`${what}: ${many.toFixed(2)} ms among ${MANY}, ${few.toFixed(2)} ms among ${FEW}`);
  return many / few;
}

const timeOf = (i: number) => new Date(begin + i * SECONDS_APART * 1000).toISOString();
function scanAt(i: number): ScanRow {
  const containers = [`MSKU${String(i % 1_000_000).padStart(7, '0')}`];
  return scanRow({
    id: `scan-${i}`,
    administration: 'utopia',
    site: 'harbour',
    acquiredAt: timeOf(i),
    containers,
  });
}

/** As far as the question looks into it. */
const convertedAt = (i: number) =>
  ({
    row: { converter: { id: 'fake' }, meta: {} },
    record: { acquired: { utc: timeOf(i), zone: 'stated' }, source: {} },
  }) as unknown as Converted;

describe(`among ${MANY} stored occupancies, in at most ${MOST_TIMES} times the time among ${FEW}`, () => {
  test('the occupancies near an X-ray scan are found', async () => {
    const times = await timesAsLong('occupancies near a scan', async (tx, i) => {
      const found = await near(tx, undecided, scanAt(i), convertedAt(i));
      expect(found.length).toBeGreaterThan(0);
    });
    expect(times).toBeLessThanOrEqual(MOST_TIMES);
  });

  test('the X-ray scan of an occupancy is found', async () => {
    const times = await timesAsLong('scan of an occupancy', async (tx, i) => {
      const portal = scanRow({ id: 'portal-new', administration: 'utopia', site: 'harbour' });
      const link = {
        scanId: portal.id,
        recordId: 'occupancy-1',
        revision: 1,
        from: timeOf(i),
        to: timeOf(i),
        timeFrom: 'file' as const,
        containers: scanAt(i).containers.slice(),
        alarms: [],
        join: { kind: 'none' as const, why: 'not joined yet' },
      };
      const candidates = gathered(tx, undecided);
      const passage = { isZoneStated: true, receivedAt: timeOf(i), from: timeOf(i), to: timeOf(i) };
      await joinFor(tx, undecided, candidates, portal, link, { views: [] } as never, passage);
    });
    expect(times).toBeLessThanOrEqual(MOST_TIMES);
  });

  test('the hold of an occupancy, and those that are unjoined, are found', async () => {
    const place = { administration: 'utopia', site: 'harbour' };
    const hold = await timesAsLong('hold of an occupancy', async (tx, i) => {
      const held = i - (i % 67);
      expect(await tx.holdsOfOccupancy(place, `key-${held}`)).toHaveLength(1);
      expect(await tx.holdsOfContent(place, `content-${held}`)).toHaveLength(1);
    });
    const unjoined = await timesAsLong('unjoined holds', (tx) => tx.unjoinedHolds(place));
    expect(Math.max(hold, unjoined)).toBeLessThanOrEqual(MOST_TIMES);
  });
});
