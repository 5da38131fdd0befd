import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../../src/adapters/postgres/database.ts';
import { openRecords } from '../../../src/adapters/postgres/records.ts';
import type { InstanceFilter, InstanceRow } from '../../../src/core/ports/records/instances.ts';
import type { Records } from '../../../src/core/ports/records.ts';
import { scanRow } from '../../support/contract/sample-records.ts';
import { freshDatabase } from '../../support/postgres/fresh-database.ts';
import { query } from '../../support/postgres-server.ts';
import { runs } from '../../support/search-size.ts';

/** Letters in both cases, what patterns and `like` read, and characters beyond ASCII, of which one is lower case in some locales alone. */
const letters = fc.constantFrom(...'aAbBcC12_%\\- .éÉKß漢😀');
const value = fc.string({ unit: letters, minLength: 1, maxLength: 9 });
const pattern = fc.string({
  unit: fc.oneof({ arbitrary: letters, weight: 3 }, fc.constantFrom('*', '?')),
  minLength: 1,
  maxLength: 9,
});

interface Stored {
  readonly administration: 'utopia' | 'elsewhere';
  readonly patient: string;
  readonly containers: readonly string[];
}

let database: Awaited<ReturnType<typeof freshDatabase>>;
let records: Records;

beforeAll(async () => {
  database = await freshDatabase();
  records = openRecords(await openDatabase(database.url));
});

afterAll(async () => {
  await records?.close();
  await database?.drop();
});

const all = { matches: [], reports: 'all' } as const;

function instanceRow({ administration, patient }: Stored, number: number): InstanceRow {
  const uid = `1.2.${number}`;
  return {
    administration,
    site: number % 2 === 0 ? 'north' : 'south',
    key: `scans/${number}/a`,
    bytes: 1,
    sha256: 'ab',
    scanId: `scan-of-${number}`,
    revision: 1,
    source: 'dicos',
    studyUid: uid,
    seriesUid: `${uid}.1`,
    instanceUid: `${uid}.1.1`,
    sopClass: '1.2.840.10008.5.1.4.1.1.501.2.2',
    transferSyntax: '1.2.840.10008.1.2.1',
    modality: 'XRAY',
    frames: 1,
    headBytes: 2000,
    attributes: {
      '00080020': { vr: 'DA', Value: [`202601${String(1 + (number % 28)).padStart(2, '0')}`] },
      '00100020': { vr: 'LO', Value: [patient] },
      '00080050': { vr: 'SH', Value: [patient] },
    },
  };
}

async function store(values: readonly Stored[], first = 0): Promise<void> {
  await records.transaction(async (tx) => {
    for (const [at, one] of values.entries()) {
      const { scanId, key, ...row } = instanceRow(one, first + at);
      const { administration, site } = row;
      await tx.insertScan(scanRow({ id: scanId, administration, site, containers: one.containers }));
      await tx.putInstances([{ scanId, key, ...row }]);
      await tx.listInstances(scanId, [key]);
    }
  });
}

const clear = () => query(database.ownerUrl, 'truncate instances, revisions, scans');

/** What matches by the condition alone, in the order of answers. */
async function plain(like: string, site: string, accession: boolean): Promise<readonly string[]> {
  const text = like
    .replace(/[\\%_]/g, (char) => `\\${char}`)
    .replaceAll('*', '%')
    .replaceAll('?', '_')
    .replaceAll("'", "''");
  const holds = `exists (select from scans, unnest(containers) as number
    where scans.id = scan_id and number collate "C" ilike '${text}')`;
  const rows = await query(
    database.ownerUrl,
    `select study_uid from instances where administration = 'utopia' and ('${site}' in ('*', site))
      and (${accession ? 'accession' : 'patient_id'} ilike '${text}' ${accession ? '' : `or ${holds}`})
      order by study_date desc nulls last, study_uid`,
  );
  return rows.map(({ study_uid }) => String(study_uid));
}

