import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Role } from '../../../src/core/access.ts';
import { withCheckDigit } from '../../../src/core/check-digits.ts';
import { issueKey } from '../../../src/features/persons/keys.ts';
import { reindex } from '../../../src/maintenance/reindex/reindex.ts';
import { verifyAll } from '../../../src/maintenance/verify.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { type Harness, openHarness, SITE } from '../../support/harness.ts';
import { type LaneController, openLane } from '../../support/http/lane-controller.ts';
import { movableClock } from '../../support/stage.ts';
import { portalLines } from '../../support/vendors/portal.ts';

let service: Harness;
let controller: LaneController;
let office: Office;

/** An administration of its own for each test. */
interface Office {
  readonly name: string;
  readonly ada: string;
  readonly bob: string;
  readonly scanner: string;
  readonly officer: string;
}

beforeAll(async () => {
  controller = await openLane();
  service = await openHarness({ deps: { clock, lane: controller.lane } });
});

const clock = movableClock('2026-03-04T12:00:00.000Z');
let offices = 0;
beforeEach(async () => {
  offices += 1;
  const name = `utopia-${offices}`;
  office = {
    name,
    ada: await key('administrator', '*', name),
    bob: await key('administrator', '*', name),
    scanner: await key('scanner', SITE, name),
    officer: await key('radiation-officer', SITE, name),
  };
});

afterAll(async () => {
  await service.close();
  controller.close();
  expect(service.wrongAnswers).toEqual([]);
});

function key(role: Role, site = SITE, name = office.name): Promise<string> {
  return service.newToken(role, name, site);
}

function ask(token: string, request: InjectOptions) {
  const headers = { ...request.headers, authorization: `Bearer ${token}` };
  return service.app.inject({ ...request, headers });
}

const home = `/v1/sites/${SITE}`;
const live = { mode: 'live', windows: [] } as const;
const read = async (token = office.ada) => (await ask(token, { url: home })).json();

async function put(terms: object, token = office.ada, url = home) {
  const { etag } = (await ask(token, { url })).headers;
  const headers = { 'if-match': String(etag ?? '"0"') };
  return ask(token, { method: 'PUT', url, payload: { ...live, ...terms }, headers });
}

async function confirm(token = office.bob) {
  const { etag } = (await ask(token, { url: home })).headers;
  return ask(token, { method: 'POST', url: `${home}/confirmation`, headers: { 'if-match': String(etag) } });
}

/** Decides for the site, by two persons where it takes them. */
async function decide(terms: object): Promise<void> {
  const answer = await put(terms);
  expect([200, 202], answer.body).toContain(answer.statusCode);
  if (answer.statusCode === 202) expect((await confirm()).statusCode).toBe(200);
  await service.work();
}

const NOON = Date.UTC(2026, 2, 4, 12);
const at = (minute: number) => new Date(NOON + minute * 60_000).toISOString();
/** What a clock shows that says no zone. */
const written = (minute: number) => at(minute).replace('.000Z', '');

let seed = 0;
async function send(name: string, payload: Buffer, query: string): Promise<string> {
  const answer = await ask(office.scanner, {
    method: 'POST',
    url: `/v1/scans?name=${name}&${query}`,
    payload,
    headers: { 'content-type': 'application/octet-stream' },
  });
  expect(answer.statusCode, answer.body).toBe(202);
  await service.work();
  return answer.json().scans[0].scanId;
}

function xray(acquired: string, lane = '3', scanner = 'xray'): Promise<string> {
  seed += 1;
  // each is a vehicle of its own
  const order = { seed, acquired, containers: withCheckDigit(`MSKU${String(seed).padStart(6, '0')}`) };
  return send(`${seed}.fake`, fakeScan(order), `scanner=${scanner}&lane=${lane}`);
}

function alarm(from: string, lane = '3', scanner = 'gate'): Promise<string> {
  seed += 1;
  return send(
    `${seed}.csv`,
    portalLines([{ from, number: seed, alarm: 'gamma' }]),
    `scanner=${scanner}&lane=${lane}`,
  );
}

