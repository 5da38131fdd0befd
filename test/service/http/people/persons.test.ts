import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '../../../../src/core/access.ts';
import type { Case } from '../../../../src/core/case/case.ts';
import type { Person } from '../../../../src/core/person/person.ts';
import { linkPerson, unlinkedByAdministration } from '../../../../src/features/persons/decide.ts';
import { atCommandLine, issueKey, type NewKey, revokeKey } from '../../../../src/features/persons/keys.ts';
import { beginSession } from '../../../../src/features/persons/sign-in/begin-session.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../../support/harness.ts';
import { story } from '../../../support/vitest/story.ts';

let service: Harness;
let now = new Date('2026-05-01T08:00:00.000Z');
let seed = 300;

beforeAll(async () => {
  service = await openHarness({ deps: { clock: { now: () => now } } });
});
afterAll(async () => {
  await service?.close();
  expect(service.wrongAnswers).toEqual([]);
});

const place = { administration: ADMINISTRATION, site: SITE };

async function newKey(roles: readonly Role[], over: Partial<NewKey> = {}) {
  const { key, token } = await issueKey(service.deps, { ...place, roles, name: 'made here', ...over });
  return { key, ask: (request: InjectOptions) => ask(token, request) };
}

const ask = (token: string, request: InjectOptions) => service.ask(token, request);

function sendScan(): Promise<string> {
  seed += 1;
  return service.sendFake({ seed, containers: `MSKU${1_000_000 + seed}` });
}

const personAt = async (id: string): Promise<Person> =>
  (await service.as('administrator', { url: `/v1/persons/${id}` })).json();

