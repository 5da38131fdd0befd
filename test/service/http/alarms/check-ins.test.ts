import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withCheckDigit } from '../../../../src/core/check-digits.ts';
import { reindex } from '../../../../src/maintenance/reindex/reindex.ts';
import { fakeScan } from '../../../support/fake-scan.ts';
import { ADMINISTRATION, SITE } from '../../../support/harness.ts';
import { BorderPost } from '../../../support/http/border-post.ts';
import { n42Document } from '../../../support/vendors/portal.ts';

/** Vehicles that are expected: what they are known by, which controls they need, and which of them never came. */

let post: BorderPost;
let sam: string;
let sue: string;
let number = 0;
/** Of this test alone: the two containers of a truck, and its plate. */
let box: string;
let second: string;
let plate: string;

beforeAll(async () => {
  post = await BorderPost.open();
  [sam, sue] = [await post.newKey('supervisor'), await post.newKey('supervisor')];
});
beforeEach(() => {
  post.nextWeek();
  number += 1;
  const serial = String(number).padStart(2, '0');
  [box, second] = [withCheckDigit(`MSKU2000${serial}`), withCheckDigit(`TGHU2000${serial}`)];
  plate = `NL${serial}AB`;
});
afterAll(async () => {
  await post.close();
  expect(post.service.wrongAnswers).toEqual([]);
});

const MINUTE = 60;
const HOUR = 3600;
const DAY = 24 * HOUR;

interface Stated {
  readonly id?: string;
  readonly plates?: readonly string[];
  readonly containers?: readonly string[];
  readonly visit?: string;
  readonly expectedAt?: string;
  readonly controls?: readonly string[];
  readonly cancelled?: boolean;
}

/** The truck of this test, as its terminal states it. */
const truck = (over: Stated = {}) => ({
  id: `t-${number}`,
  plates: [plate],
  containers: [box, second],
  expectedAt: post.time(0),
  ...over,
});

/** @returns what was said of each */
async function state(...checkIns: readonly Stated[]) {
  const answer = await post.post('lane', `/v1/sites/${SITE}/check-ins`, { checkIns });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().checkIns;
}

const stated = async (over: Stated = {}): Promise<string> => (await state(truck(over)))[0].checkInId;

async function codesOf(scanId: string) {
  const { instruction, final, reasons = [] } = await post.instruction(scanId);
  return { instruction, final, codes: reasons.map(({ code }) => code) };
}
const held = (...codes: string[]) => ({ instruction: 'hold', final: false, codes });
const free = { instruction: 'proceed', final: true, codes: ['normal'] };
/** Both containers of the truck were read. */
const freeTwo = { ...free, codes: ['normal', 'normal'] };

async function seen(second = 0, containers = box): Promise<string> {
  const scanId = await post.xray(second, { containers, lane: `lane-${number}` });
  await post.decide(scanId, 'normal');
  return scanId;
}

/** A portal measures it and finds nothing. */
const measured = (second = 0, container = box) =>
  post.send('gate.n42', n42Document(container, post.time(second), ''), `gate-${number}`);

async function change(by: string, url: string, payload: object, method: 'PUT' | 'POST' = 'PUT') {
  const { etag } = (await post.get(by, url.replace('/confirmation', ''))).headers;
  const headers = { 'if-match': String(etag) };
  const answer = await post.service.ask(by, { method, url, payload, headers });
  await post.service.work();
  return answer;
}
const confirm = (by: string, id: string) => change(by, `/v1/check-ins/${id}/confirmation`, {}, 'POST');

const viewOf = async (id: string) => (await post.get(sam, `/v1/check-ins/${id}`)).json();
const hold = { isHeld: true, reason: 'the neighbour asks for it' };
const holdByHand = (mark: string, site = SITE, by = sam) =>
  change(by, `/v1/sites/${site}/vehicle-holds/${mark}`, hold);