/** What is sent from now on comes so many minutes after noon. */
const sentAt = (minute: number) => clock.advance((NOON + minute * 60_000 - clock.now().getTime()) / 1000);
const xrayAt = (minute: number, ...more: [lane?: string, scanner?: string]) => {
  sentAt(minute);
  return xray(at(minute), ...more);
};
const alarmAt = (minute: number, ...more: [lane?: string, scanner?: string]) => {
  sentAt(minute);
  return alarm(at(minute), ...more);
};

const hold = async () => (await ask(office.officer, { url: '/v1/holds' })).json().items[0];
const lane = async (scanId: string) =>
  (await ask(await key('lane'), { url: `/v1/scans/${scanId}/lane-instruction` })).json();
const rowsOf = async (scanId: string) =>
  (await lane(scanId)).reasons.map(({ code }: { code: string }) => code);

const homeOf = (scanner: string) => `/v1/scanners/${SITE}/${scanner}`;

async function proposeClock(scanner: string, register: object, token = office.ada) {
  const url = homeOf(scanner);
  const { etag } = (await ask(token, { url })).headers;
  const headers = { 'if-match': String(etag) };
  const answer = await ask(token, {
    method: 'PUT',
    url,
    payload: { sendersAllowed: [], ...register },
    headers,
  });
  await service.work();
  return answer;
}

async function confirmClock(scanner: string, token = office.bob) {
  const url = homeOf(scanner);
  const { etag } = (await ask(token, { url })).headers;
  const headers = { 'if-match': String(etag ?? '"1"') };
  const answer = await ask(token, { method: 'POST', url: `${url}/confirmation`, headers });
  await service.work();
  return answer;
}

/** By two persons. */
async function setClock(scanner: string, register: object) {
  const answer = await proposeClock(scanner, register);
  return answer.statusCode === 202 ? confirmClock(scanner) : answer;
}

const portalId = 'rpm-lines.gate';

describe('the clock of a portal or a scanner', () => {
  test('that says no zone joins by the zone that is set, and then surely', async () => {
    const scan = await xray(at(1));
    await alarm(written(4 * 60));
    expect(await hold()).toMatchObject({ join: { kind: 'none' }, passage: { isZoneStated: false } });
    const done = await setClock(portalId, { zone: 'Asia/Dubai' });
    expect(done.json()).toMatchObject({ zone: 'Asia/Dubai' });
    const { join, passage } = await hold();
    expect(join).toMatchObject({ kind: 'joined', scanId: scan, by: 'time', secondsApart: 60 });
    expect(join).not.toHaveProperty('isZoneAssumed');
    expect(passage).toMatchObject({ from: at(0), isZoneStated: true });
    expect(await rowsOf(scan)).toContain('alarm-waits');
  });

  test('that is wrong has its error taken off, of the scanner as of the portal', async () => {
    const scan = await xray(at(31));
    await alarm(at(-60));
    await setClock('fake.xray', { clockOffsetSeconds: 1800 });
    await setClock(portalId, { clockOffsetSeconds: -3600 });
    expect((await hold()).join).toMatchObject({ kind: 'joined', scanId: scan, secondsApart: 60 });
    const shown = (await ask(office.ada, { url: `/v1/scanners/${SITE}/fake.xray` })).json();
    expect(shown).toMatchObject({ clockOffsetSeconds: 1800, days: [{ clockSeconds: expect.any(Number) }] });
    const record = (await ask(office.ada, { url: `/v1/scans/${scan}/revisions/latest/scan.json` })).json();
    expect(Date.parse(record.acquired.utc), 'stored records stay as they are').toBe(Date.parse(at(31)));
  });

  test('goes by the zone of its site where nothing is said of it, whichever comes first', async () => {
    await decide({ zone: 'Asia/Dubai' });
    await alarm(written(4 * 60));
    const scan = await xray(written(4 * 60 + 1));
    expect((await hold()).join).toMatchObject({ scanId: scan, secondsApart: 60 });
    expect((await hold()).join).not.toHaveProperty('isZoneAssumed');
  });

  test.each([
    [{ zone: 'Mars/Olympus' }],
    [{ zone: '+04:00' }],
    [{ clockOffsetSeconds: 86_401 }],
    [{ clockOffsetSeconds: 1.5 }],
  ])('is not set to %j', async (register) => {
    await alarm(at(0));
    expect((await setClock(portalId, register)).json()).toMatchObject({
      status: 400,
      code: 'NII_BAD_REQUEST',
    });
  });
});

