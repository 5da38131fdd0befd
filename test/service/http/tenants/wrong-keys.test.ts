import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../../../src/adapters/postgres/database.ts';
import { openJobs } from '../../../../src/adapters/postgres/jobs.ts';
import { openRecords } from '../../../../src/adapters/postgres/records.ts';
import type { AuditRow } from '../../../../src/core/ports/records/audit.ts';
import { issueKey } from '../../../../src/features/persons/keys.ts';
import { eventually, pause } from '../../../support/eventually.ts';
import { fakeScan } from '../../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../../support/harness.ts';
import { freshDatabase } from '../../../support/postgres/fresh-database.ts';
import { movableClock } from '../../../support/stage.ts';
import { story } from '../../../support/vitest/story.ts';

const clock = movableClock(new Date().toISOString());
const ends: (() => Promise<unknown>)[] = [];
let service: Harness;
let watching: pg.Client;

beforeAll(async () => {
  const copy = await freshDatabase();
  const database = await openDatabase(copy.url);
  watching = new pg.Client({ connectionString: copy.url });
  await watching.connect();
  const deps = { records: openRecords(database), jobs: openJobs(database), clock };
  service = await openHarness({ deps, limits: { queuedJobs: 2 } });
  ends.push(
    () => copy.drop(),
    () => database.close(),
    () => watching.end(),
    () => service.close(),
  );
}, 120_000);

afterAll(async () => {
  for (const end of ends.reverse()) await end();
  expect(service.wrongAnswers).toEqual([]);
});

/** Transactions of this database so far, once every connection has told of its own. */
async function transactions(): Promise<number> {
  const read = async () => {
    const { rows } = await watching.query(
      'select (xact_commit + xact_rollback)::int as count from pg_stat_database where datname = current_database()',
    );
    return Number(rows[0].count);
  };
  let [last, same] = [await read(), 0];
  await eventually('the statistics stand still', 60, async () => {
    await pause(500, 'pace');
    const now = await read();
    // Each reading is a transaction itself, and is told of a second later
    same = now - last <= 4 ? same + 1 : 0;
    last = now;
    return same >= 4;
  });
  return last;
}

function ask(token: string, url: string, remoteAddress = '10.0.0.1') {
  return service.app.inject({ url, remoteAddress, headers: { authorization: `Bearer ${token}` } });
}

const wrongKey = (id = randomBytes(8).toString('hex')) =>
  `nii_${id}_${randomBytes(32).toString('base64url')}`;

story('one service that is asked with wrong keys', () => {
  test('a thousand wrong keys cost few transactions, and a right key works among them', async () => {
    const right = service.token('analyst');
    const before = await transactions();
    let refused = 0;
    for (let wave = 0; wave < 20; wave += 1) {
      const wrong = Array.from({ length: 50 }, () => ask(wrongKey(), '/v1/scans'));
      const [own] = await Promise.all([wave % 5 === 0 ? ask(right, '/v1/models') : undefined, ...wrong]);
      expect(own?.statusCode ?? 200).toBe(200);
      for (const { statusCode } of await Promise.all(wrong)) refused += statusCode === 401 ? 1 : 0;
    }
    const cost = (await transactions()) - before;
    console.log(`1,000 wrong keys: ${cost} transactions, those of counting included`);
    expect(refused).toBe(1000);
    expect(cost).toBeLessThan(200);
  }, 180_000);

  test('a key that is tried before it is made works within five seconds of it', async () => {
    const token = await service.newToken('analyst', 'utopia', 'harbour');
    expect((await ask(token, '/v1/scans')).statusCode).toBe(200);
    const { key, token: other } = await issueKey(service.deps, {
      roles: ['analyst'],
      administration: 'utopia',
      site: 'harbour',
      name: 'later',
    });
    const unmade = wrongKey('0'.repeat(16));
    expect((await ask(unmade, '/v1/scans')).statusCode).toBe(401);
    const secret = unmade.split('_').slice(2).join('_');
    const { sha256Hex } = await import('../../../../src/codec/sha256.ts');
    const made = { ...key, keyId: '0'.repeat(16), secretSha256: sha256Hex(secret) };
    await service.deps.records.transaction((tx) => tx.putKey(made));
    clock.advance(5);
    expect((await ask(unmade, '/v1/scans')).statusCode).toBe(200);
    expect((await ask(other, '/v1/scans')).statusCode).toBe(200);
  });

  async function rejections(token: string): Promise<readonly AuditRow[]> {
    const rows: AuditRow[] = [];
    let cursor = '';
    do {
      const page = (await ask(token, `/v1/audit?limit=200${cursor}`)).json();
      rows.push(...page.items);
      cursor = page.next === undefined ? '' : `&cursor=${page.next}`;
    } while (cursor !== '');
    return rows.filter(({ action }) => action.startsWith('rejected'));
  }

  test('rejected calls are in the audit of their site, twenty a minute of an address and the number of the rest', async () => {
    const auditor = service.token('auditor');
    const address = '10.9.8.7';
    const scanner = service.token('scanner');
    for (let i = 0; i < 30; i += 1) expect((await ask(scanner, '/v1/queue', address)).statusCode).toBe(403);
    expect((await ask(service.token('analyst'), '/v1/scans/none', '10.9.8.8')).statusCode).toBe(404);
    const [, keyId = ''] = scanner.split('_');
    expect((await ask(wrongKey(keyId), '/v1/scans', '10.9.8.9')).statusCode).toBe(401);
    clock.advance(60);
    let rows: readonly AuditRow[] = [];
    await eventually('the entries are there', 20, async () => {
      rows = await rejections(auditor);
      return rows.some(({ action }) => action === 'rejected: more');
    });
    const from = (ip: string) => rows.filter(({ actor }) => actor.address === ip);
    expect(from(address)).toHaveLength(21);
    expect(from(address)[0]).toMatchObject({
      action: 'rejected 403',
      actor: { keyId, role: 'scanner' },
      detail: { method: 'GET', route: '/v1/queue' },
    });
    expect(from(address).at(-1)).toMatchObject({ action: 'rejected: more', detail: { count: 10 } });
    expect(from('10.9.8.8')).toMatchObject([{ action: 'rejected 404', subject: 'none' }]);
    // Whoever sent the id of a key with another secret is not its holder
    expect(from('10.9.8.9')).toMatchObject([{ action: 'rejected 401', actor: { keyId, role: 'peer' } }]);
    for (const [administration, site] of [
      ['utopia', 'airport'],
      ['elsewhere', '*'],
    ] as const)
      expect(await rejections(await service.newToken('auditor', administration, site))).toEqual([]);
  });

  test('a view and a change have the address of the client', async () => {
    const page = (await ask(service.token('auditor'), '/v1/audit?limit=200', '10.1.1.1')).json();
    expect(page.items.some(({ actor }: AuditRow) => actor.address === '10.0.0.1')).toBe(true);
  });

  test('a queue that one administration fills still takes the fair share of another', async () => {
    const elsewhere = await service.newToken('scanner', 'elsewhere', 'harbour');
    const send = async (token: string, seed: number) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' };
      const url = `/v1/scans?name=${seed}.fake`;
      return (await service.app.inject({ method: 'POST', url, headers, payload: fakeScan({ seed }) }))
        .statusCode;
    };
    const own = [];
    for (let seed = 1; seed <= 3; seed += 1) own.push(await send(service.token('scanner'), seed));
    expect(own).toEqual([202, 202, 429]);
    expect([await send(elsewhere, 4), await send(elsewhere, 5)]).toEqual([202, 429]);
  });
});
