import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Case } from '../../../src/core/case/case.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../support/harness.ts';
import { story } from '../../support/vitest/story.ts';

let service: Harness;
let secondAnalyst: string;
let seed = 100;

beforeAll(async () => {
  service = await openHarness();
  secondAnalyst = await service.newToken('analyst', ADMINISTRATION, SITE);
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

function sendScan(container: string): Promise<string> {
  seed += 1;
  return service.sendFake({ seed, containers: container });
}

type Role = 'analyst' | 'supervisor' | 'searcher' | 'lane' | 'auditor' | 'administrator';

function post(role: Role, url: string, payload?: object, headers: Record<string, string> = {}) {
  const request: InjectOptions = { method: 'POST', url, headers };
  return service.as(role, payload === undefined ? request : { ...request, payload });
}

async function claimNext(): Promise<Case> {
  const answer = await post('analyst', '/v1/cases/next');
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

const normal = { kind: 'normal', reason: 'nothing-unusual' };
const suspect = { kind: 'suspect', reason: 'shape', note: 'a dense block behind the door' };

story('one site with its analysts', () => {
  describe('a case', () => {
    test('goes from the queue over a verdict and a search to its end, and the lane is told at each step', async () => {
      const scanId = await sendScan('MSKU1234565');
      const lane = async () =>
        (await service.as('lane', { url: `/v1/scans/${scanId}/lane-instruction` })).json().instruction;
      const [waiting] = (await service.as('supervisor', { url: '/v1/queue' })).json().items;
      expect(waiting).toMatchObject({ scanId, state: 'queued', container: 'MSKU1234565' });
      expect(await lane()).toBe('hold');
      const claimed = await claimNext();
      expect(claimed).toMatchObject({ id: waiting.id, state: 'claimed' });
      const home = `/v1/cases/${claimed.id}`;
      expect((await post('analyst', `${home}/verdict`, suspect)).json()).toMatchObject({ state: 'decided' });
      expect((await post('analyst', `${home}/refer`)).json().state).toBe('search');
      const outcome = {
        kind: 'found',
        what: 'cigarettes',
        where: 'behind the door',
        method: 'unloaded',
        extent: 'full',
      };
      expect((await post('searcher', `${home}/outcome`, outcome)).json()).toMatchObject({
        state: 'closed',
        outcome,
      });
      expect((await post('lane', `${home}/customs-release`, { reference: 'R1' })).json()).toHaveProperty(
        'releasedAt',
      );
      expect(await lane()).toBe('hold');
      expect((await service.as('supervisor', { url: '/v1/queue' })).json().items).toEqual([]);
      const closed = await service.as('supervisor', { url: '/v1/queue?state=closed&state=search' });
      expect(closed.json().items.map((one: Case) => one.id)).toEqual([claimed.id]);
    });

    test('decided normal lets the vehicle go, and opened again holds it', async () => {
      const scanId = await sendScan('SUDU3070079');
      const lane = async () =>
        (await service.as('lane', { url: `/v1/scans/${scanId}/lane-instruction` })).json().instruction;
      const { id } = await claimNext();
      const home = `/v1/cases/${id}`;
      expect((await post('analyst', `${home}/verdict`, normal)).json().state).toBe('decided');
      expect(await lane()).toBe('proceed');
      const asked = { url: `/v1/scans/${scanId}/lane-instruction` };
      expect((await service.as('lane', asked)).json().reasons).toMatchObject([{ code: 'normal' }]);
      const toldScanner = (await service.as('scanner', asked)).json();
      expect(toldScanner).toMatchObject({ instruction: 'proceed', final: true });
      expect(toldScanner).not.toHaveProperty('reasons');
      expect((await post('analyst', `${home}/close`)).json().state).toBe('closed');
      expect((await post('supervisor', `${home}/reopen`, { why: 'a tip' })).json().state).toBe('queued');
      expect(await lane()).toBe('hold');
      expect((await post('supervisor', `${home}/claim`)).json().state).toBe('claimed');
      expect((await post('supervisor', `${home}/hand-back`, { why: 'called away' })).json().state).toBe(
        'queued',
      );
      const other = await service.newToken('analyst', ADMINISTRATION, SITE);
      const ask = (url: string, payload: object) => service.ask(other, { method: 'POST', url, payload });
      expect((await ask('/v1/cases/next', {})).json().id, 'nobody reads it twice').toBe(id);
      expect((await ask(`${home}/verdict`, normal)).json().state).toBe('decided');
    });

    test('that nobody waits for is answered without content', async () => {
      expect((await post('analyst', '/v1/cases/next', {})).statusCode).toBe(204);
    });

    test('of a container in which the analyst has an interest is not drawn, however the number is written', async () => {
      const scanId = await sendScan('MSKU1234565');
      const words = { about: 'container', value: 'MSKU 123456-5', why: 'a relative works there' };
      const noNumber = await post('analyst', '/v1/conflicts', { ...words, value: ' -/.' });
      expect(noNumber.json()).toMatchObject({ code: 'NII_BAD_REQUEST', field: 'value' });
      const declared = (await post('analyst', '/v1/conflicts', words)).json();
      expect(declared.conflicts).toMatchObject([{ value: 'MSKU1234565', state: 'declared', number: 1 }]);
      const settle = (role: Role, state: string) =>
        post(role, `/v1/persons/${declared.id}/conflicts/1`, { state });
      expect((await settle('supervisor', 'in-force')).json().conflicts).toMatchObject([
        { state: 'in-force' },
      ]);
      expect((await post('analyst', '/v1/cases/next')).statusCode).toBe(204);
      expect((await settle('supervisor', 'ended')).json().conflicts).toMatchObject([{ state: 'ended' }]);
      expect((await settle('supervisor', 'in-force')).json()).toMatchObject({ code: 'NII_STATE_CONFLICT' });
      const drawn = await post('analyst', '/v1/cases/next');
      expect(drawn.json()).toMatchObject({ scanId, state: 'claimed' });
      await post('analyst', `/v1/cases/${drawn.json().id}/verdict`, normal);
    });

    test('is asked for without saying which: what a request excludes is refused', async () => {
      const answer = await post('analyst', '/v1/cases/next', { excludeContainers: ['MSKU1234565'] });
      expect(answer.json()).toMatchObject({ status: 400, field: 'excludeContainers' });
    });

    test('moved by a repeated request is moved once', async () => {
      await sendScan('TGHU1234560');
      const key = { 'idempotency-key': 'first' };
      const [first, second] = [
        await post('analyst', '/v1/cases/next', {}, key),
        await post('analyst', '/v1/cases/next', {}, key),
      ];
      expect(second.json()).toEqual(first.json());
      expect([first.headers['idempotency-replayed'], second.headers['idempotency-replayed']]).toEqual([
        undefined,
        'true',
      ]);
      const home = `/v1/cases/${first.json().id}`;
      const other = await post('analyst', `${home}/verdict`, normal, key);
      expect(other.json()).toMatchObject({ status: 422, code: 'NII_IDEMPOTENCY_MISMATCH' });
      await post('analyst', `${home}/verdict`, normal);
    });

    test('that has moved since it was read is not moved by who has not seen it', async () => {
      await sendScan('TGHU1234584');
      const value = await claimNext();
      const home = `/v1/cases/${value.id}`;
      const { etag } = (await service.as('analyst', { url: home })).headers;
      expect(etag).toBe(`"${value.tag}"`);
      const stale = await post('analyst', `${home}/verdict`, normal, { 'if-match': '"1"' });
      expect(stale.json()).toMatchObject({ status: 412, code: 'NII_PRECONDITION_FAILED' });
      const fresh = await post('analyst', `${home}/verdict`, normal, { 'if-match': String(etag) });
      expect(fresh.json().state).toBe('decided');
      expect((await post('analyst', `${home}/verdict`, normal)).json()).toMatchObject({
        code: 'NII_STATE_CONFLICT',
      });
    });

    test('given to a second analyst does not show the first verdict, nor its report', async () => {
      const scanId = await sendScan('MSCU1234562');
      const { id } = await claimNext();
      await post('analyst', `/v1/cases/${id}/verdict`, suspect);
      await post('analyst', `/v1/cases/${id}/second-opinion`, { why: 'not sure' });
      const authorization = { authorization: `Bearer ${secondAnalyst}` };
      const taken = await service.app.inject({
        method: 'POST',
        url: '/v1/cases/next',
        headers: authorization,
      });
      expect(taken.json().id).toBe(id);
      expect(taken.body).not.toContain('suspect');
      const reports = await service.app.inject({
        url: `/v1/scans/${scanId}/revisions/1/tdr`,
        headers: authorization,
      });
      const listed = async (role: 'auditor' | 'supervisor') =>
        (await service.as(role, { url: `/v1/scans/${scanId}/revisions/1/tdr` }))
          .json()
          .items.filter(({ name }: { name: string }) => !name.startsWith('machine-'));
      const byPeople = await listed('auditor');
      expect(byPeople).toHaveLength(1);
      expect(await listed('supervisor'), 'who could read it too').toEqual([]);
      expect(reports.json().items.every(({ name }: { name: string }) => name.startsWith('machine-'))).toBe(
        true,
      );
      const report = await service.app.inject({ url: byPeople[0].href, headers: authorization });
      expect(report.statusCode).toBe(404);
      expect((await service.as('auditor', { url: byPeople[0].href })).headers['content-type']).toBe(
        'application/dicom',
      );
      const after = await service.app.inject({
        method: 'POST',
        url: `/v1/cases/${id}/verdict`,
        headers: { ...authorization, 'if-match': String(taken.headers.etag) },
        payload: normal,
      });
      expect(after.json().verdicts).toHaveLength(2);
    });

    test('claimed by a supervisor for the second opinion does not show the report of the first verdict', async () => {
      const scanId = await sendScan('MSCU1234604');
      const { id } = await claimNext();
      await post('analyst', `/v1/cases/${id}/verdict`, suspect);
      const reports = async () =>
        (await service.as('supervisor', { url: `/v1/scans/${scanId}/revisions/1/tdr` })).json().items;
      const [first] = (await reports()).filter(({ name }: { name: string }) => name.startsWith(id));
      expect(first.href).toContain(id);
      const instances = async () => {
        const found = await service.as('supervisor', {
          url: '/dicomweb/instances?Modality=TDR&PatientID=MSCU1234604',
        });
        return found.json().map((item: Record<string, { Value: string[] }>) => item['00081190']?.Value[0]);
      };
      const before = await instances();
      await post('analyst', `/v1/cases/${id}/second-opinion`, { why: 'not sure' });
      expect((await post('supervisor', `/v1/cases/${id}/claim`)).json()).toMatchObject({ verdicts: [] });
      expect((await reports()).filter(({ name }: { name: string }) => name.startsWith(id))).toEqual([]);
      expect((await service.as('supervisor', { url: first.href })).statusCode).toBe(404);
      const blind = await instances();
      expect(blind).toHaveLength(before.length - 1);
      const hidden = new URL(before.find((url: string) => !blind.includes(url))).pathname;
      expect((await service.as('supervisor', { url: hidden })).statusCode).toBe(404);
      expect((await service.as('auditor', { url: hidden })).statusCode).toBe(200);
      await post('supervisor', `/v1/cases/${id}/verdict`, normal);
      expect((await service.as('supervisor', { url: first.href })).statusCode).toBe(200);
      expect((await service.as('supervisor', { url: hidden })).statusCode).toBe(200);
    });

    test.each([
      ['/v1/cases/none/verdict', normal, 404, 'NII_NOT_FOUND', undefined],
      ['/v1/cases/none/verdict', { kind: 'fine', reason: 'shape' }, 400, 'NII_BAD_REQUEST', 'kind'],
      ['/v1/cases/none/verdict', { ...normal, note: 5 }, 400, 'NII_BAD_REQUEST', 'note'],
      ['/v1/cases/none/verdict', { ...normal, more: 1 }, 400, 'NII_BAD_REQUEST', 'more'],
      ['/v1/cases/none/second-opinion', undefined, 400, 'NII_BAD_REQUEST', 'why'],
    ])('%s with %j is refused', async (url, payload, status, code, field) => {
      const answer = await post('analyst', url, payload);
      expect(answer.json()).toMatchObject({ status, code, ...(field === undefined ? {} : { field }) });
    });
  });

  describe('a declaration', () => {
    const body = {
      containers: ['msku 123456 5'],
      hsCodes: ['0901'],
      selectivity: { score: 90, reasons: ['route'] },
    };
    const put = (payload: object, headers: Record<string, string> = {}, ref = 'D-1') =>
      service.as('administrator', { method: 'PUT', url: `/v1/declarations/${ref}`, payload, headers });

    test('is created, replaced and read with its version as ETag', async () => {
      expect((await put(body)).statusCode).toBe(201);
      expect((await put(body)).headers.etag).toBe('"1"');
      expect((await put({ ...body, packages: 3 }, { 'if-match': '"9"' })).statusCode).toBe(412);
      for (const unread of [{}, { 'if-match': '*' }])
        expect((await put({ ...body, packages: 3 }, unread)).json()).toMatchObject({
          status: 428,
          code: 'NII_PRECONDITION_REQUIRED',
        });
      const replaced = await put({ ...body, packages: 3 }, { 'if-match': '"1"' });
      expect([replaced.statusCode, replaced.headers.etag]).toEqual([200, '"2"']);
      const read = await service.as('supervisor', { url: '/v1/declarations/D-1' });
      expect(read.json()).toMatchObject({
        ref: 'D-1',
        version: 2,
        body: { containers: ['MSKU1234565'], packages: 3 },
      });
      const list = await service.as('lane', { url: '/v1/declarations?limit=1' });
      expect(list.json().items).toHaveLength(1);
    });

    test('is found by its container, however the number is written', async () => {
      await put({ containers: ['TEMU 123456-0'] }, {}, 'D-0');
      const found = async (container: string) =>
        (
          await service.as('supervisor', {
            url: `/v1/declarations?container=${encodeURIComponent(container)}`,
          })
        ).json();
      expect((await found('MSKU 123456-5')).items.map(({ ref }: { ref: string }) => ref)).toEqual(['D-1']);
      expect(await found('MSKU1234566')).toEqual({ items: [] });
    });

    test('that rates nothing is shown on the case, also when it comes after it', async () => {
      const scanId = await sendScan('TRLU1234567');
      const read = async () =>
        (await service.as('supervisor', { url: '/v1/queue?container=TRLU1234567' })).json().items[0];
      const before: Case = await read();
      expect(before).not.toHaveProperty('declarations');
      const goods = { description: 'frozen fish', hsCodes: ['030311'], grossMassKg: 12_000 };
      await put({ containers: ['TRLU1234567'], ...goods }, {}, 'D-3');
      await put({ containers: ['TRLU1234567'], declaredEmpty: true }, {}, 'D-4');
      await service.work();
      const after: Case = await read();
      expect(after).toMatchObject({ scanId, declarations: ['D-3', 'D-4'], priority: before.priority });
      expect(after.reasons.filter(({ code }) => code === 'declaration').map(({ text }) => text)).toEqual([
        'declared: frozen fish; HS 030311; 12 000 kg',
        'declared empty',
      ]);
      await put({ containers: [], ...goods }, { 'if-match': '"1"' }, 'D-3');
      await service.work();
      expect(await read()).toMatchObject({ declarations: ['D-4'] });
    });

    test('is told of at its own site, and at every site where a key of all stated it', async () => {
      const headersOf = async (role: Role, site: string) => ({
        authorization: `Bearer ${await service.newToken(role, ADMINISTRATION, site)}`,
      });
      const all = await headersOf('administrator', '*');
      await put({ containers: ['MSKU1234565'], packages: 1 }, {}, 'D-5');
      await put({ containers: ['MSKU1234565'], packages: 1 }, all, 'D-6');
      const told = async (site: string) => {
        const headers = await headersOf('lane', site);
        const { items } = (await service.app.inject({ url: '/v1/changes?limit=200&wait=5', headers })).json();
        return items
          .filter(({ kind }: { kind: string }) => kind === 'declaration.changed')
          .map((row: { subject: string; site: string }) => [row.subject, row.site]);
      };
      expect(await told('airport')).toEqual([['D-6', '*']]);
      expect(await told(SITE)).toContainEqual(['D-5', SITE]);
      expect(await told(SITE)).toContainEqual(['D-6', '*']);
    });

    test('of another site is neither shown nor replaced', async () => {
      const headers = {
        authorization: `Bearer ${await service.newToken('supervisor', ADMINISTRATION, 'airport')}`,
      };
      const ask = (request: InjectOptions) => service.app.inject({ ...request, headers });
      expect((await ask({ url: '/v1/declarations/D-5' })).statusCode).toBe(404);
      const list = (await ask({ url: '/v1/declarations' })).json().items;
      expect(list.map(({ ref }: { ref: string }) => ref)).toEqual(['D-6']);
      const payload = { containers: [] };
      expect((await ask({ method: 'PUT', url: '/v1/declarations/D-5', payload })).statusCode).toBe(404);
      expect((await put({ containers: ['MSKU1234565'], packages: 1 }, {}, 'D-5')).headers.etag).toBe('"1"');
    });

    test('keeps its score and codes for a role that may change them', async () => {
      const lane = (payload: object, headers: Record<string, string> = {}) =>
        service.as('lane', { method: 'PUT', url: '/v1/declarations/D-7', payload, headers });
      const first = { containers: ['MSKU1234565'], hsCodes: ['0901'], selectivity: { score: 80 } };
      expect((await lane(first)).statusCode).toBe(201);
      const seen = { 'if-match': '"1"' };
      for (const change of [{ selectivity: { score: 1 } }, { selectivity: undefined }, { hsCodes: ['0902'] }])
        expect((await lane({ ...first, ...change }, seen)).json()).toMatchObject({ code: 'NII_FORBIDDEN' });
      expect((await lane({ ...first, packages: 2 }, seen)).headers.etag).toBe('"2"');
      const lowered = { ...first, selectivity: { score: 1 } };
      expect((await put(lowered, { 'if-match': '"1"' }, 'D-7')).statusCode).toBe(412);
      expect((await put(lowered, { 'if-match': '"2"' }, 'D-7')).headers.etag).toBe('"3"');
    });

    test('raises the risk of a case of its container', async () => {
      const scanId = await sendScan('CSQU3054383');
      await put({ containers: ['CSQU3054383'], selectivity: { score: 95 } }, {}, 'D-2');
      await service.work();
      const { items } = (await service.as('supervisor', { url: '/v1/queue?container=CSQU3054383' })).json();
      expect(items[0]).toMatchObject({ scanId, declaredRisk: 95, band: 'high' });
    });

    test.each([
      [{ ...body, origin: 'xx' }, 'origin'],
      [{ ...body, grossMassKg: '12' }, 'grossMassKg'],
      [{ containers: 'MSKU1234565' }, 'containers'],
      [{ ...body, presentedAt: 'yesterday' }, 'presentedAt'],
    ])('%j is refused with the field', async (payload, field) => {
      expect((await put(payload)).json()).toMatchObject({ status: 400, code: 'NII_BAD_REQUEST', field });
    });
  });

  describe('the feed of changes', () => {
    test('continues from its cursor, and a reader who waits is told when something happens', async () => {
      const feed = async (query: string) =>
        (await service.as('lane', { url: `/v1/changes?${query}` })).json();
      let { cursor, more } = await feed('limit=200');
      while (more) ({ cursor, more } = await feed(`limit=200&cursor=${encodeURIComponent(cursor)}`));
      const started = Date.now();
      const waiting = feed(`wait=20&cursor=${encodeURIComponent(cursor)}`);
      const scanId = await sendScan('HLXU1234566');
      let told = await waiting;
      // news of before may come first, if a transaction that is older than it was still open
      if (told.items[0]?.subject !== scanId)
        told = await feed(`wait=20&cursor=${encodeURIComponent(told.cursor)}`);
      expect(told.items[0]).toMatchObject({ kind: 'scan.received', subject: scanId });
      expect(Date.now() - started).toBeLessThan(15_000);
    });

    test('without news is answered empty when the wait is over', async () => {
      let cursor = '';
      for (let more = true; more; )
        ({ cursor, more } = (
          await service.as('lane', {
            url: `/v1/changes?limit=200${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
          })
        ).json());
      const answer = await service.as('lane', {
        url: `/v1/changes?wait=1&cursor=${encodeURIComponent(cursor)}`,
      });
      expect(answer.json()).toEqual({ items: [], cursor, more: false });
    });
  });

  test('every view is in the audit with who looked', async () => {
    const scanId = await sendScan('OOLU1234564');
    await service.as('supervisor', { url: `/v1/scans/${scanId}/revisions/latest/preview` });
    const rows: { action: string; subject: string; actor: { role: string } }[] = [];
    for (let next: string | undefined = ''; next !== undefined; ) {
      const page: { items: (typeof rows)[number][]; next?: string } = (
        await service.as('auditor', {
          url: `/v1/audit?limit=200${next === '' ? '' : `&cursor=${encodeURIComponent(next)}`}`,
        })
      ).json();
      rows.push(...page.items);
      next = page.next;
    }
    const seen = rows.filter(({ subject, actor }) => subject === scanId && actor.role === 'supervisor');
    expect(seen.map(({ action }) => action)).toContain('view preview');
  });

  test('lists are read page by page without a row lost or doubled', async () => {
    const ids = async (limit: number) => {
      const found: string[] = [];
      for (let next: string | undefined = ''; next !== undefined; ) {
        const page: { items: { id: string }[]; next?: string } = (
          await service.as('auditor', {
            url: `/v1/scans?limit=${limit}${next === '' ? '' : `&cursor=${encodeURIComponent(next)}`}`,
          })
        ).json();
        expect(page.items.length).toBeLessThanOrEqual(limit);
        found.push(...page.items.map(({ id }) => id));
        next = page.next;
      }
      return found;
    };
    const whole = await ids(200);
    expect(new Set(whole).size).toBe(whole.length);
    expect(await ids(2)).toEqual(whole);
    const answer = await service.as('auditor', { url: '/v1/scans?cursor=nonsense' });
    expect(answer.json()).toMatchObject({ status: 400, code: 'NII_BAD_REQUEST' });
  });

  test('a scan is converted again as a new revision', async () => {
    const scanId = await sendScan('TCLU1234568');
    const again = await post('supervisor', `/v1/scans/${scanId}/convert`, undefined, {
      'idempotency-key': 'again',
    });
    expect(again.json(), again.body).toMatchObject({ scanId, revision: 2 });
    expect(again.statusCode).toBe(202);
    const replayed = await post('supervisor', `/v1/scans/${scanId}/convert`, undefined, {
      'idempotency-key': 'again',
    });
    expect(replayed.json()).toEqual(again.json());
    expect(replayed.headers['idempotency-replayed']).toBe('true');
    await service.work();
    const trial = await post('supervisor', `/v1/scans/${scanId}/convert?dryRun=true`);
    expect(trial.statusCode, trial.body).toBe(200);
    expect(trial.json()).toMatchObject({ scanId, revision: 2, same: true, fields: [], channels: [] });
    const atOnce = await Promise.all(
      Array.from({ length: 6 }, () => post('supervisor', `/v1/scans/${scanId}/convert?dryRun=true`)),
    );
    const codes = atOnce.map(({ statusCode }) => statusCode).toSorted();
    expect(codes, 'of six at once two run and the others are told to come later').toEqual([
      200, 200, 503, 503, 503, 503,
    ]);
    expect((await post('supervisor', `/v1/scans/${scanId}/convert?dryRun=true`)).statusCode).toBe(200);
    const { revisions } = (await service.as('supervisor', { url: `/v1/scans/${scanId}` })).json();
    expect(revisions.map(({ state }: { state: string }) => state)).not.toContain('failed');
    expect(revisions).toHaveLength(2);
  });

  test('models and converters are listed for any key', async () => {
    expect((await service.as('analyst', { url: '/v1/models' })).json()).toEqual({ items: [] });
    const { items } = (await service.as('scanner', { url: '/v1/converters' })).json();
    expect(items.map(({ id }: { id: string }) => id)).toContain('fake');
  });
});
