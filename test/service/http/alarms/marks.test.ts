import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withCheckDigit } from '../../../../src/core/check-digits.ts';
import { fakeScan } from '../../../support/fake-scan.ts';
import { ADMINISTRATION, SITE } from '../../../support/harness.ts';
import { BorderPost } from '../../../support/http/border-post.ts';
import { n42Document } from '../../../support/vendors/portal.ts';

/** What a vehicle is known by: the lane asks by it, and nobody hides behind one that says nothing. */

let post: BorderPost;
let sam: string;
let sue: string;
let box: string;
let number = 0;
const DAY = 24 * 3600;

beforeAll(async () => {
  post = await BorderPost.open();
  [sam, sue] = [await post.newKey('administrator'), await post.newKey('administrator')];
});
beforeEach(() => {
  post.nextWeek();
  number += 1;
  box = withCheckDigit(`MSKU${200_000 + number}`);
});
afterAll(async () => {
  await post.close();
  expect(post.service.wrongAnswers).toEqual([]);
});

/** Sends one file without waiting for the workers. @returns the id of its scan */
async function sent(seed: number, query: string, containers = box, payload?: Buffer): Promise<string> {
  const acquired = post.clock.now().toISOString();
  const body = payload ?? fakeScan({ seed: 9000 + 100 * number + seed, acquired, containers });
  const headers = { 'content-type': 'application/octet-stream' };
  const url = `/v1/scans?name=${number}-${seed}.fake&${query}`;
  const answer = await post.service.as('scanner', { method: 'POST', url, payload: body, headers });
  expect(answer.statusCode, answer.body).toBe(202);
  return answer.json().scans[0].scanId;
}

async function readNormal(seed: number, query: string, containers = box): Promise<string> {
  const scanId = await sent(seed, query, containers);
  await post.service.work();
  await post.decide(scanId, 'normal');
  return scanId;
}

const byMark = (kind: string, mark: string, by = 'lane') =>
  post.get(by, `/v1/sites/${SITE}/vehicles/${kind}/${encodeURIComponent(mark)}/lane-instruction`);

const byScan = (scanId: string, by: string) => post.get(by, `/v1/scans/${scanId}/lane-instruction`);

async function codesOf(scanId: string): Promise<string> {
  const { instruction, reasons = [] } = await post.instruction(scanId);
  return `${instruction}: ${reasons.map(({ code }) => code).join(' ')}`;
}

/** Changes the terms of the site; by two where it takes two. */
async function setSite(terms: object, by: readonly string[]): Promise<number[]> {
  const [url, statuses] = [`/v1/sites/${SITE}`, [] as number[]];
  const requests = [
    { method: 'PUT', url, payload: { mode: 'live', windows: [], ...terms } },
    { method: 'POST', url: `${url}/confirmation`, payload: {} },
  ] as const;
  for (const [at, key] of by.entries()) {
    const request = requests[at];
    if (request === undefined) break;
    const { etag } = (await post.get(key, url)).headers;
    const answer = await post.service.ask(key, { ...request, headers: { 'if-match': String(etag) } });
    statuses.push(answer.statusCode);
  }
  await post.service.work();
  return statuses;
}