describe('the controls of an expected vehicle', () => {
  test('a truck that is expected and passes only the portal is held for its image', async () => {
    const id = await stated({ containers: [box], controls: ['portal', 'image'] });
    const record = await measured();
    expect(await codesOf(record)).toMatchObject(held('control-missing', 'nothing-to-decide'));
    expect(await viewOf(id)).toMatchObject({ state: 'arrived', missing: ['image'] });
    post.clock.advance(3 * HOUR);
    expect(await viewOf(id)).toMatchObject({ state: 'missing-control', missing: ['image'] });
    const image = await seen();
    expect(await codesOf(image)).toEqual(free);
    expect(await codesOf(record)).toMatchObject({ codes: ['nothing-to-decide'] });
    expect(await viewOf(id)).toMatchObject({ state: 'complete', missing: [] });
  });

  test('one that was imaged without its portal is held, and so is one of whose containers one has no image', async () => {
    await stated({ controls: ['portal', 'image'] });
    const image = await seen();
    expect(await codesOf(image)).toEqual(held('control-missing', 'normal'));
    await measured();
    expect(await codesOf(image), 'no image names the second container').toEqual(
      held('control-missing', 'normal'),
    );
    const other = await seen(MINUTE, second);
    expect([await codesOf(image), await codesOf(other)]).toEqual([freeTwo, freeTwo]);
  });

  test('the portal record of another container is not that of the truck, whatever a later check-in says', async () => {
    await stated({ containers: [box], controls: ['portal'] });
    const image = await seen();
    await measured(MINUTE, second);
    const later = { id: `l-${number}`, expectedAt: post.time(0), controls: ['portal'] };
    await state(truck({ ...later, containers: [box, second] }));
    expect(await codesOf(image)).toMatchObject({ instruction: 'hold' });
    expect((await codesOf(image)).codes).toContain('control-missing');
    await measured(2 * MINUTE);
    expect(await codesOf(image)).toMatchObject({ instruction: 'proceed' });
  });

  test('the portal record of another visit is not that of the truck, whatever a later check-in says', async () => {
    await stated({ containers: [box], controls: ['portal'] });
    const image = await seen();
    const visit = `V-${number}`;
    await post.send('gate.n42', n42Document('', post.time(MINUTE), ''), `gate-${number}`, { visit });
    await state(
      truck({ id: `l-${number}`, containers: [box], visit, expectedAt: post.time(0), controls: ['portal'] }),
    );
    expect((await codesOf(image)).codes).toContain('control-missing');
    await measured(2 * MINUTE);
    expect(await codesOf(image)).toMatchObject({ instruction: 'proceed' });
  });

  test('a booking for tomorrow asks nothing of the truck of today that has what both require', async () => {
    await stated({ containers: [box], controls: ['portal', 'image'], visit: `A-${number}` });
    const tomorrow = { id: `m-${number}`, visit: `B-${number}`, expectedAt: post.time(DAY) };
    await state(truck({ ...tomorrow, containers: [box], controls: ['portal', 'image'] }));
    const more = { visit: `A-${number}` };
    await post.send('gate.n42', n42Document('', post.time(0), ''), `gate-${number}`, more);
    const image = await post.xray(MINUTE, { containers: box, lane: `lane-${number}`, ...more });
    await post.decide(image, 'normal');
    expect(await codesOf(image)).toMatchObject({ instruction: 'proceed' });
  });

  test('two persons take a control off, and nobody alone, also not by a second check-in', async () => {
    const id = await stated({ containers: [box], controls: ['portal'] });
    const image = await seen();
    await state(truck({ id: `u-${number}`, containers: [box], controls: [] }));
    expect(await codesOf(image)).toEqual(held('control-missing', 'normal'));
    const { terms } = await viewOf(id);
    const less = { ...terms, controls: [] };
    expect((await change(sam, `/v1/check-ins/${id}`, less)).statusCode).toBe(202);
    expect(await codesOf(image)).toEqual(held('control-missing', 'normal'));
    expect((await confirm(sam, id)).statusCode).toBe(409);
    expect((await confirm(sue, id)).json()).toMatchObject({ counting: { controls: [] } });
    expect(await codesOf(image)).toEqual(free);
    expect((await confirm(sue, id)).statusCode, 'nothing waits').toBe(409);
  });

  test('whoever took a mark off does not confirm it after somebody else changed something', async () => {
    const id = await stated();
    const url = `/v1/check-ins/${id}`;
    const { terms } = await viewOf(id);
    await change(sam, url, { ...terms, containers: [box] });
    await change(sue, url, { ...terms, containers: [box], reference: 'B 2' });
    expect((await confirm(sam, id)).statusCode).toBe(409);
    expect((await confirm(sue, id)).statusCode).toBe(409);
    const third = await post.newKey('supervisor');
    expect((await confirm(third, id)).json().counting.marks).toHaveLength(2);
  });

  test('a check-in that names none has the controls of the site, and they are loosened by two', async () => {
    const site = `/v1/sites/${SITE}`;
    const administrator = await post.newKey('administrator');
    const rules = { mode: 'live', windows: [], requiredControls: ['portal'], lateMinutes: 30 };
    expect((await change(administrator, site, rules)).statusCode).toBe(200);
    const id = await stated();
    expect((await viewOf(id)).counting.controls).toEqual(['portal']);
    expect((await change(administrator, site, { mode: 'live', windows: [] })).statusCode).toBe(202);
    await change(await post.newKey('administrator'), `${site}/confirmation`, {}, 'POST');
  });

  test('the portal of one container of a visit is not that of the other', async () => {
    const expected = { containers: [second], expectedAt: post.time(0) };
    await stated({ id: `p-${number}`, ...expected, controls: ['portal'] });
    const more = { visit: `T-${number}` };
    await post.send('gate.n42', n42Document(box, post.time(0), ''), `gate-${number}`, more);
    const first = await post.xray(0, { containers: box, lane: `lane-${number}`, ...more });
    const image = await post.xray(MINUTE, { containers: second, lane: `lane-${number}`, ...more });
    for (const one of [first, image]) await post.decide(one, 'normal');
    expect((await codesOf(image)).codes).toContain('control-missing');
  });

  test('a portal record for training does not count as the portal that is required', async () => {
    await stated({ containers: [box], controls: ['portal'] });
    const image = await seen();
    const record = n42Document(box, post.time(0), '');
    await post.send('gate.n42', record, `gate-${number}`, { purpose: 'training' });
    expect(await codesOf(image)).toEqual(held('control-missing', 'normal'));
    await post.send('gate.n42', record, `gate-${number}`);
    expect(await codesOf(image)).toEqual(free);
  });

  test('a booking that nobody used holds the container of the next one only until both have what they require', async () => {
    await stated({ id: `old-${number}`, containers: [box], controls: ['image'] });
    post.clock.advance(DAY);
    const today = { containers: [box], expectedAt: post.time(DAY) };
    await stated({ id: `new-${number}`, ...today, controls: ['portal'] });
    const record = await measured(DAY);
    expect(await codesOf(record)).toMatchObject(held('control-missing', 'nothing-to-decide'));
    const image = await seen(DAY);
    expect(await codesOf(image)).toEqual(free);
  });

  test('yesterday’s image is not of the truck that is expected today', async () => {
    await stated({ containers: [box], controls: ['image'] });
    await seen();
    post.clock.advance(DAY);
    const today = await stated({
      id: `n-${number}`,
      containers: [box],
      controls: ['image'],
      expectedAt: post.time(DAY),
    });
    expect(await viewOf(today)).toMatchObject({ state: 'expected', missing: ['image'] });
  });
});

