import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { relatedBody } from '../../../../lab/siege/related-body.ts';
import { openOnnxRunner } from '../../../../src/adapters/onnx/runner.ts';
import { issueKey } from '../../../../src/features/persons/keys.ts';
import type { OperationId } from '../../../../src/http/routes/index.ts';
import { ModelShelf } from '../../../../src/infer/installed/shelf.ts';
import { loadModelPackages } from '../../../../src/infer/packages.ts';
import { openServiceHolds } from '../../../../src/stored/service-holds.ts';
import { fakeScan } from '../../../support/fake-scan.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../../support/harness.ts';
import { isOperationId, operations } from '../../../support/http/operations.ts';
import { writePackage } from '../../../support/infer/package-folder.ts';
import { query } from '../../../support/postgres-server.ts';
import { story } from '../../../support/vitest/story.ts';
import { mayCall } from '../tenants/oracle.ts';
import { furnish, type Room } from '../tenants/rooms.ts';

/**
 * Every operation that changes something, asked for by an administrator of the site that it is about, of another site and
 * of all sites. The routes give the list: a new one fails the test until it has an answer here.
 *
 * - What is of a site is changed by administrators of that site and of all sites.
 * - What is of all sites is changed by administrators of all sites.
 * - What is the caller's own is changed by anyone; of one key alone by nobody else.
 */

const administrators = { another: 'airport', site: SITE, all: '*' } as const;
type Which = keyof typeof administrators;

const mayChange = {
  'a site': { another: false, site: true, all: true },
  'all sites': { another: false, site: false, all: true },
  own: { another: true, site: true, all: true },
  'one key': { another: false, site: false, all: false },
} satisfies Record<string, Record<Which, boolean>>;

interface Change {
  readonly of: keyof typeof mayChange;
  /** A request that would change it. */
  readonly request: () => Promise<Omit<InjectOptions, 'method'>>;
}

let service: Harness;
let root: string;
let shelf: ModelShelf;
let room: Room;
const tokens = new Map<Which, string>();
let serial = 0;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'nii-administration-'));
  for (const version of ['1', '2']) writePackage(join(root, `opacity/${version}`), { version });
  shelf = await ModelShelf.open({
    read: () => loadModelPackages(root),
    open: ({ path }) => openOnnxRunner({ file: path }),
    test: async () => {},
    onLeftOut: () => {},
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  service = await openHarness({ deps: { models: shelf } });
  const [first] = await furnish(service, [[ADMINISTRATION, SITE]]);
  if (first === undefined) throw new Error('no room');
  room = first;
  for (const which of ['another', 'site', 'all'] as const)
    tokens.set(which, await service.newToken('administrator', ADMINISTRATION, administrators[which]));
}, 120_000);
afterAll(async () => {
  await service?.close();
  await shelf?.close();
  rmSync(root, { recursive: true });
  expect(service.wrongAnswers).toEqual([]);
});

const ask = (which: Which, request: InjectOptions) => service.ask(tokens.get(which) ?? '', request);

/** With the version that is there now. */
async function current(url: string, at: string, payload: object) {
  const { headers } = await ask('all', { url: at });
  return { url, payload, headers: { 'if-match': String(headers.etag) } };
}

async function samePolicy() {
  const { terms } = (await ask('all', { url: '/v1/policy' })).json();
  return current('/v1/policy', '/v1/policy', terms);
}

const model = (what: string, payload: object = {}) =>
  current(`/v1/models/opacity/${what}`, '/v1/models/opacity', payload);
const site = `/v1/sites/${SITE}`;
const vehicle = `${site}/vehicle-holds/container/MSKU1234565`;
/** What the service opened by itself. */
async function aServiceHold() {
  serial += 1;
  await openServiceHolds(service.deps, { cause: 'recovery', reason: 'restored', signs: [`test ${serial}`] });
  const { items } = (await ask('all', { url: '/v1/service-holds' })).json();
  return `${site}/service-holds/${items.at(-1).id}`;
}
const plain = (url: string, payload?: object) => async () => ({
  url,
  ...(payload === undefined ? {} : { payload }),
});

async function instances(path: string) {
  const { payload, headers } = relatedBody([Buffer.from('not an instance'.repeat(20))]);
  return { url: `/dicomweb/studies${path}?site=${SITE}`, payload, headers };
}

/** Someone who works at the site. */
async function aPerson() {
  const place = { administration: ADMINISTRATION, site: SITE };
  const { person } = await issueKey(service.deps, { ...place, roles: ['supervisor'], name: 'Sue' });
  const url = `/v1/persons/${person?.id}`;
  return current(url, url, { name: 'Sue', ended: true });
}

async function aDeclaration() {
  serial += 1;
  const url = `/v1/declarations/${room.ref}`;
  return current(url, url, { containers: [], packages: serial });
}

async function aScanner() {
  const url = `/v1/scanners/${SITE}/${room.scanner}`;
  return current(url, url, { sendersAllowed: [] });
}

