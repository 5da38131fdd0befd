import { readdirSync, readFileSync } from 'node:fs';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Role } from '../../../src/core/access.ts';
import { reindex } from '../../../src/maintenance/reindex/reindex.ts';
import { verifyAll } from '../../../src/maintenance/verify.ts';
import { fakeScan, form } from '../../support/fake-scan.ts';
import { type Harness, openHarness, SITE } from '../../support/harness.ts';

let service: Harness;
let name: string;
let ada: string;

beforeAll(async () => {
  service = await openHarness();
});

let offices = 0;
beforeEach(async () => {
  offices += 1;
  name = `utopia-${offices}`;
  ada = await key('administrator', '*');
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

function key(role: Role, site = SITE): Promise<string> {
  return service.newToken(role, name, site);
}

function ask(token: string, request: InjectOptions) {
  const headers = { ...request.headers, authorization: `Bearer ${token}` };
  return service.app.inject({ ...request, headers });
}

const home = `/v1/sites/${SITE}`;

function send(payload: string, type = 'text/csv', token = ada) {
  const headers = { 'content-type': type };
  return ask(token, { method: 'POST', url: `${home}/station-decisions`, payload, headers });
}

const compared = async (query = '', token = ada) =>
  (await ask(token, { url: `${home}/comparison${query}` })).json();

let seed = 0;
/** A scan that an analyst decides so, or nobody. */
async function scanned(container: string, kind?: 'normal' | 'suspect'): Promise<string> {
  seed += 1;
  const sent = await ask(await key('scanner'), {
    method: 'POST',
    url: `/v1/scans?name=lot${seed}.fake`,
    payload: fakeScan({ seed, containers: container }),
    headers: { 'content-type': 'application/octet-stream' },
  });
  await service.work();
  if (kind !== undefined) {
    const analyst = await key('analyst');
    const { id } = (await ask(analyst, { method: 'POST', url: '/v1/cases/next' })).json();
    const payload = { kind, reason: 'other' };
    await ask(analyst, { method: 'POST', url: `/v1/cases/${id}/verdict`, payload });
  }
  return sent.json().scans[0].scanId;
}

const now = () => new Date().toISOString();

describe('decisions of the vendor’s own station', () => {
  test('are compared with ours: what agrees is counted, and each disagreement listed', async () => {
    const first = await scanned('MSKU1234565', 'normal');
    const second = await scanned('CSQU3054383', 'normal');
    const third = await scanned('SUDU3070079', 'suspect');
    await scanned('TGHU1234560');
    const at = now();
    const lines = [
      'container;scan;decision;at;officer',
      `MSKU 123456-5;;CLEAR;${at};op-7`,
      `;${second};Alarm;${at};"op ""8"""`,
      `SUDU3070079;;suspect;${at};`,
      `TGHU1234560;;normal;${at};`,
      `MSCU1234561;;normal;${at};`,
    ];
    const sent = await send(`${lines.join('\r\n')}\r\n`);
    expect(sent.json()).toMatchObject({ decisions: 5, result: 'new' });
    const found = await compared();
    expect(found).toMatchObject({ mode: 'live', agree: 2, disagree: 1, undecided: 1 });
    expect(found.disagreements).toMatchObject([
      {
        scanId: second,
        ours: 'normal',
        station: { decision: 'suspect', written: 'Alarm', officer: 'op "8"' },
      },
    ]);
    expect(found.unmatched).toMatchObject([{ container: 'MSCU1234561' }]);
    expect(found.pairs).toContainEqual({ ours: 'suspect', theirs: 'suspect', cases: 1 });
    expect(JSON.stringify(found.disagreements)).not.toContain(first);
    expect(JSON.stringify(found.disagreements)).not.toContain(third);
  });

  test('are read from XML, the newest on a case counts, and the same file is taken in once', async () => {
    const scan = await scanned('MSKU1234565', 'normal');
    const before = new Date(Date.now() - 60_000).toISOString();
    const file = `<decisions>
      <entry scan="${scan}" decision="ALARM" at="${now()}"/>
      <entry><scan>${scan}</scan><decision>NO ALARM</decision><at>${before}</at></entry>
    </decisions>`;
    for (const result of ['new', 'already-here'])
      expect((await send(file, 'application/xml')).json()).toMatchObject({ decisions: 2, result });
    expect(await compared()).toMatchObject({ agree: 0, disagree: 1 });
  });

  test('are found where they came as a report with the scan', async () => {
    const folder = new URL('../../../converters/smiths-dataform/fixtures/radiation-utf16/', import.meta.url);
    const files = readdirSync(folder).filter((file) => file !== 'expected.json');
    const parts = files.map((file) => ({ file, bytes: new Uint8Array(readFileSync(new URL(file, folder))) }));
    const sent = await ask(await key('scanner'), { method: 'POST', url: '/v1/scans', ...form(parts) });
    await service.work();
    const place = { administration: name, site: SITE };
    const found = await service.deps.records.transaction((tx) =>
      tx.reportsReceived(place, new Date(0).toISOString(), now()),
    );
    expect(found).toMatchObject([{ scanId: sent.json().scans[0].scanId }]);
    expect(found[0]?.reports.map(({ type }) => type)).toContain('OPERATOR');
  });

  test('without a zone are of the zone of the site', async () => {
    await scanned('MSKU1234565', 'suspect');
    const { etag } = (await ask(ada, { url: home })).headers;
    const payload = { mode: 'parallel', windows: [], zone: 'Asia/Dubai' };
    const put = await ask(ada, { method: 'PUT', url: home, payload, headers: { 'if-match': String(etag) } });
    const headers = { 'if-match': String(put.headers.etag) };
    await ask(await key('administrator'), { method: 'POST', url: `${home}/confirmation`, headers });
    const local = new Date(Date.now() + 4 * 3_600_000 - 60_000).toISOString().slice(0, 19);
    await send(`container,decision,at\nMSKU1234565,suspect,${local}\n`);
    const hour = new Date(Date.now() - 3_600_000).toISOString();
    expect(await compared(`?from=${hour}&to=${now()}`)).toMatchObject({ mode: 'parallel', agree: 1 });
  });

  test('show nothing of a case that somebody may still read', async () => {
    const scan = await scanned('MSKU1234565', 'suspect');
    const cases = await service.deps.records.transaction((tx) => tx.casesOfScan(scan));
    const supervisor = await key('supervisor');
    const payload = { why: 'once more' };
    await ask(supervisor, { method: 'POST', url: `/v1/cases/${cases[0]!.id}/second-opinion`, payload });
    await send(`scan,decision,at\n${scan},normal,${now()}\n`);
    expect(await compared('', supervisor)).toMatchObject({ disagree: 0, undecided: 1, disagreements: [] });
  });

  test.each([
    ['\n', 'line 1'],
    ['container,decision,at\nMSKU1234565,fine,2026-01-02T03:04:05Z', 'line 2: invalid decision "fine"'],
    ['container,decision,at\nMSKU1234565,normal,yesterday', 'line 2: invalid at "yesterday"'],
    ['container,decision,at\n\n,normal,2026-01-02T03:04:05Z', 'line 3: neither container nor scan'],
    ['container,decision,at,colour\nM,normal,2026-01-02T03:04:05Z,red', 'unknown column "colour"'],
    ['container,decision,at\n"M,normal,2026-01-02T03:04:05Z', 'line 2: a quote is not closed'],
  ])('%j are rejected, with the line', async (file, why) => {
    const answer = await send(file);
    expect(answer.json()).toMatchObject({ detail: expect.stringContaining(why), code: 'NII_MALFORMED' });
    expect(await compared()).toMatchObject({ agree: 0, disagree: 0, unmatched: [] });
  });

  test('are rejected of another site, in another format, or for a period that is too long', async () => {
    const airport = await key('administrator', 'airport');
    expect((await send('scan,decision,at\n', 'text/csv', airport)).statusCode).toBe(404);
    expect((await send('{}', 'application/json')).statusCode).toBe(415);
    expect((await compared('', airport)).status).toBe(404);
    const from = new Date(Date.now() - 8 * 86_400_000).toISOString();
    expect(await compared(`?from=${from}`)).toMatchObject({ status: 400, field: 'to' });
    const leap = { status: 400, field: 'to', detail: expect.stringContaining('23:59:60Z') };
    expect(await compared('?to=2026-02-28T23:59:60Z')).toMatchObject(leap);
    // A day later no time can be written
    expect(await compared('?to=9999-12-31T23:59:59.999Z')).not.toHaveProperty('status');
  });

  test('are known after a rebuild', async () => {
    await scanned('MSKU1234565', 'normal');
    await send(`container,decision,at\nMSKU1234565,suspect,${now()}\n`);
    const period = `?from=${new Date(Date.now() - 3_600_000).toISOString()}&to=${now()}`;
    const before = await compared(period);
    expect(before).toMatchObject({ disagree: 1 });
    await reindex(service.deps);
    await service.work();
    expect(await compared(period)).toEqual(before);
    expect(await verifyAll(service.deps)).toMatchObject({ missing: [], corrupt: [], unnamed: [] });
  });
});