describe('what is stated about a scanner', () => {
  const clockOffsetSeconds = 7200;
  const shownOf = async (scanner: string) => (await ask(office.ada, { url: homeOf(scanner) })).json();

  test('frees no vehicle by one person: a clock that is set otherwise waits for another', async () => {
    const scan = await xray(at(1));
    await alarm(at(20), '7');
    await alarm(at(30));
    const before = [await shownOf('fake.xray'), await rowsOf(scan)];
    expect(before[1]).toContain('alarm-near');
    const proposed = await proposeClock('fake.xray', { clockOffsetSeconds });
    expect([proposed.statusCode, proposed.headers.etag]).toEqual([202, '"1"']);
    expect(proposed.json().proposal).toMatchObject({ version: 1, terms: { clockOffsetSeconds } });
    const { proposal, ...unchanged } = await shownOf('fake.xray');
    expect(proposal).toEqual(proposed.json().proposal);
    expect([unchanged, await rowsOf(scan)]).toEqual(before);

    const own = await confirmClock('fake.xray', office.ada);
    expect([own.statusCode, own.json().code]).toEqual([409, 'NII_STATE_CONFLICT']);
    expect([(await shownOf('fake.xray')).clockOffsetSeconds, await rowsOf(scan)]).toEqual([
      undefined,
      before[1],
    ]);

    const confirmed = await confirmClock('fake.xray');
    expect([confirmed.statusCode, confirmed.headers.etag]).toEqual([200, '"2"']);
    expect(confirmed.json()).toMatchObject({ clockOffsetSeconds });
    expect(confirmed.json()).not.toHaveProperty('proposal');
    expect(await rowsOf(scan), 'it came with the alarm, whatever its clock says').toContain('alarm-near');
    expect((await confirmClock('fake.xray')).statusCode).toBe(409);
  });

  test.each([
    [{ zone: 'Asia/Dubai' }],
    [{ clockOffsetSeconds: -1 }],
    [{ cab: { side: 'left', share: 0.2 } }],
    [{ sendersAllowed: ['gate-2'] }],
  ])('is a proposal where it is %j, and so is its end', async (register) => {
    await xray(at(1));
    expect((await proposeClock('fake.xray', register)).statusCode).toBe(202);
    expect((await confirmClock('fake.xray')).json()).toMatchObject(register);
    const isRemoval = 'sendersAllowed' in register;
    expect((await proposeClock('fake.xray', {})).statusCode).toBe(isRemoval ? 200 : 202);
  });

  test('is in force at once where it loosens nothing, and takes the place of a proposal', async () => {
    await xray(at(1));
    await proposeClock('fake.xray', { clockOffsetSeconds });
    const facts = { type: 'portal' };
    expect((await proposeClock('fake.xray', { facts })).statusCode).toBe(200);
    expect((await confirmClock('fake.xray')).statusCode).toBe(409);
    expect(await shownOf('fake.xray')).toMatchObject({ facts });
    expect(await shownOf('fake.xray')).not.toHaveProperty('clockOffsetSeconds');
  });

  test('counts on from what 0.2.0 kept, which had no proposals', async () => {
    await xray(at(1));
    const place = { administration: office.name, site: SITE };
    const register = { sendersAllowed: [], clockOffsetSeconds: 5, version: 3 };
    await service.deps.records.transaction(async (tx) => {
      const scanner = await tx.scanner(place, 'fake.xray');
      if (scanner !== undefined) await tx.putScanner({ ...scanner, register });
    });
    expect((await proposeClock('fake.xray', { clockOffsetSeconds: 5 })).headers.etag).toBe('"4"');
    expect((await proposeClock('fake.xray', {})).statusCode).toBe(202);
    expect((await shownOf('fake.xray')).clockOffsetSeconds).toBe(5);
    expect((await confirmClock('fake.xray')).headers.etag).toBe('"6"');
    expect(await shownOf('fake.xray')).not.toHaveProperty('clockOffsetSeconds');
  });

  test('is confirmed by nobody of another site, nor where there is no such scanner', async () => {
    await xray(at(1));
    await proposeClock('fake.xray', { clockOffsetSeconds });
    const airport = await key('administrator', 'airport');
    expect((await confirmClock('fake.xray', airport)).statusCode).toBe(404);
    expect((await confirmClock('fake.none')).statusCode).toBe(404);
  });
});