describe('the lane asks for a vehicle', () => {
  test('by its container or visit in any spelling, and gets the instruction on its newest scan', async () => {
    await readNormal(1, 'lane=lane-1&visit=V%201');
    post.clock.advance(60);
    const newest = await readNormal(2, 'lane=lane-1&visit=V%202');
    const spelt = `${box.slice(0, 4).toLowerCase()} ${box.slice(4, 10)}-${box.slice(10)}`;
    const answers = [await byMark('container', spelt), await byMark('visit', 'v-2')];
    for (const answer of answers)
      expect(answer.json()).toMatchObject({ instruction: 'proceed', scanId: newest });
    expect((await byMark('visit', 'v-9')).statusCode).toBe(404);
    post.clock.advance(4 * DAY);
    expect((await byMark('container', box)).statusCode, 'days later').toBe(404);
  });

  test('and a portal record that came later does not hide the image, nor the image the alarm', async () => {
    const scanId = await readNormal(1, 'lane=lane-1&visit=V3');
    await sent(2, 'lane=lane-1&visit=V3&purpose=training');
    await post.service.work();
    expect((await byMark('container', box)).json()).toMatchObject({ scanId, instruction: 'proceed' });
  });

  test('with a key for one site and with a key for all sites, and gets the same answer', async () => {
    const scanId = await readNormal(1, 'lane=lane-1');
    const everywhere = await post.service.newToken('lane', ADMINISTRATION, '*');
    for (const key of ['lane', everywhere])
      for (const answer of [await byScan(scanId, key), await byMark('container', box, key)])
        expect(answer.json()).toMatchObject({ instruction: 'proceed', scanId });
  });

  test('and is told nothing of what it may not see', async () => {
    const scanId = await readNormal(1, 'lane=lane-1');
    const elsewhere = await post.service.newToken('lane', 'utopia', 'airport');
    const stranger = await post.service.newToken('lane', 'elsewhere', SITE);
    const sender = await post.newKey('scanner');
    for (const key of [elsewhere, stranger, sender])
      for (const answer of [await byScan(scanId, key), await byMark('container', box, key)])
        expect(answer.statusCode).toBe(404);
    expect((await byMark('container', box, 'scanner')).json()).not.toHaveProperty('reasons');
  });

  test('and each instruction has a higher number than those before it, whatever the clock shows', async () => {
    const scanId = await readNormal(1, 'lane=lane-1');
    const numbers = [(await post.instruction(scanId)).number];
    post.clock.advance(-2 * DAY);
    numbers.push((await post.instruction(scanId)).number, (await byMark('container', box)).json().number);
    post.clock.advance(2 * DAY);
    numbers.push((await post.instruction(scanId)).number);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(new Set(numbers).size).toBe(4);
  });

  test.each(['---', '- -', ' '])('by "%s", which is no mark, and is told so', async (mark) => {
    expect((await byMark('container', mark)).statusCode).toBe(400);
    const url = `/v1/sites/${SITE}/vehicle-holds/visit/${encodeURIComponent(mark)}`;
    const payload = { isHeld: true, reason: 'x' };
    expect((await post.service.ask(sam, { method: 'PUT', url, payload })).statusCode).toBe(400);
  });
});

