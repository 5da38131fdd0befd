import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noteAnyway } from '../../../src/audit/newest-seal.ts';
import { sealAudit } from '../../../src/audit/seal.ts';
import type { AuditFault } from '../../../src/audit/verify-seals.ts';
import { sealAuditAt, takeBackAudit, writeAudit } from '../../support/audit/entries.ts';
import { openWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);

/**
 * Rows 1 to 3 and 5 to 7 in seal 1, where the transaction of row 4 was taken back; 8 to 10 in seal 2; 11 in seal 3, made
 * three hours later; 12 has no seal.
 */
async function sealedWorld(name: string) {
  const place = world.at(name);
  const { deps, close } = await place.open();
  await writeAudit(deps.records, ['a', 'b', 'c']);
  await takeBackAudit(deps.records);
  await writeAudit(deps.records, ['d', 'e', 'f']);
  await sealAuditAt(deps.records, hoursAgo(3));
  await writeAudit(deps.records, ['g', 'h', 'i']);
  await sealAuditAt(deps.records, hoursAgo(3));
  await writeAudit(deps.records, ['j']);
  await sealAudit(deps.records);
  await writeAudit(deps.records, ['k']);
  await noteAnyway(deps);
  await close();
  return place;
}

const columns = 'administration, site, actor, action, subject, detail';
const copyOf = (seq: number, as: string) =>
  `insert into audit (seq, at, ${columns}) overriding system value select ${as}, at, ${columns} from audit where seq = ${seq}`;

interface Tampering {
  readonly sql: string;
  readonly faults: readonly AuditFault[];
  readonly said: string;
}

const tamperings: Readonly<Record<string, Tampering>> = {
  'a row whose subject was changed': {
    sql: `update audit set subject = 'x' where seq = 6`,
    faults: [{ what: 'row changed', seal: 1, first: 1, last: 7 }],
    said: 'seal 1: a row was changed, one of 1 to 7',
  },
  'a row whose time was changed by a thousandth of a second': {
    sql: `update audit set at = at + interval '1 millisecond' where seq = 9`,
    faults: [{ what: 'row changed', seal: 2, first: 8, last: 10 }],
    said: 'seal 2: a row was changed, one of 8 to 10',
  },
  'a detail that was written in another order, which means the same': {
    sql: `update audit set detail = '{ "subject": "g"}' where seq = 8`,
    faults: [{ what: 'row changed', seal: 2, first: 8, last: 10 }],
    said: 'seal 2: a row was changed',
  },
  'a row that was removed': {
    sql: 'delete from audit where seq = 9',
    faults: [{ what: 'row removed', seal: 2, first: 9, last: 9 }],
    said: 'seal 2: row 9 was removed',
  },
  'all rows': {
    sql: 'truncate audit',
    faults: [
      { what: 'row removed', seal: 1, first: 1, last: 3 },
      { what: 'row removed', seal: 1, first: 5, last: 7 },
      { what: 'row removed', seal: 2, first: 8, last: 10 },
      { what: 'row removed', seal: 3, first: 11, last: 11 },
    ],
    said: 'seal 1: row 5 to 7 was removed',
  },
  'a row that was added where one was taken back': {
    sql: copyOf(5, '4'),
    faults: [{ what: 'row added later', seal: 3, first: 4, last: 4 }],
    said: 'seal 3: row 4 was added later',
  },
  'a row with a number before the first': {
    sql: copyOf(5, '-4'),
    faults: [{ what: 'row added later', seal: 3, first: -Number.MAX_SAFE_INTEGER, last: 0 }],
    said: 'was added later',
  },
  'a row with the highest number of the database': {
    sql: copyOf(5, '9223372036854775807'),
    faults: [
      {
        what: 'row added later',
        seal: 3,
        first: Number.MAX_SAFE_INTEGER + 1,
        last: Number.MAX_SAFE_INTEGER + 1,
      },
    ],
    said: 'was added later',
  },
  'a seal whose hash was changed': {
    sql: `update audit_seals set sha256 = repeat('a', 64) where number = 2`,
    faults: [{ what: 'seal changed', seal: 2, first: 8, last: 10 }],
    said: 'seal 2 was changed; it covers rows 8 to 10',
  },
  'a seal that names another one before it': {
    sql: `update audit_seals set previous = repeat('a', 64) where number = 2`,
    faults: [{ what: 'seal changed', seal: 2, first: 8, last: 10 }],
    said: 'seal 2 was changed',
  },
  'the newest seal, whose time was changed': {
    sql: `update audit_seals set made_at = made_at + interval '1 microsecond' where number = 3`,
    faults: [{ what: 'row or seal changed', seal: 3, first: 11, last: 11 }],
    said: 'seal 3, or one of its rows 11, was changed',
  },
  'the newest seal, made to cover less': {
    sql: `update audit_seals set covers = '[]', rows = 0 where number = 3`,
    faults: [{ what: 'seal changed', seal: 3, first: 0, last: 0 }],
    said: 'seal 3 was changed',
  },
  'a seal whose ranges cannot be read': {
    sql: `update audit_seals set covers = '{"a":1}' where number = 2`,
    faults: [{ what: 'seal changed', seal: 2, first: 0, last: 0 }],
    said: 'seal 2 was changed',
  },
  'a seal that was removed': {
    sql: 'delete from audit_seals where number = 2',
    faults: [{ what: 'seal removed', seal: 3, first: 2, last: 2 }],
    said: 'seal 2 was removed',
  },
  'the first seal, removed': {
    sql: 'delete from audit_seals where number = 1',
    faults: [{ what: 'seal removed', seal: 2, first: 1, last: 1 }],
    said: 'seal 1 was removed',
  },
};