describe('a portal half an hour before the scanner', () => {
  const window = { portal: { lane: '3' }, scanner: 'fake.xray', fromSeconds: 20 * 60, toSeconds: 45 * 60 };

  test('joins the scan that is made when its pair says, and lets the others go on', async () => {
    await decide({ windows: [window] });
    await alarmAt(0);
    const [before, then, late] = [await xrayAt(5, '7'), await xrayAt(30, '7'), await xrayAt(50, '7')];
    expect((await hold()).join).toMatchObject({ kind: 'joined', scanId: then, secondsApart: 1800 });
    expect(await rowsOf(then)).toContain('alarm-waits');
    for (const scanId of [before, late]) expect(await rowsOf(scanId)).toEqual(['undecided']);
  });

  test('with two scans in that time joins neither, and holds both and no other', async () => {
    await decide({ windows: [window] });
    await alarmAt(0);
    const first = await xrayAt(5);
    const both = [await xrayAt(25), await xrayAt(44)];
    const others = [first, await xrayAt(46)];
    expect((await hold()).join).toEqual({
      kind: 'ambiguous',
      scanIds: both.toSorted((a, b) => (a < b ? -1 : 1)),
    });
    for (const scanId of both) expect(await rowsOf(scanId)).toContain('alarm-waits');
    for (const scanId of others) expect(await rowsOf(scanId)).toEqual(['undecided']);
  });

  test('holds around itself as before what another scanner makes', async () => {
    await decide({ windows: [window] });
    await alarm(at(0));
    const other = await xray(at(-30), '3', 'other');
    expect(await rowsOf(other)).toContain('alarm-near');
  });
});

describe('what is decided for a site', () => {
  test('counts up in versions, is shown to the lane, and is not of another site', async () => {
    expect(await read()).toEqual({ site: SITE, version: 0, terms: live });
    const fallback = 'Hold every vehicle and call the supervisor';
    expect((await put({ fallback })).json()).toMatchObject({ version: 1, terms: { fallback } });
    expect((await read(await key('lane'))).terms.fallback).toBe(fallback);
    const stale = { 'if-match': '"0"' };
    const request = { method: 'PUT', url: home, payload: live } as const;
    expect((await ask(office.ada, { ...request, headers: stale })).statusCode).toBe(412);
    expect((await ask(office.ada, request)).statusCode).toBe(428);
    const airport = await key('administrator', 'airport');
    for (const answer of [await ask(airport, { url: home }), await put({}, airport)])
      expect(answer.statusCode).toBe(404);
    expect((await put({ fallback }, await key('administrator'))).statusCode).toBe(200);
    const { items } = (await ask(office.ada, { url: '/v1/sites' })).json();
    expect(items.map(({ site }: { site: string }) => site)).toEqual([SITE]);
    expect((await ask(airport, { url: '/v1/sites' })).json().items).toEqual([]);
  });

  test.each([
    [{ zone: 'Mars/Olympus' }, 'zone'],
    [{ alarmWindowMinutes: 1 }, 'row "alarm-near"'],
    [
      { windows: [{ portal: { lane: '3' }, scanner: 'fake.a', fromSeconds: 60, toSeconds: 0 }] },
      'row "alarm-near"',
    ],
    [{ windows: [{ portal: {}, scanner: 'fake.a', fromSeconds: 0, toSeconds: 90 }] }, 'portal'],
    [{ mode: 'quiet' }, 'mode'],
  ])('is not %j', async (terms, why) => {
    const answer = await put(terms);
    expect(answer.json()).toMatchObject({ status: 400, detail: expect.stringContaining(why) });
  });

  test('that lets a live site hold fewer scans takes two persons', async () => {
    const proposed = await put({ alarmWindowMinutes: 20 });
    expect(proposed.statusCode, proposed.body).toBe(202);
    expect((await confirm(office.ada)).json()).toMatchObject({ code: 'NII_STATE_CONFLICT' });
    expect((await confirm()).json()).toMatchObject({ version: 2, terms: { alarmWindowMinutes: 20 } });
  });

  test('is known after a rebuild, with its versions and with the clocks', async () => {
    await decide({ zone: 'Asia/Dubai', fallback: 'hold' });
    await alarm(at(0));
    await setClock(portalId, { zone: 'Europe/Amsterdam', clockOffsetSeconds: 7 });
    await put({ alarmWindowMinutes: 20 });
    await proposeClock(portalId, { clockOffsetSeconds: 9 });
    const shown = async () => [
      await read(),
      (await ask(office.ada, { url: '/v1/scanners' })).json(),
      (await ask(office.officer, { url: '/v1/holds' })).json(),
    ];
    const before = await shown();
    await reindex(service.deps);
    await service.work();
    expect(await shown()).toEqual(before);
    expect(await verifyAll(service.deps)).toMatchObject({ missing: [], corrupt: [], unnamed: [] });
  });
});