describe('a mark that says nothing', () => {
  test('and that more scans share than one vehicle has holds them, until two persons say that it is no mark', async () => {
    for (let seed = 1; seed <= 16; seed += 1) await sent(seed, 'lane=lane-1', 'UNKNOWN');
    await post.service.work();
    const scanId = await readNormal(17, 'lane=lane-1', 'UNKNOWN');
    expect(await codesOf(scanId)).toBe('hold: mark-unclear normal');
    expect(await setSite({ noMarks: ['unknown'] }, [sam])).toEqual([202]);
    expect(await codesOf(scanId)).toBe('hold: mark-unclear normal');
    expect(await setSite({ noMarks: ['unknown'] }, [sam, sue])).toEqual([202, 200]);
    expect(await codesOf(scanId)).toBe('proceed: normal');
    const suspect = await sent(18, 'lane=lane-2', 'UNKNOWN');
    await post.service.work();
    await post.decide(suspect, 'suspect');
    expect(await codesOf(scanId), 'of another vehicle').toBe('proceed: normal');
    await sent(19, 'lane=gate-9', 'UNKNOWN', n42Document('UNKNOWN', post.clock.now().toISOString()));
    post.clock.advance(5 * DAY);
    const later = await readNormal(20, 'lane=lane-1', 'UNKNOWN');
    expect(await codesOf(later), 'though an alarm of such a record is open for days').toBe('proceed: normal');
    expect(await setSite({}, [sam]), 'tightening').toEqual([200]);
    expect(await codesOf(later), 'a word that is a mark again').toMatch(/^hold: alarm-waits /);
  }, 120_000);

  test('a hold by a visit holds the scans of its days, and no vehicle that gets the same id weeks later', async () => {
    const [url, payload] = [
      `/v1/sites/${SITE}/vehicle-holds/visit/GATE-7`,
      { isHeld: true, reason: 'asked for' },
    ];
    const headers = { 'if-match': '"0"' };
    await post.service.ask(sam, { method: 'PUT', url, payload, headers });
    const scanId = await readNormal(1, 'lane=lane-1&visit=gate7');
    post.clock.advance(14 * DAY);
    const later = await readNormal(2, 'lane=lane-1&visit=gate7', withCheckDigit(`TGHU${200_000 + number}`));
    expect([await codesOf(scanId), await codesOf(later)]).toEqual([
      'hold: held-by-hand normal',
      'proceed: normal',
    ]);
  });

  test('a file without a container that nobody can read is not replaced by the scan of a container', async () => {
    const broken = await sent(
      1,
      'lane=lane-1&visit=V8',
      '',
      fakeScan({ behaviour: 'throw', containers: '' }),
    );
    await post.service.work();
    const scanId = await readNormal(2, 'lane=lane-1&visit=V8');
    expect(await codesOf(scanId)).toMatch(/^hold: scan-failed/);
    expect(await codesOf(broken)).toMatch(/^hold: scan-failed/);
  });

  test('a file that nobody can read is set aside by two persons, and until new files of it come', async () => {
    const broken = await sent(
      1,
      'lane=lane-1&visit=V9',
      '',
      fakeScan({ behaviour: 'throw', containers: '', seed: 9900 }),
    );
    await post.service.work();
    const scanId = await readNormal(2, 'lane=lane-1&visit=V9');
    const url = `/v1/scans/${broken}/set-aside`;
    const payload = { isSetAside: true, reason: 'the container was scanned again' };
    const put = (by: string) =>
      post.service.ask(by, { method: 'PUT', url, payload, headers: { 'if-match': '"0"' } });
    const confirm = (by: string) =>
      post.service.ask(by, {
        method: 'POST',
        url: `${url}/confirmation`,
        payload: {},
        headers: { 'if-match': '"1"' },
      });
    expect((await put(sam)).statusCode).toBe(202);
    expect((await confirm(sam)).statusCode).toBe(409);
    expect(await codesOf(scanId)).toMatch(/^hold: scan-failed/);
    expect((await confirm(sue)).statusCode).toBe(200);
    expect(await codesOf(scanId)).toBe('proceed: normal');
    expect(await codesOf(broken)).toBe('proceed: normal');
    const readable = await post.service.ask(sam, {
      method: 'PUT',
      url: `/v1/scans/${scanId}/set-aside`,
      payload,
      headers: { 'if-match': '"0"' },
    });
    expect(readable.statusCode, 'what can be read is decided on').toBe(409);
  });
});

const other = () => withCheckDigit(`TGHU${200_000 + number}`);
const hand = (kind: string, mark: string) =>
  `/v1/sites/${SITE}/vehicle-holds/${kind}/${encodeURIComponent(mark)}`;

async function holdBy(key: string, url: string, payload: object) {
  const { etag } = (await post.get(key, url)).headers;
  return post.service.ask(key, { method: 'PUT', url, payload, headers: { 'if-match': String(etag) } });
}

const announced = (by: string, checkIn: object) =>
  post.post(by, `/v1/sites/${SITE}/check-ins`, {
    checkIns: [{ id: `t-${number}`, expectedAt: post.time(0), controls: [], ...checkIn }],
  });

