import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Case } from '../../../../src/core/case/case.ts';
import { type Photograph, photographLimits } from '../../../../src/core/case/photograph.ts';
import { reindex } from '../../../../src/maintenance/reindex/reindex.ts';
import { planSweep } from '../../../../src/maintenance/sweep.ts';
import { verifyAll } from '../../../../src/maintenance/verify.ts';
import { photographDocument } from '../../../../src/stored/document-kinds.ts';
import { sha256Hex } from '../../../../src/stored/identity.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../../support/harness.ts';
import { story } from '../../../support/vitest/story.ts';

let service: Harness;
/** In search, for tests that leave it there. */
let shared: Case;
let seed = 700;

beforeAll(async () => {
  service = await openHarness({});
  shared = await inSearch();
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

type Role = 'analyst' | 'supervisor' | 'searcher' | 'auditor';

const move = (role: Role, value: Pick<Case, 'id'>, what: string, payload: object = {}) =>
  service.as(role, { method: 'POST', url: `/v1/cases/${value.id}/${what}`, payload });

/** A case that the analyst decided suspect and sent to the search. */
async function inSearch(): Promise<Case> {
  seed += 1;
  await service.sendFake({ seed, containers: `MSKU${String(seed).padStart(7, '0')}` });
  const value: Case = (
    await service.as('analyst', { method: 'POST', url: '/v1/cases/next', payload: {} })
  ).json();
  await move('analyst', value, 'verdict', { kind: 'suspect', reason: 'shape' });
  const referred = await move('analyst', value, 'refer');
  expect(referred.json().state, referred.body).toBe('search');
  return referred.json();
}

const homeOf = ({ id }: Pick<Case, 'id'>) => `/v1/cases/${id}/photographs`;

const add = (value: Case, payload: Buffer, type = 'image/jpeg', role: Role = 'searcher') =>
  service.as(role, { method: 'POST', url: homeOf(value), payload, headers: { 'content-type': type } });

async function listed(role: Role, value: Case, query = ''): Promise<Photograph[]> {
  const answer = await service.as(role, { url: `${homeOf(value)}${query}` });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().items;
}

const plain = (colour: string, width = 40, height = 24) =>
  sharp({ create: { width, height, channels: 3, background: colour } });

/** As a phone held upright writes it: the picture lies on its side, and says so; and where it was taken. */
function fromPhone(colour: string): Promise<Buffer> {
  return plain(colour)
    .withExif({ IFD0: { Make: 'Phonemaker' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' } })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
}

story('photographs of a search, from the first that is added', () => {
  test('a photograph of a phone is shown upright and without place and camera, and kept as it was written', async () => {
    const value = shared;
    const original = await fromPhone('#c33');
    expect(original.includes('Phonemaker')).toBe(true);
    const added = await add(value, original);
    expect(added.statusCode, added.body).toBe(200);
    const photograph: Photograph = added.json();
    expect(photograph).toMatchObject({
      id: sha256Hex(original),
      type: 'image/jpeg',
      bytes: original.length,
      rows: 40,
      columns: 24,
    });
    const shown = await service.as('analyst', { url: `${homeOf(value)}/${photograph.id}` });
    expect([shown.statusCode, shown.headers['content-type']]).toEqual([200, 'image/jpeg']);
    const facts = await sharp(shown.rawPayload).metadata();
    expect([facts.width, facts.height, facts.orientation, facts.exif]).toEqual([
      24,
      40,
      undefined,
      undefined,
    ]);
    expect(shown.rawPayload.includes('Phonemaker')).toBe(false);
    const kept = await service.as('auditor', { url: `${homeOf(value)}/${photograph.id}/original` });
    expect(kept.rawPayload.equals(original)).toBe(true);
    expect(kept.headers['content-disposition']).toContain(`attachment; filename="${photograph.id}.jpg"`);
    const refused = await service.as('searcher', { url: `${homeOf(value)}/${photograph.id}/original` });
    expect(refused.statusCode).toBe(403);
  });

  test('another administration does not see them, and each view and change is in the audit', async () => {
    const value = shared;
    const { id } = (await add(value, await fromPhone('#fa0'))).json();
    const token = await service.newToken('supervisor', 'elsewhere', SITE);
    const headers = { authorization: `Bearer ${token}` };
    for (const url of [homeOf(value), `${homeOf(value)}/${id}`, `${homeOf(value)}/${id}/original`])
      expect((await service.app.inject({ url, headers })).statusCode).toBe(404);
    await service.as('analyst', { url: `${homeOf(value)}/${id}` });
    const { items } = (await service.as('auditor', { url: '/v1/audit?limit=200' })).json();
    const actions = items
      .filter(({ detail }: { detail: { photograph?: string } }) => detail.photograph === id)
      .map(({ action, subject }: { action: string; subject: string }) => [action, subject]);
    expect(actions.sort()).toEqual([
      ['change photograph: add', value.id],
      ['view photograph', value.id],
    ]);
  });

  test('the outcome names those that are there, and the next one only what came after it', async () => {
    const value = await inSearch();
    const [first, wrong, second] = await Promise.all(['#111', '#222', '#333'].map(fromPhone));
    if (first === undefined || wrong === undefined || second === undefined) throw new Error('no photographs');
    const ids = [];
    for (const one of [first, wrong]) ids.push((await add(value, one)).json().id);
    const removed = await service.as('searcher', { method: 'DELETE', url: `${homeOf(value)}/${ids[1]}` });
    expect(removed.json().removed.by).toBe(removed.json().addedBy);
    const outcome = await move('searcher', value, 'outcome', {
      kind: 'nothing-found',
      method: 'opened',
      extent: 'spot',
    });
    expect(outcome.json().outcome, outcome.body).toMatchObject({ photographs: [ids[0]] });
    expect((await add(value, second)).json().code).toBe('NII_STATE_CONFLICT');
    await move('analyst', value, 'refer');
    const stays = await service.as('searcher', { method: 'DELETE', url: `${homeOf(value)}/${ids[0]}` });
    expect(stays.json().code).toBe('NII_STATE_CONFLICT');
    ids.push((await add(value, second)).json().id);
    const found = { kind: 'found', what: 'cigarettes', where: 'floor', method: 'unloaded', extent: 'full' };
    const again = await move('searcher', value, 'outcome', found);
    expect(again.json().outcome.photographs, again.body).toEqual([ids[2]]);
    expect((await listed('analyst', value)).map(({ id }) => id)).toEqual([ids[0], ids[2]]);
    expect((await listed('auditor', value, '?removed=true')).map(({ id }) => id)).toEqual(ids);
  });

  test('the same file is kept once, and one that was removed is there again', async () => {
    const value = shared;
    const file = await fromPhone('#456');
    const first = await add(value, file);
    const again = await add(value, file);
    expect([again.json(), again.headers['idempotency-replayed']]).toEqual([first.json(), 'true']);
    await service.as('searcher', { method: 'DELETE', url: `${homeOf(value)}/${first.json().id}` });
    expect((await listed('searcher', value)).map(({ id }) => id)).not.toContain(first.json().id);
    const gone = await service.as('searcher', { url: `${homeOf(value)}/${first.json().id}` });
    expect(gone.statusCode).toBe(404);
    expect((await add(value, file)).json().removed).toBeUndefined();
    const ids = (await listed('searcher', value)).map(({ id }) => id);
    expect(ids.filter((id) => id === first.json().id)).toHaveLength(1);
  });

  test('who may still read the image is not told that there are photographs', async () => {
    const value = await inSearch();
    const { id } = (await add(value, await fromPhone('#789'))).json();
    await move('searcher', value, 'outcome', { kind: 'nothing-found', method: 'opened', extent: 'spot' });
    await move('supervisor', value, 'reopen', { why: 'look once more' });
    for (const role of ['supervisor', 'searcher'] as const) {
      expect(await listed(role, value)).toEqual([]);
      expect((await service.as(role, { url: `${homeOf(value)}/${id}` })).statusCode).toBe(404);
    }
    expect(await listed('auditor', value)).toHaveLength(1);
  });

  test('PNG and WebP are taken, a large one is shown smaller', async () => {
    const value = shared;
    const png = await add(value, await plain('#0a0', 3000, 1000).png().toBuffer(), 'image/png');
    expect(png.json()).toMatchObject({ type: 'image/png', columns: photographLimits.shownSide, rows: 683 });
    const webp = await add(value, await plain('#00a').webp().toBuffer(), 'image/webp');
    expect(webp.json()).toMatchObject({ type: 'image/webp', columns: 40, rows: 24 });
  });

  test('what is no photograph is rejected by code and leaves nothing', async () => {
    const value = shared;
    const before = await listed('auditor', value, '?removed=true');
    const jpeg = await plain('#a0a', 400, 300).jpeg().toBuffer();
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    const cases: readonly (readonly [string, Buffer, string])[] = [
      ['NII_MEDIA_TYPE', svg, 'image/svg+xml'],
      ['NII_MEDIA_TYPE', svg, 'image/jpeg'],
      ['NII_MEDIA_TYPE', Buffer.alloc(0), 'image/jpeg'],
      ['NII_MALFORMED', jpeg.subarray(0, Math.floor(jpeg.length / 2)), 'image/jpeg'],
      ['NII_MALFORMED', Buffer.concat([jpeg.subarray(0, 3), Buffer.alloc(64)]), 'image/jpeg'],
      ['NII_LIMIT_PIXELS', await pngOfSides(20_000, 20_000), 'image/png'],
      ['NII_LIMIT_BYTES', Buffer.alloc(photographLimits.bytes + 1, jpeg), 'image/jpeg'],
    ];
    for (const [code, payload, type] of cases)
      expect((await add(value, payload, type)).json().code).toBe(code);
    expect(await listed('auditor', value, '?removed=true')).toEqual(before);
    const leftOver = { unknown: [], removable: [], young: 0 };
    expect(await planSweep(service.deps, new Date(Date.now() + 60_000))).toEqual(leftOver);
  });

  test('a full search that found nothing has as many as the policy wants, and a part may have none', async () => {
    const administrator = await service.newToken('administrator', ADMINISTRATION, '*');
    const { terms } = (await service.ask(administrator, { url: '/v1/policy' })).json();
    const put = await service.ask(administrator, {
      method: 'PUT',
      url: '/v1/policy',
      headers: { 'if-match': '"0"' },
      payload: { ...terms, fullSearchNeeds: { photographs: 2 } },
    });
    expect(put.statusCode, put.body).toBe(200);
    const value = await inSearch();
    const full = { kind: 'nothing-found', method: 'unloaded', extent: 'full' };
    const report = async (outcome: object) => (await move('searcher', value, 'outcome', outcome)).json();
    await add(value, await fromPhone('#111'));
    expect(await report(full)).toMatchObject({
      code: 'NII_BAD_REQUEST',
      field: 'extent',
      detail: expect.stringMatching(/needs 2 photographs, and this search has 1/),
    });
    await add(value, await fromPhone('#222'));
    expect(await report(full)).toMatchObject({ state: 'closed', outcome: { kind: 'nothing-found' } });
    const part = await inSearch();
    const spot = await move('searcher', part, 'outcome', { ...full, extent: 'spot' });
    expect(spot.json()).toMatchObject({ state: 'searched' });
    const loosened = await service.ask(administrator, {
      method: 'PUT',
      url: '/v1/policy',
      headers: { 'if-match': '"1"' },
      payload: terms,
    });
    expect(loosened.statusCode, 'a proposal').toBe(202);
  });

  test('a case takes no more than its most', async () => {
    const value = await inSearch();
    const { administration, site, id: caseId } = value;
    const { id: _, ...like } = (await add(value, await fromPhone('#0ff'))).json();
    await service.deps.records.transaction(async (tx) => {
      for (let i = 1; i < photographLimits.ofCase; i += 1) {
        const id = String(i).padStart(64, '0');
        const kept = { ...like, id, version: 1, shownSha256: id, caseId, administration, site };
        await tx.putDocuments(photographDocument, [kept]);
      }
    });
    const rejected = await add(value, await fromPhone('#f0f'));
    expect([rejected.statusCode, rejected.json().code]).toEqual([413, 'NII_LIMIT_FILES']);
    expect(rejected.json().detail).toContain(`at most ${photographLimits.ofCase}`);
  });

  test('a database that is rebuilt from the objects has them all, and damage is named', async () => {
    const value = shared;
    const { id } = (await add(value, await fromPhone('#00f'))).json();
    const kept = `photographs/${ADMINISTRATION}/${SITE}/${value.id}/${id}`;
    const before = await listed('auditor', value, '?removed=true');
    const rows = await service.deps.records.transaction((tx) => tx.object(`${kept}/original`));
    await reindex(service.deps);
    expect(await listed('auditor', value, '?removed=true')).toEqual(before);
    expect(await service.deps.records.transaction((tx) => tx.object(`${kept}/original`))).toEqual(rows);
    const { missing, corrupt, unnamed } = await verifyAll(service.deps);
    expect([missing, corrupt, unnamed]).toEqual([[], [], []]);
    await service.deps.objects.put(`${kept}/original`, Buffer.from('other'), 'image/jpeg');
    const { damaged } = await reindex(service.deps);
    expect(damaged).toEqual([expect.stringContaining(`${kept}/original`)]);
    expect(await listed('auditor', value)).toEqual(before);
  });
});

/** A PNG whose header says these sides, as a bomb does. */
async function pngOfSides(columns: number, rows: number): Promise<Buffer> {
  const png = await plain('#000').png().toBuffer();
  png.writeUInt32BE(columns, 16);
  png.writeUInt32BE(rows, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}
