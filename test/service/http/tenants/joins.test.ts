import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Role } from '../../../../src/core/access.ts';
import { issueKey } from '../../../../src/features/persons/keys.ts';
import { reindex } from '../../../../src/maintenance/reindex/reindex.ts';
import { loadConverters } from '../../../../src/recognise/registry.ts';
import { fixturesOf } from '../../../support/contract/converter.ts';
import { form } from '../../../support/fake-scan.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../../support/harness.ts';
import type { NamedBytes } from '../../../support/stage.ts';
import { story } from '../../../support/vitest/story.ts';

const converter = (await loadConverters({ enableFake: false })).find(
  ({ manifest }) => manifest.id === 'nuctech-fs6000',
);
const files = converter && fixturesOf(converter).find(({ name }) => name === 'two-containers')?.files;

interface Key {
  readonly id: string;
  readonly token: string;
}

let service: Harness;
let first: Key;
let stranger: Key;
let allowed: Key;
let scanId: string;
let scannerHref: string;

beforeAll(async () => {
  service = await openHarness();
  first = await newKey('scanner');
  stranger = await newKey('scanner');
  allowed = await newKey('scanner');
}, 120_000);

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

async function newKey(role: Role, sender?: string): Promise<Key> {
  const wanted = { roles: [role], administration: ADMINISTRATION, site: SITE, name: role };
  const { key, token } = await issueKey(service.deps, {
    ...wanted,
    ...(sender === undefined ? {} : { sender }),
  });
  return { id: key.keyId, token };
}

function ask({ token }: Key, request: InjectOptions) {
  return service.app.inject({
    ...request,
    headers: { authorization: `Bearer ${token}`, ...request.headers },
  });
}

function file(end: string): NamedBytes {
  const found = files?.find(({ name }) => name.toLowerCase().endsWith(end));
  if (found === undefined) throw new Error(`no ${end}`);
  return found;
}

async function send(key: Key, ...some: readonly NamedBytes[]) {
  const parts = some.map(({ name, bytes }) => ({ file: name, bytes }));
  const answer = await ask(key, { method: 'POST', url: '/v1/scans', ...form(parts) });
  expect(answer.statusCode, answer.body).toBe(202);
  await service.work();
  return answer.json().scans[0];
}

async function originals(id: string) {
  const row = await service.deps.records.transaction(async (tx) => {
    const scan = await tx.scanById(id);
    return tx.revision(id, scan?.revision ?? 0);
  });
  return new Map((row?.originals ?? []).map((original) => [original.role, original]));
}

const status = async (key: Key, id: string) => (await ask(key, { url: `/v1/scans/${id}` })).statusCode;