describe('a truck with two containers is one vehicle', () => {
  test('a hold by plate holds both containers of the truck', async () => {
    const [first, other] = [await seen(0), await seen(0, second)];
    await stated();
    expect([await codesOf(first), await codesOf(other)]).toEqual([freeTwo, freeTwo]);
    const written = plate.toLowerCase().replace('nl', 'nl-');
    expect((await holdByHand(`plate/${written}`)).statusCode).toBe(200);
    const byHand = held('held-by-hand', 'normal', 'normal');
    expect([await codesOf(first), await codesOf(other)]).toEqual([byHand, byHand]);
    expect(new Set(post.told.slice(-2).map(({ scanId }) => scanId))).toEqual(new Set([first, other]));
    expect(post.told.at(-1)).toMatchObject({ instruction: 'hold' });
  });

  test('a hold by plate does not hold a truck of another plate', async () => {
    await stated({ containers: [box] });
    await state(truck({ id: `o-${number}`, plates: [`${plate}9`], containers: [second] }));
    const other = await seen(0, second);
    await holdByHand(`plate/${plate}`);
    expect(await codesOf(other)).toEqual(free);
  });

  test('an alarm of one container holds the other of the same truck', async () => {
    await stated();
    const other = await seen(0, second);
    post.clock.advance(9 * HOUR);
    await post.send('gate.n42', n42Document(box, post.time(9 * HOUR)), `gate-${number}`);
    expect(await codesOf(other)).toEqual(held('alarm-waits', 'normal'));
    expect(post.told.findLast(({ scanId }) => scanId === other)).toMatchObject({ instruction: 'hold' });
  });

  test('a container that was taken off by a machine still counts, until two persons confirm it', async () => {
    const id = await stated();
    const other = await seen(0, second);
    const first = await post.xray(0, { containers: box });
    await post.decide(first, 'suspect');
    expect(await codesOf(other)).toEqual(held('suspect', 'normal'));
    expect(await state(truck({ containers: [second] }))).toMatchObject([{ result: 'changed', waits: true }]);
    expect(await codesOf(other)).toEqual(held('suspect', 'normal'));
    expect((await confirm(sam, id)).statusCode, 'sam may hold the key of the machine').toBe(202);
    expect(await codesOf(other)).toEqual(held('suspect', 'normal'));
    expect((await confirm(sam, id)).statusCode).toBe(409);
    expect((await confirm(sue, id)).statusCode).toBe(200);
    expect(await codesOf(other)).toEqual(free);
  });

  test('a word on what a machine stated is none on what it states later', async () => {
    const id = await stated({ controls: ['portal', 'image'] });
    await state(truck({ controls: ['portal'] }));
    expect((await confirm(sam, id)).statusCode).toBe(202);
    await state(truck({ controls: [] }));
    expect((await confirm(sue, id)).statusCode, 'sam has not seen this').toBe(202);
    const third = await post.newKey('supervisor');
    const { counting, waits } = (await confirm(third, id)).json();
    expect([counting.controls, waits]).toEqual([[], undefined]);
  });

  test('is one vehicle only within the days of the policy', async () => {
    await stated({ expectedAt: post.time(9 * DAY) });
    await post.decide(await post.xray(0, { containers: box }), 'suspect');
    expect(await codesOf(await seen(MINUTE, second))).toEqual(free);
  });
});