/** Of the site, and nobody can read it. */
async function aFailedScan(): Promise<string> {
  serial += 1;
  const payload = fakeScan({ seed: 900 + serial, behaviour: 'throw' });
  const headers = { authorization: `Bearer ${room.token}`, 'content-type': 'application/octet-stream' };
  const url = `/v1/scans?name=broken-${serial}.fake`;
  const answer = await service.app.inject({ method: 'POST', url, payload, headers });
  await service.work();
  return `/v1/scans/${answer.json().scans[0].scanId}/set-aside`;
}

async function aPassage() {
  serial += 1;
  const passages = [{ id: `b-${serial}`, at: '2026-03-01T05:00:00Z', scanId: room.scanId }];
  return { url: '/v1/passages', payload: { site: SITE, passages } };
}

const checkIn = { plates: ['T-1'], expectedAt: '2026-03-01T05:00:00Z' };
const csv = { 'content-type': 'text/csv' };

const tus = { 'tus-resumable': '1.0.0' };
const offset = { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' };
const metadata = `site ${Buffer.from(SITE).toString('base64')}`;

const changes: Partial<Record<OperationId, Change>> = {
  uploadScans: {
    of: 'a site',
    request: async () => ({
      url: `/v1/scans?site=${SITE}&name=a.fake`,
      payload: fakeScan({ seed: 7 }),
      headers: { 'content-type': 'application/octet-stream' },
    }),
  },
  beginResumable: {
    of: 'a site',
    request: async () => ({
      url: '/v1/uploads/tus',
      headers: { ...tus, 'upload-length': '10', 'upload-metadata': metadata },
    }),
  },
  sendResumable: {
    of: 'one key',
    request: async () => ({
      url: `/v1/uploads/tus/${room.uploadId}`,
      payload: Buffer.from('x'),
      headers: { ...tus, ...offset },
    }),
  },
  endResumable: {
    of: 'one key',
    request: async () => ({ url: `/v1/uploads/tus/${room.uploadId}`, headers: tus }),
  },
  storeInstances: { of: 'a site', request: () => instances('') },
  storeInstancesOfStudy: { of: 'a site', request: () => instances('/1.2.3') },
  convertScanAgain: { of: 'a site', request: async () => ({ url: `/v1/scans/${room.scanId}/convert` }) },
  recordCustomsRelease: {
    of: 'a site',
    request: async () => ({ url: `/v1/cases/${room.caseId}/customs-release`, payload: {} }),
  },
  reportPassages: { of: 'a site', request: aPassage },
  putDeclaration: { of: 'a site', request: aDeclaration },
  createPerson: { of: 'own', request: plain('/v1/persons', { name: 'Ann' }) },
  linkPerson: { of: 'a site', request: aPerson },
  putPolicy: { of: 'all sites', request: samePolicy },
  confirmPolicy: {
    of: 'all sites',
    request: () => current('/v1/policy/confirmation', '/v1/policy', {}),
  },
  putSite: { of: 'a site', request: () => current(site, site, { mode: 'parallel', windows: [] }) },
  confirmSite: { of: 'a site', request: () => current(`${site}/confirmation`, site, {}) },
  endServiceHold: {
    of: 'a site',
    request: async () => {
      const hold = await aServiceHold();
      return current(hold, hold, { reason: 'sent again' });
    },
  },
  confirmServiceHold: {
    of: 'a site',
    request: async () => {
      const hold = await aServiceHold();
      return current(`${hold}/confirmation`, hold, {});
    },
  },
  putSetAside: {
    of: 'a site',
    request: async () => {
      const url = await aFailedScan();
      return current(url, url, { isSetAside: true, reason: 'x' });
    },
  },
  confirmSetAside: {
    of: 'a site',
    request: async () => {
      const url = await aFailedScan();
      return current(`${url}/confirmation`, url, {});
    },
  },
  putScanMarks: {
    of: 'a site',
    request: () => {
      serial += 1;
      const url = `/v1/scans/${room.scanId}/marks`;
      return current(url, url, { marks: [{ kind: 'plate', value: `P${serial}` }], reason: 'x' });
    },
  },
  confirmScanMarks: {
    of: 'a site',
    request: () => {
      const url = `/v1/scans/${room.scanId}/marks`;
      return current(`${url}/confirmation`, url, {});
    },
  },
  sendCheckIns: {
    of: 'a site',
    request: plain(`${site}/check-ins`, { checkIns: [{ id: 'b-1', ...checkIn }] }),
  },
  sendCheckInFile: {
    of: 'a site',
    request: async () => ({
      url: `${site}/check-in-files`,
      headers: csv,
      payload: 'id,plates,expectedAt\nb-2,T-2,2026-03-01T05:00:00Z\n',
    }),
  },
  putCheckIn: {
    of: 'a site',
    request: () => {
      const url = `/v1/check-ins/${room.checkInId}`;
      serial += 1;
      return current(url, url, { ...checkIn, plates: [`T-${serial}`] });
    },
  },
  confirmCheckIn: {
    of: 'a site',
    request: () => {
      const url = `/v1/check-ins/${room.checkInId}`;
      return current(`${url}/confirmation`, url, {});
    },
  },
  putVehicleHold: { of: 'a site', request: () => current(vehicle, vehicle, { isHeld: true, reason: 'x' }) },
  confirmVehicleHold: { of: 'a site', request: () => current(`${vehicle}/confirmation`, vehicle, {}) },
  sendStationDecisions: {
    of: 'a site',
    request: async () => ({
      url: `${site}/station-decisions`,
      payload: 'container,scan,decision,at,officer\n',
      headers: { 'content-type': 'text/csv' },
    }),
  },
  proposeModel: { of: 'all sites', request: () => model('activation', { version: '1' }) },
  confirmModel: { of: 'all sites', request: () => model('confirmation') },
  rollBackModel: { of: 'all sites', request: () => model('rollback') },
  setShadowModel: { of: 'all sites', request: () => model('shadow', { version: null }) },
  registerScanner: { of: 'a site', request: aScanner },
  confirmScanner: {
    of: 'a site',
    request: () => {
      const url = `/v1/scanners/${SITE}/${room.scanner}`;
      return current(`${url}/confirmation`, url, {});
    },
  },
  acknowledgeScanner: {
    of: 'a site',
    request: async () => ({
      url: `/v1/scanners/${SITE}/${room.scanner}/acknowledge`,
      payload: { why: 'seen' },
    }),
  },
  endSession: { of: 'own', request: plain('/v1/session/end') },
  endAllSessions: { of: 'own', request: plain('/v1/session/end-all') },
};

const mutating = Object.keys(operations)
  .filter(isOperationId)
  .filter((id) => operations[id].method !== 'GET');
const mayAsAdministrator = (id: OperationId) =>
  mayCall('administrator', operations[id].method, operations[id].url);

story('one site and its administrators', () => {
  const found: string[] = [];

  test('every change that an administrator may make has an answer, and no other', () => {
    expect(new Set(Object.keys(changes))).toEqual(new Set(mutating.filter(mayAsAdministrator)));
  });

  test('each is made by the administrators who may, and by no other', { timeout: 300_000 }, async () => {
    const wrong: string[] = [];
    for (const id of mutating) {
      let marks = '';
      for (const which of ['another', 'site', 'all'] as const) {
        const mark = await markOf(id, which);
        const change = changes[id];
        const may = change !== undefined && mayChange[change.of][which];
        if ((mark === 'x') !== may) wrong.push(`${id} ${which}: ${mark}`);
        marks += mark;
      }
      const { method, url } = operations[id];
      found.push(`${marks}  ${method.padEnd(6)} ${url}`);
    }
    expect(wrong).toEqual([]);
  });

  test('nothing that is audited changes while the audit cannot be written', {
    timeout: 120_000,
  }, async () => {
    const requests: [OperationId, InjectOptions][] = [];
    for (const id of mutating) {
      const request = await changes[id]?.request();
      if (request !== undefined) requests.push([id, { method: operations[id].method, ...request }]);
    }
    const refuse = `create function refuse() returns trigger language plpgsql as $$ begin raise 'disk full'; end $$;
      create trigger refuse before insert on audit for each statement execute function refuse()`;
    await query(service.ownerUrl, refuse);
    const changed: string[] = [];
    for (const [id, request] of requests) {
      const before = await contents();
      const { statusCode } = await ask('all', request);
      if (!isDeepStrictEqual(await contents(), before)) changed.push(`${id} ${statusCode}`);
    }
    await query(service.ownerUrl, 'drop trigger refuse on audit');
    // an empty place for a file; the upload that comes of it is audited
    expect(changed).toEqual(['beginResumable 201']);
  });

  test('the table of all of this is as it is written down', async () => {
    const head = [
      '# Administrators x changes, as administration.test.ts found it: of another site, of the site, of all sites.',
      '# x: may; -: rejected (403); .: not there (404). Made by the test, which compares it.',
      '#',
    ];
    await expect(`${[...head, ...found].join('\n')}\n`).toMatchFileSnapshot('./administration-table.txt');
  });
});

/** A hash of each table. */
async function contents(): Promise<unknown> {
  const tables = await query(service.ownerUrl, "select tablename from pg_tables where schemaname = 'public'");
  const hashes = tables.map(
    ({ tablename: name }) =>
      `select '${name}' as name, md5(string_agg(t::text, ',' order by t::text)) as hash from "${name}" t`,
  );
  return query(service.ownerUrl, `${hashes.join(' union all ')} order by name`);
}

async function markOf(id: OperationId, which: Which): Promise<string> {
  const { method, url } = operations[id];
  const request = (await changes[id]?.request()) ?? { url: url.replaceAll(/:[A-Za-z]+/g, 'none') };
  const { statusCode, body } = await ask(which, { method, ...request });
  if (statusCode === 401 || statusCode >= 500) return `${statusCode} ${body}`;
  if (statusCode === 403) return '-';
  return statusCode === 404 ? '.' : 'x';
}