async function found(
  like: string,
  site: string,
  limit: number,
  tag = '00100020',
): Promise<{ readonly studies: readonly string[]; readonly instances: readonly string[] }> {
  const filter: InstanceFilter = { ...all, matches: [{ tag, like }] };
  const scope = { administration: 'utopia', site };
  return records.transaction(async (tx) => ({
    studies: (await tx.findInstanceGroups('study', scope, filter, limit, 0)).map(({ studyUid }) => studyUid),
    instances: (await tx.findInstances(scope, filter, limit, 0)).map(({ studyUid }) => studyUid),
  }));
}

test('any pattern finds what the plain condition finds, in the same order and of the same administration and site', async () => {
  const stored = fc.record({
    administration: fc.constantFrom('utopia' as const, 'elsewhere' as const),
    patient: value,
    containers: fc.array(value, { maxLength: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(stored, { minLength: 5, maxLength: 16 }),
      fc.array(pattern, { minLength: 8, maxLength: 8 }),
      fc.constantFrom('*', 'north'),
      fc.integer({ min: 1, max: 6 }),
      async (values, patterns, site, limit) => {
        await clear();
        await store(values);
        // some that match for certain: a piece of a value, with wildcards around it and in it
        const pieces = values
          .slice(0, 4)
          .flatMap(({ patient }) => [
            `*${patient.slice(1, 4)}*`,
            `${patient.slice(0, 2)}*`,
            `?${patient.slice(1)}`,
          ]);
        for (const like of [...patterns, ...pieces]) {
          const expected = await plain(like, site, false);
          expect(await found(like, site, 100), like).toEqual({ studies: expected, instances: expected });
          const page = expected.slice(0, limit);
          expect(await found(like, site, limit), like).toEqual({ studies: page, instances: page });
          const numbers = await plain(like, site, true);
          expect(await found(like, site, 100, '00080050'), like).toEqual({
            studies: numbers,
            instances: numbers,
          });
        }
      },
    ),
    { numRuns: runs(6) },
  );
});

describe('among many', () => {
  const MANY = 9000;

  beforeAll(async () => {
    await clear();
    await query(
      database.ownerUrl,
      `insert into instances (key, administration, site, bytes, sha256, scan_id, revision, source, study_uid, series_uid,
         instance_uid, sop_class, transfer_syntax, modality, frames, head_bytes, listed, attributes)
       select 'k' || i, 'utopia', 'north', 1, 'ab', 's' || i, 1, 'dicos', '1.' || i, '1.' || i || '.1', '1.' || i || '.1.1',
         'c', 't', case when i = 7 then 'DX' else 'XRAY' end, 1, 1, true, json_build_object(
           '00080020', json_build_object('Value', json_build_array(to_char(date '2026-01-01' + i / 100, 'YYYYMMDD'))),
           '00100020', json_build_object('Value', json_build_array('MSKU' || lpad(i::text, 7, '0'))))
       from generate_series(1, ${MANY}) i`,
    );
    await query(database.ownerUrl, 'vacuum analyze instances');
  });

  test.each([
    ['the oldest alone', 'MSKU0000003', 1],
    ['a hundred, all older than the newest that are read first', 'MSKU00012*', 100],
    ['what is in nine of ten thousand somewhere', '*Ku000*77?', 90],
    ['all of them, of which the page has the newest', 'm*', 200],
    ['all of them, of which nothing is named', '???????????', 200],
    ['by two letters', '*77', 90],
    ['none', '*x*', 0],
  ])('finds %s', async (_what, like, count) => {
    const expected = await plain(like, '*', false);
    const { studies, instances } = await found(like, '*', 200);
    expect(studies).toEqual(expected.slice(0, 200));
    expect(instances).toEqual(studies);
    expect(studies).toHaveLength(count);
  });

  test('finds a rare modality, and studies that have it', async () => {
    const scope = { administration: 'utopia', site: '*' };
    for (const match of [
      { tag: '00080060', oneOf: ['DX'] },
      { tag: '00080061', like: 'D*' },
    ]) {
      const rows = await records.transaction((tx) =>
        tx.findInstances(scope, { ...all, matches: [match] }, 10, 0),
      );
      expect(rows.map(({ studyUid }) => studyUid)).toEqual(['1.7']);
    }
  });
});