describe('a sister site', () => {
  const AIRPORT = 'airport';

  async function scannedThere(containers: string, kind: string): Promise<string> {
    const scanner = await post.service.newToken('scanner', ADMINISTRATION, AIRPORT);
    const answer = await post.service.ask(scanner, {
      method: 'POST',
      url: '/v1/scans?name=a.fake',
      payload: fakeScan({ seed: 7000 + number, containers, acquired: post.time(0) }),
      headers: { 'content-type': 'application/octet-stream' },
    });
    await post.service.work();
    const { scanId } = answer.json().scans[0];
    await post.decide(
      scanId,
      kind,
      'other',
      await post.service.newToken('supervisor', ADMINISTRATION, AIRPORT),
    );
    return scanId;
  }

  test('a suspect at the sister site holds here, as does a hold by hand there, and the other way round', async () => {
    await scannedThere(box, 'suspect');
    const here = await seen(MINUTE);
    const other = await seen(MINUTE, second);
    expect(await codesOf(here), 'it is no sister yet').toEqual(free);
    const administrator = await post.newKey('administrator');
    const rules = { mode: 'live', windows: [], sisterSites: [AIRPORT] };
    expect((await change(administrator, `/v1/sites/${SITE}`, rules)).statusCode, 'one adds').toBe(200);
    expect(await codesOf(here), 'the other does not name it').toEqual(free);
    const abroad = await post.service.newToken('administrator', ADMINISTRATION, AIRPORT);
    const sister = { mode: 'live', windows: [], sisterSites: [SITE] };
    expect((await change(abroad, `/v1/sites/${AIRPORT}`, sister)).statusCode).toBe(200);
    expect(await codesOf(here)).toEqual(held('suspect', 'normal'));
    const there = await post.service.newToken('supervisor', ADMINISTRATION, AIRPORT);
    await holdByHand(`container/${second}`, AIRPORT, there);
    expect(await codesOf(other)).toEqual(held('held-by-hand', 'normal'));
    const removed = await change(administrator, `/v1/sites/${SITE}`, { mode: 'live', windows: [] });
    expect(removed.statusCode, 'two remove').toBe(202);
    expect(await codesOf(here)).toEqual(held('suspect', 'normal'));
    const third = withCheckDigit(`CSQU2000${String(number).padStart(2, '0')}`);
    await post.decide(await post.xray(0, { containers: third }), 'suspect');
    const lane = await post.service.newToken('lane', ADMINISTRATION, AIRPORT);
    const scanId = await scannedThere(third, 'normal');
    const told = (await post.get(lane, `/v1/scans/${scanId}/lane-instruction`)).json();
    expect(told, 'the site that is named knows, too').toMatchObject({ instruction: 'hold' });
    await change(await post.newKey('administrator'), `/v1/sites/${SITE}/confirmation`, {}, 'POST');
    expect(await codesOf(here)).toMatchObject({ instruction: 'proceed' });
  });
});