story('one administration and its people', () => {
  describe('a person', () => {
    test('is made by an administrator, gets keys, and is listed with them; its keys without their secrets', async () => {
      const made = await service.as('administrator', {
        method: 'POST',
        url: '/v1/persons',
        payload: { name: 'Ann' },
      });
      expect([made.statusCode, made.headers.etag]).toEqual([201, '"1"']);
      const person: Person = made.json();
      expect(person).toMatchObject({ name: 'Ann', status: 'linked', keys: [], conflicts: [] });
      const { key } = await newKey(['analyst'], { person: person.id });
      expect((await personAt(person.id)).keys).toEqual([key.keyId]);
      const { items } = (await service.as('auditor', { url: '/v1/persons?limit=200' })).json();
      expect(items.map(({ id }: Person) => id)).toContain(person.id);
      const listed = await service.as('auditor', { url: '/v1/keys?limit=200' });
      const row = listed.json().items.find(({ keyId }: { keyId: string }) => keyId === key.keyId);
      expect(row).toEqual({
        keyId: key.keyId,
        name: 'made here',
        roles: ['analyst'],
        site: SITE,
        person: person.id,
        createdAt: now.toISOString(),
      });
      expect(listed.body).not.toContain(key.secretSha256);
    });

    test('of another administration is not there, and is not changed', async () => {
      const other = await service.newToken('administrator', 'elsewhere', '*');
      const { id } = (
        await service.as('administrator', { method: 'POST', url: '/v1/persons', payload: { name: 'Ours' } })
      ).json();
      const { key } = await newKey(['analyst']);
      expect((await ask(other, { url: `/v1/persons/${id}` })).statusCode).toBe(404);
      const headers = { 'if-match': '"1"' };
      const link = { method: 'PUT', url: `/v1/persons/${id}`, headers, payload: { name: 'Theirs' } } as const;
      expect((await ask(other, link)).statusCode).toBe(404);
      const mine = (await ask(other, { method: 'POST', url: '/v1/persons', payload: { name: 'T' } })).json();
      const take = { method: 'PUT', url: `/v1/persons/${mine.id}`, headers } as const;
      expect((await ask(other, { ...take, payload: { name: 'T', keys: [key.keyId] } })).statusCode).toBe(404);
      expect((await ask(other, { url: '/v1/persons?limit=200' })).body).not.toContain(id);
      expect((await ask(other, { url: '/v1/keys?limit=200' })).body).not.toContain(key.keyId);
      expect(await personAt(id)).toMatchObject({ name: 'Ours', version: 1 });
    });

    test('is changed by who has read it', async () => {
      const { id } = (
        await service.as('administrator', { method: 'POST', url: '/v1/persons', payload: { name: 'Old' } })
      ).json();
      const put = (headers: Record<string, string>) =>
        service.as('administrator', {
          method: 'PUT',
          url: `/v1/persons/${id}`,
          headers,
          payload: { name: 'New' },
        });
      expect((await put({})).json()).toMatchObject({ status: 428 });
      expect((await put({ 'if-match': '"7"' })).json()).toMatchObject({ status: 412 });
      expect((await put({ 'if-match': '"1"' })).json()).toMatchObject({ name: 'New', version: 2 });
    });
  });

  describe('a person is administered by site', () => {
    const administrator = (site: string) => service.newToken('administrator', ADMINISTRATION, site);

    /** A change of the person as it is now, by the key. */
    async function change(token: string, id: string, payload: object) {
      const { version } = await personAt(id);
      const headers = { 'if-match': `"${version}"` };
      return ask(token, { method: 'PUT', url: `/v1/persons/${id}`, headers, payload });
    }

    test('by an administrator of the site and of all sites, and of no other site', async () => {
      const { key } = await newKey(['supervisor'], { site: 'airport' });
      const id = key.person ?? '';
      expect(await personAt(id)).toMatchObject({ site: 'airport' });
      const end = { name: 'Sue', ended: true };
      const rejected = await change(await administrator(SITE), id, end);
      expect(rejected.json()).toMatchObject({
        code: 'NII_FORBIDDEN',
        detail: expect.stringContaining('administered at site "airport"'),
      });
      expect(await personAt(id)).toMatchObject({ status: 'unlinked', version: 1 });
      expect((await change(await administrator('airport'), id, end)).json()).toMatchObject({ ended: true });
      expect((await change(await administrator('*'), id, { ...end, ended: false })).statusCode).toBe(200);
    });

    test('who works at two sites, by an administrator of all sites only', async () => {
      const { key } = await newKey(['analyst']);
      const id = key.person ?? '';
      await newKey(['analyst'], { site: 'airport', person: id });
      expect(await personAt(id)).toMatchObject({ site: '*' });
      for (const site of [SITE, 'airport'])
        expect((await change(await administrator(site), id, { name: 'x' })).statusCode, site).toBe(403);
      const all = await administrator('*');
      expect((await change(all, id, { name: 'x', site: SITE })).json()).toMatchObject({ site: SITE });
      const harbour = await administrator(SITE);
      expect((await change(harbour, id, { name: 'y', site: 'airport' })).statusCode).toBe(403);
      expect((await change(harbour, id, { name: 'y', site: SITE })).json()).toMatchObject({ name: 'y' });
    });

    test('and takes no key or identity of a person of another site', async () => {
      const [mine, other] = [await newKey(['analyst']), await newKey(['analyst'], { site: 'airport' })];
      const identity = { issuer: 'https://login.example', subject: 'ted' };
      const sessions = { source: 'a test', idleMinutes: 15, hours: 12 };
      const signedIn = await beginSession(
        { ...service.deps, sessions },
        {
          ...{ identity, name: 'Ted', roles: ['analyst'], address: '192.0.2.1' },
          ...{ status: 'unlinked', administration: ADMINISTRATION, site: 'airport' },
        },
      );
      const harbour = await administrator(SITE);
      for (const payload of [
        { name: 'x', keys: [other.key.keyId] },
        { name: 'x', identities: [identity] },
      ])
        expect((await change(harbour, mine.key.person ?? '', payload)).statusCode).toBe(403);
      expect(await personAt(signedIn.session.person)).toMatchObject({ identities: [identity] });
      const all = await administrator('*');
      const both = await change(all, mine.key.person ?? '', { name: 'x', keys: [other.key.keyId] });
      expect(both.json()).toMatchObject({ site: '*' });
    });

    test('whom an administrator of all sites makes is of the site of the first key', async () => {
      const all = await administrator('*');
      const create = (token: string) =>
        ask(token, { method: 'POST', url: '/v1/persons', payload: { name: 'Ann' } });
      const made = (await create(all)).json();
      expect(made).not.toHaveProperty('site');
      expect((await change(await administrator(SITE), made.id, { name: 'x' })).statusCode).toBe(403);
      await newKey(['analyst'], { person: made.id });
      expect(await personAt(made.id)).toMatchObject({ site: SITE });
      expect((await create(await administrator('airport'))).json()).toMatchObject({ site: 'airport' });
    });

    test('but a conflict of theirs is put in force by any supervisor, and ended by one of their site', async () => {
      const { key } = await newKey(['analyst'], { site: 'airport' });
      const url = `/v1/persons/${key.person}/conflicts`;
      const post = async (site: string, address: string, payload: object) => {
        const token = await service.newToken('supervisor', ADMINISTRATION, site);
        return (await ask(token, { method: 'POST', url: address, payload })).statusCode;
      };
      expect(await post(SITE, url, { about: 'declaration', value: 'D-1', why: 'told' })).toBe(200);
      const end = (site: string) => post(site, `${url}/1`, { state: 'ended' });
      expect([await end(SITE), await end('airport')]).toEqual([403, 200]);
    });
  });

  describe('a key of people that names no person', () => {
    test('belongs to an unlinked one; linked to another, what was done with it was done by that person', async () => {
      const scanId = await sendScan();
      const first = await newKey(['analyst']);
      const unlinked = first.key.person ?? '';
      expect(await personAt(unlinked)).toMatchObject({ status: 'unlinked', keys: [first.key.keyId] });
      const taken: Case = (await first.ask({ method: 'POST', url: '/v1/cases/next' })).json();
      expect(taken).toMatchObject({ scanId, claim: { analyst: unlinked } });
      const home = `/v1/cases/${taken.id}`;
      await first.ask({
        method: 'POST',
        url: `${home}/verdict`,
        payload: { kind: 'inconclusive', reason: 'other' },
      });
      const person = (
        await service.as('administrator', { method: 'POST', url: '/v1/persons', payload: { name: 'Bo' } })
      ).json();
      const own = await newKey(['analyst'], { person: person.id });
      const link = await service.as('administrator', {
        method: 'PUT',
        url: `/v1/persons/${person.id}`,
        headers: { 'if-match': '"2"' },
        payload: { name: 'Bo', keys: [first.key.keyId] },
      });
      expect(link.json()).toMatchObject({
        formerIds: [unlinked],
        keys: [own.key.keyId, first.key.keyId],
        version: 3,
      });
      expect(await personAt(unlinked)).toMatchObject({ is: person.id, keys: [] });
      // The second reading is due; the same person does not give it with the other key, and somebody else does
      expect((await own.ask({ method: 'POST', url: '/v1/cases/next' })).statusCode).toBe(204);
      const stranger = await newKey(['analyst']);
      expect((await stranger.ask({ method: 'POST', url: '/v1/cases/next' })).statusCode, 'unlinked').toBe(
        204,
      );
      const linked = await service.newToken('analyst', ADMINISTRATION, SITE);
      expect((await ask(linked, { method: 'POST', url: '/v1/cases/next' })).json()).toMatchObject({ scanId });
      const verdict = { kind: 'normal', reason: 'nothing-unusual' };
      await ask(linked, { method: 'POST', url: `${home}/verdict`, payload: verdict });
    });

    test('that is linked already is not given to another person', async () => {
      const [one, two] = [await newKey(['analyst']), await newKey(['analyst'])];
      const put = (id: string | undefined, keys: readonly string[]) =>
        service.as('administrator', {
          method: 'PUT',
          url: `/v1/persons/${id}`,
          headers: { 'if-match': '"1"' },
          payload: { name: 'x', keys },
        });
      expect((await put(one.key.person, [])).json()).toMatchObject({ status: 'linked' });
      expect((await put(two.key.person, [one.key.keyId])).json()).toMatchObject({
        code: 'NII_STATE_CONFLICT',
      });
      const machine = await newKey(['scanner']);
      expect((await put(two.key.person, [machine.key.keyId])).json()).toMatchObject({
        code: 'NII_STATE_CONFLICT',
      });
      expect((await put(two.key.person, ['0'.repeat(16)])).json()).toMatchObject({ code: 'NII_NOT_FOUND' });
    });
  });

  test('unlinked persons whose keys work, in a role that takes two, are counted by administration', async () => {
    const place = { administration: 'fresh', site: '*' };
    const key = await newKey(['analyst'], place);
    await newKey(['radiation-officer', 'searcher'], place);
    await newKey(['scanner'], place);
    await newKey(['auditor'], place);
    const { key: over } = await newKey(['analyst'], place);
    await revokeKey(service.deps, over.keyId);
    expect((await unlinkedByAdministration(service.deps)).fresh).toBe(2);
    const command = { actor: atCommandLine('fresh'), ifMatch: '1' };
    await linkPerson(service.deps, command, key.key.person ?? '', { name: 'Ann' });
    expect((await unlinkedByAdministration(service.deps)).fresh).toBe(1);
  });

  describe('a key', () => {
    test('of several roles acts under the one that sees less', async () => {
      const both = await newKey(['auditor', 'analyst']);
      const scanId = await sendScan();
      expect((await both.ask({ url: `/v1/scans/${scanId}` })).statusCode, 'nothing in hand').toBe(404);
      expect((await both.ask({ url: '/v1/audit' })).statusCode, 'only auditors may').toBe(200);
      expect(
        (await both.ask({ method: 'POST', url: '/v1/persons', payload: { name: 'x' } })).json(),
      ).toMatchObject({
        status: 403,
        detail: expect.stringContaining('auditor or analyst'),
      });
      const taken = await both.ask({ method: 'POST', url: '/v1/cases/next' });
      expect((await both.ask({ url: `/v1/scans/${taken.json().scanId}` })).statusCode).toBe(200);
      const why = { why: 'done' };
      await both.ask({ method: 'POST', url: `/v1/cases/${taken.json().id}/hand-back`, payload: why });
    });

    test('has roles of people or of machines, and ends at a time to come', async () => {
      const code = { code: 'NII_BAD_REQUEST' };
      await expect(newKey(['scanner', 'administrator'])).rejects.toMatchObject({ ...code, field: 'roles' });
      await expect(newKey([])).rejects.toMatchObject({ ...code, field: 'roles' });
      await expect(newKey(['lane'], { person: 'a'.repeat(16) })).rejects.toMatchObject({
        ...code,
        field: 'person',
      });
      for (const endsAt of ['2026-05-01T07:59:59Z', 'soon'])
        await expect(newKey(['lane'], { endsAt })).rejects.toMatchObject({ ...code, field: 'endsAt' });
      await expect(newKey(['analyst'], { person: 'a'.repeat(16) })).rejects.toMatchObject({
        code: 'NII_NOT_FOUND',
      });
    });

    test('works until its end, and says when it was used last', async () => {
      const key = await newKey(['lane'], { endsAt: '2026-05-01T09:00:00Z' });
      const status = async () => (await key.ask({ url: '/v1/changes' })).statusCode;
      expect(await status()).toBe(200);
      const { items } = (await service.as('administrator', { url: '/v1/keys?limit=200' })).json();
      const row = items.find(({ keyId }: { keyId: string }) => keyId === key.key.keyId);
      expect(row).toMatchObject({ lastUsedAt: now.toISOString(), endsAt: '2026-05-01T09:00:00Z' });
      now = new Date('2026-05-01T09:00:00.000Z');
      expect(await status()).toBe(401);
    });
  });

  describe('a conflict of interest', () => {
    const words = { about: 'declaration', value: 'D-9', why: 'his own firm' };
    test('is set by a supervisor on somebody else, and in force at once', async () => {
      const { key } = await newKey(['analyst']);
      const set = (role: Role, payload: object = words) =>
        service.as(role, { method: 'POST', url: `/v1/persons/${key.person}/conflicts`, payload });
      expect((await set('administrator')).statusCode).toBe(403);
      expect((await set('supervisor')).json().conflicts).toMatchObject([{ ...words, state: 'in-force' }]);
      expect((await set('supervisor')).json()).toMatchObject({ code: 'NII_STATE_CONFLICT' });
    });

    test('of a supervisor is declared like anybody’s, and not settled by the same person', async () => {
      const sue = await newKey(['supervisor']);
      const own = await sue.ask({
        method: 'POST',
        url: `/v1/persons/${sue.key.person}/conflicts`,
        payload: words,
      });
      expect(own.json()).toMatchObject({ code: 'NII_STATE_CONFLICT' });
      const declared = await sue.ask({ method: 'POST', url: '/v1/conflicts', payload: words });
      expect(declared.json().conflicts).toMatchObject([{ state: 'declared' }]);
      const settle = {
        method: 'POST',
        url: `/v1/persons/${sue.key.person}/conflicts/1`,
        payload: { state: 'in-force' },
      } as const;
      expect((await sue.ask(settle)).json()).toMatchObject({ code: 'NII_STATE_CONFLICT' });
      expect((await service.as('supervisor', settle)).json().conflicts).toMatchObject([
        { state: 'in-force' },
      ]);
    });

    test('is ended by another linked person alone', async () => {
      const { key } = await newKey(['analyst']);
      const url = `/v1/persons/${key.person}/conflicts`;
      await service.as('supervisor', { method: 'POST', url, payload: words });
      const end = { method: 'POST', url: `${url}/1`, payload: { state: 'ended' } } as const;
      const unlinked = await newKey(['supervisor']);
      expect((await unlinked.ask(end)).json(), 'the same person may hold this key').toMatchObject({
        code: 'NII_STATE_CONFLICT',
        detail: /another linked person/i,
      });
      expect((await service.as('supervisor', end)).json().conflicts).toMatchObject([{ state: 'ended' }]);
    });

    test('keeps even a supervisor who chooses from the case', async () => {
      const scanId = await sendScan();
      const [found] = await service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
      const sue = await newKey(['supervisor']);
      const set = { about: 'container', value: found?.container ?? '', why: 'family' };
      await service.as('supervisor', {
        method: 'POST',
        url: `/v1/persons/${sue.key.person}/conflicts`,
        payload: set,
      });
      const claim = { method: 'POST', url: `/v1/cases/${found?.id}/claim` } as const;
      expect((await sue.ask(claim)).json()).toMatchObject({ code: 'NII_STATE_CONFLICT' });
    });
  });
});