describe('the second person', () => {
  async function madeBy(token: string): Promise<string> {
    const created = await ask(token, { method: 'POST', url: '/v1/persons', payload: { name: 'Eve' } });
    expect(created.statusCode, created.body).toBe(201);
    const wanted = { roles: ['administrator' as const], administration: office.name, site: '*', name: 'Eve' };
    return (await issueKey(service.deps, { ...wanted, person: created.json().id })).token;
  }

  test('is not somebody whom the first one has created, until a week has passed', async () => {
    const eve = await madeBy(office.ada);
    expect((await put({ zone: 'Asia/Dubai' })).statusCode).toBe(202);
    expect((await confirm(eve)).json().code).toBe('NII_STATE_CONFLICT');
    clock.advance(7 * 86_400 + 1);
    expect((await confirm(eve)).statusCode).toBe(200);
  });

  test('may be somebody whom a third one has created', async () => {
    const eve = await madeBy(office.bob);
    expect((await put({ zone: 'Asia/Dubai' })).statusCode).toBe(202);
    expect((await confirm(eve)).statusCode).toBe(200);
  });
});

describe('a site in parallel mode', () => {
  async function decideNormal(): Promise<void> {
    const analyst = await key('analyst');
    const { id } = (await ask(analyst, { method: 'POST', url: '/v1/cases/next' })).json();
    const payload = { kind: 'normal', reason: 'nothing-unusual' };
    await ask(analyst, { method: 'POST', url: `/v1/cases/${id}/verdict`, payload });
    await service.work();
  }

  test('gives its lane nothing that could be taken for an instruction, and sends it nothing', async () => {
    expect((await put({ mode: 'parallel' })).statusCode, 'its vehicles are held by nobody').toBe(202);
    expect((await confirm()).statusCode).toBe(200);
    const scan = await xray(at(0));
    await decideNormal();
    const answer = await lane(scan);
    expect(answer).toMatchObject({ status: 409, code: 'NII_NO_INSTRUCTION' });
    expect(Object.keys(answer)).not.toContain('instruction');
    expect(controller.told.map(({ scanId }) => scanId)).not.toContain(scan);
  });

  test('goes live by two persons, and its lane is told from then on', async () => {
    await decide({ mode: 'parallel' });
    expect((await put({})).statusCode).toBe(202);
    expect((await read()).terms.mode).toBe('parallel');
    expect((await confirm(office.ada)).statusCode).toBe(409);
    expect((await confirm()).json()).toMatchObject({ terms: { mode: 'live' } });
    const scan = await xray(at(0));
    await decideNormal();
    expect(await lane(scan)).toMatchObject({ instruction: 'proceed', final: true });
    expect(controller.told.map(({ scanId }) => scanId)).toContain(scan);
  });
});