describe('what was not scanned is noticed', () => {
  const listed = async (wanted: string) => {
    const { items } = (await post.get(sam, `/v1/check-ins?state=${wanted}&limit=200`)).json();
    return items.map(({ id }: { id: string }) => id);
  };

  test('an expected vehicle that never came is overdue', async () => {
    const id = await stated({ controls: ['image'] });
    expect(await listed('expected')).toContain(`t-${number}`);
    expect(await listed('overdue')).not.toContain(`t-${number}`);
    post.clock.advance(3 * HOUR);
    expect(await listed('overdue')).toContain(`t-${number}`);
    await state(truck({ controls: ['image'], cancelled: true }));
    expect(await viewOf(id), 'its sender alone does not take it off the list').toMatchObject({
      state: 'overdue',
    });
    for (const by of [sam, sue]) await confirm(by, id);
    expect(await viewOf(id)).toMatchObject({ state: 'cancelled' });
    expect(await listed('overdue')).not.toContain(`t-${number}`);
  });

  test('one that passed a lane without its image misses a control at once', async () => {
    const id = await stated({ controls: ['image'] });
    const passages = [
      { id: `p-${number}`, at: post.time(0), plates: [`${plate.slice(0, 2)} ${plate.slice(2)}`] },
    ];
    expect((await post.post('lane', '/v1/passages', { site: SITE, passages })).statusCode).toBe(200);
    expect(await viewOf(id)).toMatchObject({ state: 'missing-control', passedAt: post.time(0) });
    expect(await listed('missing-control')).toContain(`t-${number}`);
  });

  test('pages of the list hold every expected vehicle once', async () => {
    const many = Array.from({ length: 7 }, (_, i) =>
      truck({ id: `m-${number}-${i}`, plates: [`${plate}${i}`], containers: [] }),
    );
    await state(...many);
    const found: string[] = [];
    for (let cursor = ''; ; ) {
      const url = `/v1/check-ins?state=expected&limit=3${cursor && `&cursor=${cursor}`}`;
      const { items, next } = (await post.get(sam, url)).json();
      found.push(...items.map(({ id }: { id: string }) => id));
      if (next === undefined) break;
      cursor = encodeURIComponent(next);
    }
    const own = found.filter((id) => id.startsWith(`m-${number}-`));
    expect([own.length, new Set(own)]).toEqual([7, new Set(many.map(({ id }) => id))]);
  });

  test('the list of another site is not shown, nor is a check-in of it', async () => {
    const id = await stated();
    const elsewhere = await post.service.newToken('supervisor', ADMINISTRATION, 'airport');
    expect((await post.get(elsewhere, `/v1/check-ins/${id}`)).statusCode).toBe(404);
    expect((await post.get(elsewhere, '/v1/check-ins?limit=200')).json().items).toEqual([]);
    expect((await post.get('lane', '/v1/check-ins')).statusCode).toBe(403);
  });
});