describe('found by a hostile reader', () => {
  test('a new scan without its visit does not leave behind what is open against another container of the visit', async () => {
    await readNormal(1, `lane=lane-1&visit=W-${number}`);
    const suspect = await sent(2, `lane=lane-1&visit=W-${number}`, other());
    await post.service.work();
    await post.decide(suspect, 'suspect');
    const again = await readNormal(3, 'lane=lane-1');
    expect(await codesOf(again)).toBe('hold: suspect normal');
    expect((await byMark('container', box)).json()).toMatchObject({ instruction: 'hold' });
  });

  test('a check-in that adds an innocent container to a plate answers for no suspect one', async () => {
    const plate = `PL-${number}`;
    await announced('lane', { id: `a-${number}`, plates: [plate], containers: [box] });
    const suspect = await sent(1, 'lane=lane-1');
    await post.service.work();
    await post.decide(suspect, 'suspect');
    post.clock.advance(60);
    await readNormal(2, 'lane=lane-1', other());
    await announced('lane', { id: `b-${number}`, plates: [plate], containers: [other()] });
    expect((await byMark('plate', plate)).json()).toMatchObject({ instruction: 'hold' });
  });

  test('an announced truck waits for the image of its other container', async () => {
    await announced('lane', { plates: [`TR-${number}`], containers: [box, other()] });
    const first = await readNormal(1, 'lane=lane-1');
    await sent(2, 'lane=lane-1', other());
    await post.service.work();
    expect(await codesOf(first)).toBe('hold: undecided normal');
  });

  test('an announced container that is scanned again, as was asked for, holds its truck no longer', async () => {
    await announced('lane', { plates: [`AG-${number}`], containers: [box, other()] });
    const first = await readNormal(1, 'lane=lane-1');
    const asked = await sent(2, 'lane=lane-1', other());
    await post.service.work();
    await post.decide(asked, 'scan-again');
    expect(await codesOf(first)).toMatch(/^rescan: rescan/);
    post.clock.advance(60);
    await readNormal(3, 'lane=lane-1', other());
    expect(await codesOf(first)).toBe('proceed: normal normal');
  });

  test('another container under the same visit does not answer for the one that is to be scanned again', async () => {
    const place = `lane=lane-1&visit=S-${number}`;
    const asked = await sent(1, place);
    await post.service.work();
    await post.decide(asked, 'scan-again');
    post.clock.advance(60);
    const otherContainer = await readNormal(2, place, other());
    expect(await codesOf(asked)).toMatch(/^rescan: rescan/);
    expect(await codesOf(otherContainer), 'it goes with the same vehicle').toMatch(/^rescan: /);
    expect((await byMark('visit', `S-${number}`)).json()).toMatchObject({ instruction: 'rescan' });
    post.clock.advance(60);
    await readNormal(3, place);
    expect(await codesOf(asked)).toMatch(/^proceed: /);
  });

  test('an image that nobody has read holds who is in it, and not those whom another container leads to', async () => {
    const unread = await sent(1, `lane=lane-1&visit=N-${number}`, other());
    await readNormal(2, `lane=lane-1&visit=M-${number}`);
    await readNormal(3, `lane=lane-1&visit=M-${number}`, other());
    const again = await readNormal(4, `lane=lane-1&visit=L-${number}`);
    expect(await codesOf(again)).toBe('proceed: normal');
    const same = await readNormal(5, `lane=lane-1&visit=K-${number}`, other());
    expect(await codesOf(same)).toBe('hold: undecided normal');
    await post.decide(unread, 'normal');
    expect(await codesOf(same)).toBe('proceed: normal');
  });

  test('a truck is not held by the trucks of the other containers of its train', async () => {
    const train = `TRAIN-${number}`;
    const wagons = Array.from({ length: 10 }, (_, i) => withCheckDigit(`CSQU${300_000 + 10 * number + i}`));
    const [own = '', suspectBox = ''] = wagons;
    let ownWagon = '';
    for (const [i, wagon] of wagons.entries()) {
      await announced('lane', { id: `w-${number}-${i}`, plates: [`W-${number}-${i}`], containers: [wagon] });
      const scanId = await sent(20 + i, `lane=rail&visit=${train}`, wagon);
      if (wagon === own) ownWagon = scanId;
    }
    await post.service.work();
    const suspect = await sent(40, `lane=lane-1&visit=OTHER-${number}`, suspectBox);
    await post.service.work();
    await post.decide(suspect, 'suspect');
    const truck = await readNormal(41, `lane=lane-1&visit=TRUCK-${number}`, own);
    expect(await codesOf(truck), 'its own wagon').toBe('hold: undecided normal');
    await post.decide(ownWagon, 'normal');
    expect(await codesOf(truck)).toBe('proceed: normal');
  });

  test.each(['2030-12-31T23:59:60Z', '2030-01-01T00:00:00Z[u-ca=iso8601]'])(
    'a hold until %s lets nothing go, because nobody can read that time',
    async (until) => {
      const scanId = await readNormal(1, 'lane=lane-1');
      await holdBy(sam, hand('container', box), { isHeld: true, reason: 'asked for' });
      const answer = await holdBy(sam, hand('container', box), { isHeld: true, reason: 'x', until });
      expect(answer.statusCode).toBe(400);
      expect(await codesOf(scanId)).toBe('hold: held-by-hand normal');
    },
  );

  test('a hold by a visit that somebody renews days later still holds the scan of the first day', async () => {
    const visit = `RENEW-${number}`;
    const scanId = await readNormal(1, `lane=lane-1&visit=${visit}`);
    await holdBy(sam, hand('visit', visit), { isHeld: true, reason: 'asked for' });
    post.clock.advance(4 * DAY);
    expect((await holdBy(sam, hand('visit', visit), { isHeld: true, reason: 'still' })).statusCode).toBe(200);
    expect(await codesOf(scanId)).toBe('hold: held-by-hand normal');
  });

  test('training images make no number unclear, and the number of a container is no word for none', async () => {
    for (let seed = 1; seed <= 17; seed += 1) await sent(seed, 'lane=lane-1&purpose=training');
    await post.service.work();
    const scanId = await readNormal(18, 'lane=lane-1');
    expect(await codesOf(scanId)).toBe('proceed: normal');
    expect(await setSite({ noMarks: [box] }, [sam])).toEqual([400]);
  });
});