describe('nii verify', () => {
  test('finds nothing where nobody changed anything, and says what has a seal', async () => {
    const place = await sealedWorld('good');
    const { code, out } = await place.nii('verify', '--json');
    const { audit, clean } = JSON.parse(out);
    expect(audit).toMatchObject({ rows: 11, seals: 3, sealed: 10, unsealed: 1, faults: [], more: 0 });
    expect(audit.newest).toMatchObject({ number: 3, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect({ clean, code }).toEqual({ clean: true, code: 0 });
    const text = await place.nii('verify');
    expect(text.out).toContain(
      `11 audit rows: 10 sealed, 1 not sealed yet, 0 faults; newest seal 3 ${audit.newest.sha256}\n`,
    );
  });

  test.each(Object.entries(tamperings))('finds %s', async (name, { sql, faults, said }) => {
    const place = await sealedWorld(name.replaceAll(/[^a-z]/g, ''));
    await place.asOwner(sql);
    const { code, out } = await place.nii('verify', '--json');
    expect(JSON.parse(out)).toMatchObject({ clean: false, audit: { faults, more: 0 } });
    expect(code).toBe(4);
    const text = await place.nii('verify');
    expect(text.code).toBe(4);
    expect(text.out).toContain(said);
  });

  test('finds a seal that was made anew over a changed row, because the next one names what it was', async () => {
    const place = await sealedWorld('forged');
    const before = await sealsOf(place);
    await place.asOwner(
      `update audit set subject = 'x' where seq = 9; delete from audit_seals where number > 1`,
    );
    const { deps, close } = await place.open();
    await sealAudit(deps.records);
    await close();
    const forged = await sealsOf(place);
    expect(forged[1]?.sha256).not.toBe(before[1]?.sha256);
    const third = before[2];
    await place.asOwner(
      `insert into audit_seals values (3, '${JSON.stringify(third?.covers)}', 1, 11, '${third?.previous}', '${third?.sha256}', '${third?.madeAt}')`,
    );
    const { code, out } = await place.nii('verify', '--json');
    expect(code).toBe(4);
    expect(JSON.parse(out).audit.faults).toMatchObject([{ what: 'seal changed', seal: 2 }]);
  });

  test('finds the newest seals removed with their rows, because the object store has noted them', async () => {
    const place = await sealedWorld('shortened');
    await place.asOwner('delete from audit_seals where number > 1; delete from audit where seq > 7');
    const { code, out } = await place.nii('verify', '--json');
    expect(code).toBe(4);
    const { audit, rollbacks } = JSON.parse(out);
    expect(audit.faults).toEqual([]);
    expect(rollbacks).toEqual([{ witness: 'object store', what: 'audit older', noted: 3, newest: 1 }]);
  });

  test('leaves an entry of what it found in the audit, where a SIEM sees it', async () => {
    const place = await sealedWorld('entry');
    await place.asOwner('delete from audit where seq = 9');
    await place.nii('verify');
    const { deps, close } = await place.open();
    const rows = await deps.records.transaction((tx) => tx.auditRowsIn([[13, 1000]], 0, 10));
    await close();
    expect(rows.map(({ action, detail }) => [action, JSON.parse(detail)])).toEqual([
      [
        'security: verify found faults',
        { missing: 0, damaged: 0, locked: 0, unknown: 0, audit: 1, open: 0, rollbacks: 0 },
      ],
    ]);
  });

  async function sealsOf(place: Pick<World, 'open'>) {
    const { deps, close } = await place.open();
    const seals = await deps.records.transaction((tx) => tx.auditSeals(0, 10));
    await close();
    return seals;
  }
});
