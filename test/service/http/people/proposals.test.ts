import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultPolicy } from '../../../../src/triage/policy.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../../support/harness.ts';

/** What one person has proposed and another is to confirm, in one list. */

let service: Harness;
let ann: string;
let ben: string;

beforeAll(async () => {
  service = await openHarness();
  ann = await service.newToken('administrator', ADMINISTRATION, '*');
  ben = await service.newToken('administrator', ADMINISTRATION, '*');
});
afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

interface Item {
  readonly kind: string;
  readonly subject?: string;
  readonly version: number;
  readonly mayConfirm: boolean;
  readonly confirmation: string;
  readonly changes: readonly { readonly field: string; readonly before?: string; readonly after?: string }[];
  readonly isCut?: boolean;
}

async function listed(by: string): Promise<readonly Item[]> {
  const answer = await service.ask(by, { url: '/v1/proposals' });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().items;
}

async function put(by: string, url: string, payload: object): Promise<number> {
  const { etag } = (await service.ask(by, { url })).headers;
  const headers = { 'if-match': String(etag) };
  return (await service.ask(by, { method: 'PUT', url, payload, headers })).statusCode;
}

async function confirm(by: string, { confirmation, version }: Item): Promise<number> {
  const headers = { 'if-match': `"${version}"` };
  const answer = await service.ask(by, { method: 'POST', url: confirmation, payload: {}, headers });
  return answer.statusCode;
}

const { version: _, undoWindowSeconds: __, dangerDueMinutes: ___, ...terms } = defaultPolicy;
const holdOf = (box: string) => `/v1/sites/${SITE}/vehicle-holds/container/${box}`;
const scanner = `/v1/scanners/${SITE}`;

async function heldAndLetGo(box: string): Promise<void> {
  const hold = holdOf(box);
  expect(await put(ann, hold, { isHeld: true, reason: 'no papers' })).toBe(200);
  expect(await put(ann, hold, { isHeld: false, reason: 'the papers came' })).toBe(202);
}

test('every kind stands in the list of those who may confirm it, and goes once another has', async () => {
  await heldAndLetGo('MSKU1234565');
  expect(await put(ann, `/v1/sites/${SITE}`, { mode: 'parallel', windows: [] })).toBe(202);
  expect(await put(ann, '/v1/policy', { ...terms, vehicleDays: 1 })).toBe(202);
  await service.sendFake({ seed: 1 });
  const [{ id }] = (await service.ask(ann, { url: '/v1/scanners' })).json().items;
  expect(await put(ann, `${scanner}/${id}`, { sendersAllowed: [], clockOffsetSeconds: 7200 })).toBe(202);

  const kinds = (items: readonly Item[]) => items.map(({ kind }) => kind);
  const items = await listed(ben);
  expect(kinds(items)).toEqual(['vehicle-hold', 'site', 'policy', 'register']);
  expect(items.map(({ mayConfirm }) => mayConfirm)).toEqual([true, true, true, true]);
  expect((await listed(ann)).map(({ mayConfirm }) => mayConfirm)).toEqual([false, false, false, false]);
  expect(items[0]).toMatchObject({
    subject: 'MSKU1234565',
    changes: [
      { field: 'isHeld', before: 'true', after: 'false' },
      { field: 'reason', before: 'no papers', after: 'the papers came' },
    ],
  });
  expect(items[2]?.changes).toContainEqual({ field: 'vehicleDays', after: '1' });
  expect(items[3]?.changes).toContainEqual(
    expect.objectContaining({ field: 'clockOffsetSeconds', after: '7200' }),
  );
  expect(kinds(await listed(await service.newToken('supervisor', ADMINISTRATION, SITE)))).toEqual([
    'vehicle-hold',
  ]);
  // what holds for every site waits for nobody of one site
  expect(kinds(await listed(await service.newToken('administrator', ADMINISTRATION, SITE)))).toEqual([
    'vehicle-hold',
    'site',
    'register',
  ]);
  expect(await listed(await service.newToken('administrator', ADMINISTRATION, 'elsewhere'))).toEqual([]);
  expect(await listed(await service.newToken('administrator', 'elsewhere', '*'))).toEqual([]);

  for (const one of items) expect(await confirm(ann, one)).toBe(409);
  for (const one of items) expect(await confirm(ben, one), one.kind).toBe(200);
  expect(await listed(ben)).toEqual([]);
});

test('a proposal that another took the place of is not listed, nor one that is no longer the newest', async () => {
  const box = 'MSKU7654320';
  await heldAndLetGo(box);
  const found = async () => (await listed(ben)).filter(({ subject }) => subject === box);
  expect(await put(ann, holdOf(box), { isHeld: false, reason: 'the papers are right' })).toBe(202);
  const items = await found();
  expect(items).toHaveLength(1);
  expect(items[0]?.changes).toContainEqual({
    field: 'reason',
    before: 'no papers',
    after: 'the papers are right',
  });
  expect(await put(ben, holdOf(box), { isHeld: true, reason: 'again without papers' })).toBe(200);
  expect(await found()).toEqual([]);
});

test('a removal stands before all that is added, and a list that is cut says so', async () => {
  const words = Array.from({ length: 64 }, (_, i) => `word ${i}`);
  const site = '/v1/sites/quay';
  expect(await put(ann, site, { mode: 'live', windows: [], requiredControls: ['portal'] })).toBe(200);
  const of = async () => (await listed(ben)).find(({ confirmation }) => confirmation.startsWith(site));
  const window = { portal: { lane: 'a' }, scanner: 's', fromSeconds: 0, toSeconds: 60 };
  const windows = Array.from({ length: 20 }, () => window);
  expect(await put(ann, site, { noMarks: words, windows, mode: 'live', requiredControls: [] })).toBe(202);
  const long = await of();
  expect(long).toMatchObject({ isCut: true, mayConfirm: true });
  expect(long?.changes).toHaveLength(100);
  expect(long?.changes.slice(0, 3)).toEqual([
    { field: 'windows', before: '[]' },
    { field: 'requiredControls.0', before: 'portal' },
    { field: 'noMarks.0', after: 'word 0' },
  ]);
  expect(await put(ann, site, { mode: 'live', windows: [], requiredControls: [] })).toBe(202);
  const short = await of();
  expect([short?.changes, short?.isCut]).toEqual([
    [
      { field: 'requiredControls.0', before: 'portal' },
      { field: 'requiredControls', after: '[]' },
    ],
    undefined,
  ]);
  if (short === undefined) throw new Error('no proposal');
  expect(await confirm(ben, short)).toBe(200);
});