describe('where the site has paired each portal with its scanner', () => {
  const pairOf = (lane: number) => ({
    ...{ portal: { lane: `lane-${lane}` }, scanner: `fake.scanner-${lane}` },
    ...{ fromSeconds: 20 * 60, toSeconds: 45 * 60 },
  });
  const boxOf = (seconds: number) => withCheckDigit(`TCLU${300_000 + 100 * number + seconds / 60}`);
  /** Read as normal. Its file says when it was made, in UTC. */
  async function scanned(lane: number, seconds: number): Promise<string> {
    post.clock.advance(60);
    const names = { lane: `lane-${lane}`, scanner: `scanner-${lane}` };
    const scanId = await post.xray(seconds, { containers: boxOf(seconds), ...names });
    await post.decide(scanId, 'normal');
    return scanId;
  }
  const alarm = () => post.portal([{ from: post.time(0), number: 1, alarm: 'gamma' }], 'lane-3');

  beforeEach(async () => {
    expect(await setSite({ windows: [pairOf(3), pairOf(4)] }, [sam, sue])).toEqual([202, 200]);
  });
  afterEach(async () => {
    await setSite({}, [sam]);
  });

  test('an alarm is of the only scan in the window, and holds no other lane', async () => {
    const { id } = await post.holdOf(await alarm());
    post.clock.advance(24 * 60);
    const other = await scanned(4, 25 * 60);
    const own = await scanned(3, 26 * 60);
    expect((await post.hold(id)).join).toMatchObject({ kind: 'joined', scanId: own, isPaired: true });
    expect([await codesOf(own), await codesOf(other)]).toEqual([
      'hold: alarm-waits normal',
      'proceed: normal',
    ]);
  });

  test('a real alarm is of the next scan in the window as well, and an ended one opens again for it', async () => {
    for (const end of ['real', 'innocent']) {
      post.nextWeek();
      number += 1;
      const { id } = await post.holdOf(await alarm());
      post.clock.advance(24 * 60);
      const first = await scanned(3, 25 * 60);
      await post.declare(`D-pair-${end}`, { containers: [boxOf(25 * 60)], hsCodes: ['690721'] });
      const innocent = { decision: 'innocent', basis: 'norm', goodsHs: '690721' };
      const given =
        end === 'real'
          ? { decision: 'real', authority: 'Nuclear safety' }
          : { ...innocent, identification: { nuclides: ['K-40'], by: 'riid' } };
      expect((await post.adjudicate(id, given)).json()).toMatchObject({
        state: end === 'real' ? 'confirmed' : end,
      });
      const second = await scanned(3, 27 * 60);
      const { state, join } = await post.hold(id);
      expect([state, join.kind]).toEqual([end === 'real' ? 'confirmed' : 'open', 'ambiguous']);
      for (const scanId of [first, second]) expect(await codesOf(scanId)).toMatch(/^hold: alarm-/);
    }
  });

  test('a pair that is taken away leaves no sure join, and all near are held', async () => {
    const { id } = await post.holdOf(await alarm());
    post.clock.advance(24 * 60);
    const own = await scanned(3, 26 * 60);
    const other = await scanned(4, 25 * 60);
    expect(await codesOf(other)).toBe('proceed: normal');
    expect(await setSite({}, [sam])).toEqual([200]);
    expect(await post.hold(id)).toMatchObject({ join: { kind: 'joined', scanId: own } });
    expect((await post.hold(id)).join).not.toHaveProperty('isPaired');
    expect(await codesOf(other)).toBe('hold: alarm-near normal');
  });
});