describe('a check-in has an end', () => {
  test('a message that states one id twice is rejected, and so is a file', async () => {
    const checkIns = [truck(), truck({ id: `x-${number}` }), truck({ containers: [box] })];
    const answer = await post.post('lane', `/v1/sites/${SITE}/check-ins`, { checkIns });
    expect([answer.statusCode, answer.json().detail]).toEqual([
      400,
      expect.stringMatching(/^checkIns\.2: id "t-\d+" is that of checkIns\.0/),
    ]);
    const file = await post.service.as('lane', {
      method: 'POST',
      url: `/v1/sites/${SITE}/check-in-files`,
      payload: ['id;visit;expectedAt', ...['V1', 'V2'].map((visit) => `a;${visit};${post.time(0)}`)].join(
        '\n',
      ),
      headers: { 'content-type': 'text/csv' },
    });
    expect([file.statusCode, file.json().detail]).toEqual([400, expect.stringMatching(/^line 3: id "a"/)]);
    expect((await state(truck()))[0], 'nothing of it was kept').toMatchObject({ result: 'new' });
  });

  test('at most 32 marks count for one vehicle, until two persons take some off', async () => {
    const boxes = (from: number) =>
      Array.from({ length: 16 }, (_, i) =>
        withCheckDigit(`TCLU${String(number * 1000 + from + i).padStart(6, '0')}`),
      );
    const id = await stated({ plates: [], containers: boxes(0) });
    await state(truck({ plates: [], containers: boxes(16) }));
    const checkIns = [truck({ plates: [plate], containers: [] })];
    const more = await post.post('lane', `/v1/sites/${SITE}/check-ins`, { checkIns });
    expect([more.statusCode, more.json().detail]).toEqual([
      400,
      expect.stringMatching(/^checkIns\.0: 33 marks would count/),
    ]);
    const { counting, terms } = await viewOf(id);
    expect(counting.marks).toHaveLength(32);
    const corrected = { ...terms, plates: [plate] };
    expect((await change(sam, `/v1/check-ins/${id}`, corrected)).statusCode).toBe(400);
    expect((await change(sam, `/v1/check-ins/${id}`, { ...terms, reference: 'B 1' })).statusCode).toBe(202);
    expect((await confirm(sue, id)).statusCode).toBe(200);
    expect((await change(sam, `/v1/check-ins/${id}`, corrected)).json().counting.marks).toHaveLength(17);
  });
});