story('one service whose senders, register and keys change', () => {
  test('a late file of another sender is a scan of its own, which the first one does not see', async () => {
    const sent = await send(first, file('.xml'), file('high.img'));
    scanId = sent.scanId;
    const late = await send(stranger, file('low.img'));
    expect(late).toMatchObject({ result: 'new-scan' });
    expect(late.scanId).not.toBe(scanId);
    expect([await status(first, late.scanId), await status(stranger, late.scanId)]).toEqual([404, 200]);
    expect([await status(first, scanId), await status(stranger, scanId)]).toEqual([200, 404]);
    expect([...(await originals(scanId)).keys()].sort((a, b) => (a < b ? -1 : 1))).toEqual([
      'high',
      'metadata',
    ]);
  });

  test('the same bytes of another sender are another scan, and each sender sends its own again', async () => {
    const twin = await newKey('scanner');
    const same = await send(twin, file('.xml'), file('high.img'));
    expect(same).toMatchObject({ result: 'new-scan' });
    expect(same.scanId).not.toBe(scanId);
    expect(await send(first, file('.xml'), file('high.img'))).toMatchObject({
      scanId,
      result: 'already-here',
    });
    expect(await send(twin, file('.xml'), file('high.img'))).toMatchObject({
      scanId: same.scanId,
      result: 'already-here',
    });
  });

  test('who may join is said by an administrator who has read the register', async () => {
    const admin = { id: '', token: service.token('administrator') };
    const { items } = (await ask(admin, { url: '/v1/scanners' })).json();
    const named = items.find(({ id }: { id: string }) => !id.endsWith('.unnamed'));
    scannerHref = named.href;
    const put = (payload: object, headers: Record<string, string> = {}) =>
      ask(admin, { method: 'PUT', url: scannerHref, payload, headers });
    const { etag } = (await ask(admin, { url: scannerHref })).headers;
    expect(etag).toBe('"0"');
    const register = { sendersAllowed: [allowed.id], cab: { side: 'left', share: 0.2 } };
    expect((await put(register)).json()).toMatchObject({ status: 428, code: 'NII_PRECONDITION_REQUIRED' });
    expect((await put(register, { 'if-match': '"3"' })).json()).toMatchObject({ status: 412 });
    expect((await put({ sendersAllowed: ['Not a sender'] }, { 'if-match': '"0"' })).statusCode).toBe(400);
    const done = await put(register, { 'if-match': '"0"' });
    expect([done.statusCode, done.json().sendersAllowed, done.headers.etag]).toEqual([202, undefined, '"1"']);
    const headers = { 'if-match': '"1"' };
    const other = { id: '', token: await service.newToken('administrator', ADMINISTRATION, SITE) };
    const said = await ask(other, { method: 'POST', url: `${scannerHref}/confirmation`, headers });
    expect([said.json().sendersAllowed, said.headers.etag]).toEqual([[allowed.id], '"2"']);
    const request = { method: 'PUT', url: scannerHref, payload: register, headers } as const;
    expect((await ask(first, request)).statusCode).toBe(403);
  });

  test('a sender that the register allows adds files, though not to what claims to be of that scanner', async () => {
    const late = await send(allowed, file('low.img'));
    expect(late).toMatchObject({ scanId, revision: 2, result: 'new-revision' });
    expect([await status(first, scanId), await status(allowed, scanId)]).toEqual([200, 200]);
    expect(await status(stranger, scanId)).toBe(404);
    const stored = await originals(scanId);
    expect([stored.get('high')?.sentBy, stored.get('low')?.sentBy]).toEqual([first.id, allowed.id]);
    expect(await send(allowed, file('low.img'))).toMatchObject({ scanId, result: 'already-here' });
  });

  test('it replaces nothing of another: neither a channel nor what describes it', async () => {
    const before = await originals(scanId);
    const turned = (one: NamedBytes): NamedBytes => {
      const bytes = Buffer.from(one.bytes);
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      return { ...one, bytes };
    };
    const channel = await send(allowed, turned(file('high.img')));
    expect(channel).toMatchObject({ result: 'new-scan' });
    const index = Buffer.concat([file('.xml').bytes, Buffer.from('\n')]);
    const described = await send(allowed, { ...file('.xml'), bytes: index });
    expect(described.scanId).not.toBe(scanId);
    expect(await send(first, turned(file('low.img')))).not.toMatchObject({ scanId });
    expect(await originals(scanId)).toEqual(before);
  });

  test('a new key of the same sender sees and adds to what the old one sent', async () => {
    const successor = await newKey('scanner', first.id);
    expect(await status(successor, scanId)).toBe(200);
    expect(await send(successor, file('.xml'), file('high.img'))).toMatchObject({ result: 'already-here' });
  });

  test('a rebuilt database knows senders and register', async () => {
    const before = (
      await ask({ id: '', token: service.token('administrator') }, { url: scannerHref })
    ).json();
    await reindex(service.deps);
    const after = await ask({ id: '', token: service.token('administrator') }, { url: scannerHref });
    expect([after.json().sendersAllowed, after.headers.etag]).toEqual([before.sendersAllowed, '"2"']);
    expect(after.json().cab).toEqual({ side: 'left', share: 0.2 });
    const seen = [first, allowed, stranger].map((key) => status(key, scanId));
    expect(await Promise.all(seen)).toEqual([200, 200, 404]);
  });
});