describe('the lane is told of the scans of an expected vehicle', () => {
  const toldOf = () => new Set(post.told.map(({ scanId }) => scanId));
  const noWords = { mode: 'live', windows: [] };
  const words = { ...noWords, noMarks: ['unread'] };

  test('but of none that shares only a word of the site for an unread mark, nor of one that is days away', async () => {
    const administrator = await post.newKey('administrator');
    const site = `/v1/sites/${SITE}`;
    expect((await change(administrator, site, words)).statusCode).toBe(202);
    await change(await post.newKey('administrator'), `${site}/confirmation`, {}, 'POST');
    const unread = await post.xray(0, { containers: second, visit: 'UNREAD' });
    const early = await seen();
    post.clock.advance(5 * DAY);
    const own = await seen(5 * DAY);
    post.told.splice(0);
    const id = await stated({ containers: [box], visit: 'unread', expectedAt: post.time(5 * DAY) });
    await post.service.work();
    expect(toldOf()).toEqual(new Set([own]));
    const { scans } = await viewOf(id);
    expect(scans).toEqual([own]);
    expect([scans.includes(unread), scans.includes(early)]).toEqual([false, false]);
    await change(administrator, site, noWords);
  });

  test('and of no more of them than one container has', async () => {
    const scans: string[] = [];
    for (let i = 0; i < 18; i += 1) scans.push(await post.xray(i, { containers: box }));
    post.told.splice(0);
    const id = await stated({ containers: [box] });
    await post.service.work();
    expect(toldOf().size).toBe(16);
    expect((await viewOf(id)).scans).toHaveLength(16);
    expect(scans).toHaveLength(18);
  });
});

describe('a file of expected vehicles', () => {
  const send = (lines: readonly string[]) =>
    post.service.as('lane', {
      method: 'POST',
      url: `/v1/sites/${SITE}/check-in-files`,
      payload: `${lines.join('\r\n')}\r\n`,
      headers: { 'content-type': 'text/csv' },
    });
  const head = 'id;plates;containers;visit;expectedAt;controls';
  const line = (i: number, at = post.time(HOUR)) =>
    `f-${number}-${i};F${number}-${i}|T 9;msku 200000-${i % 9};;${at};portal|image`;

  test('a CSV of 500 expected vehicles with one bad line says which line', async () => {
    const lines = Array.from({ length: 500 }, (_, i) => line(i));
    const bad = await send([head, ...lines.with(249, line(249, 'tomorrow'))]);
    expect([bad.statusCode, bad.json().detail]).toEqual([
      400,
      expect.stringMatching(/^line 251: invalid expectedAt "tomorrow"/),
    ]);
    expect((await send([head, ...lines.with(9, `x;;;;${post.time(0)};`)])).json().detail).toMatch(
      /^line 11: no vehicle/,
    );
    expect((await send([head, ...lines.with(9, 'x;"a;b')])).json().detail).toMatch(/^line 11: a quote/);
    expect((await send([`${head};colour`, ...lines])).json().detail).toMatch(
      /^line 1: unknown column "colour"/,
    );
    expect((await send([head, ...lines, line(500)])).json().detail).toMatch(/at most 500/);
    expect(await viewOf('none')).toMatchObject({ code: 'NII_NOT_FOUND' });
    const good = await send([head, ...lines]);
    expect(good.statusCode, good.body).toBe(200);
    const { checkIns } = good.json();
    expect(checkIns).toHaveLength(500);
    expect(await viewOf(checkIns[0].checkInId)).toMatchObject({
      terms: { plates: [`F${number}0`, 'T9'], containers: ['MSKU2000000'], controls: ['portal', 'image'] },
    });
    const again = (await send([head, ...lines])).json().checkIns;
    expect(new Set(again.map(({ result }: { result: string }) => result))).toEqual(new Set(['already-here']));
  });
});

test('check-ins are there after the database was lost and rebuilt from the objects', async () => {
  const id = await stated({ controls: ['portal'] });
  await state(truck({ containers: [box], controls: ['portal'] }));
  const scanId = await seen();
  const before = [await viewOf(id), await codesOf(scanId)];
  expect((await reindex(post.service.deps)).damaged).toEqual([]);
  await post.service.work();
  expect([await viewOf(id), await codesOf(scanId)]).toEqual(before);
});
