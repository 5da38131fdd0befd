import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withCheckDigit } from '../../../../src/core/check-digits.ts';
import { reindex } from '../../../../src/maintenance/reindex/reindex.ts';
import { fakeScan, form } from '../../../support/fake-scan.ts';
import { BorderPost } from '../../../support/http/border-post.ts';
import { n42Document } from '../../../support/vendors/portal.ts';

/** Numbers that a scan states wrongly or not at all: people correct them, and what they close opens, and the other way round. */

let post: BorderPost;
let sue: string;
let sid: string;
let number = 0;
/** What the scan states, and what its container really carries. */
let misread: string;
let real: string;

beforeAll(async () => {
  post = await BorderPost.open();
  [sue, sid] = [await post.newKey('supervisor'), await post.newKey('supervisor')];
  await setNoMarks('unread', 'none');
});
beforeEach(() => {
  post.nextWeek();
  number += 1;
  [misread, real] = [withCheckDigit(`MSKU${610_000 + number}`), withCheckDigit(`MSKU${620_000 + number}`)];
});
afterAll(async () => {
  await post.close();
  expect(post.service.wrongAnswers).toEqual([]);
});

const HOURS = 36_000;
const container = (value: string) => ({ kind: 'container', value });
const visit = (value: string) => ({ kind: 'visit', value });
const urlOf = (scanId: string) => `/v1/scans/${scanId}/marks`;

async function correct(scanId: string, marks: readonly object[], by = sue) {
  const { etag } = (await post.get(by, urlOf(scanId))).headers;
  const payload = { marks, reason: 'read off the container' };
  const headers = { 'if-match': String(etag) };
  const answer = await post.service.ask(by, { method: 'PUT', url: urlOf(scanId), payload, headers });
  await post.service.work();
  return answer;
}

async function confirm(scanId: string, by = sid) {
  const url = urlOf(scanId);
  const { etag } = (await post.get(by, url)).headers;
  const headers = { 'if-match': String(etag) };
  const request = { method: 'POST', url: `${url}/confirmation`, payload: {}, headers } as const;
  const answer = await post.service.ask(by, request);
  await post.service.work();
  return answer;
}

/** An image that an analyst found normal. */
async function readNormal(containers: string, visitId?: string): Promise<string> {
  const more = visitId === undefined ? {} : { visit: visitId };
  const scanId = await post.xray(HOURS, { containers, lane: 'lane-9', ...more });
  await post.decide(scanId, 'normal');
  return scanId;
}

/** Ten hours before the image, so that nothing but a mark leads to it. */
async function alarmed(containers: string, more: { visit?: string } = {}): Promise<string> {
  const document = n42Document(containers, post.time(0));
  const record = await post.send(`${number}-${containers}.n42`, document, 'portal-9', more);
  post.clock.advance(HOURS);
  return record;
}

const lane = async (scanId: string) => (await post.instruction(scanId)).instruction;

const countingOf = async (scanId: string) =>
  (await post.get(sue, urlOf(scanId))).json().counting.map((mark: { value: string }) => mark.value);

describe('a number that was misread', () => {
  test('and that two people add holds the vehicle by what is open against it', async () => {
    await alarmed(real);
    const scanId = await readNormal(misread);
    expect(await lane(scanId)).toBe('proceed');
    expect((await correct(scanId, [container(misread), container(real)])).statusCode).toBe(202);
    expect((await confirm(scanId)).statusCode).toBe(200);
    expect(await lane(scanId)).toBe('hold');
    const byMark = await post.get(
      'lane',
      `/v1/sites/harbour/vehicles/container/${real.toLowerCase()}/lane-instruction`,
    );
    expect(byMark.json()).toMatchObject({ instruction: 'hold', scanId });
  });

  test('keeps the vehicle until another person confirms that it was misread', async () => {
    const held = `/v1/sites/harbour/vehicle-holds/container/${misread}`;
    const payload = { isHeld: true, reason: 'the neighbour asks for it' };
    const headers = { 'if-match': '"0"' };
    await post.service.ask(sue, { method: 'PUT', url: held, payload, headers });
    const scanId = await readNormal(misread);
    expect(await lane(scanId)).toBe('hold');
    expect((await correct(scanId, [container(real)])).statusCode).toBe(202);
    expect(await countingOf(scanId)).toEqual([misread]);
    expect(await lane(scanId)).toBe('hold');
    expect((await confirm(scanId, sue)).statusCode).toBe(409);
    expect((await confirm(scanId)).statusCode).toBe(200);
    expect(await countingOf(scanId)).toEqual([real]);
    expect(await lane(scanId)).toBe('proceed');
  });

  test('has led an alarm to the scan, and only radiation officers separate the two', async () => {
    const record = await alarmed(misread);
    const scanId = await readNormal(misread);
    const { id } = await post.holdOf(record);
    await correct(scanId, [container(real)]);
    await confirm(scanId);
    expect((await post.hold(id)).join).toMatchObject({ kind: 'joined', scanId });
    expect(await lane(scanId)).toBe('hold');
    expect((await post.unjoinByTwo(id)).statusCode).toBe(200);
    expect(await lane(scanId)).toBe('proceed');
  });

  test('gives no vehicle the image of another one by the word of one person', async () => {
    await readNormal(misread);
    const broken = await post.xray(HOURS, { containers: real, lane: 'lane-9' });
    await post.decide(broken, 'scan-again');
    post.clock.advance(60);
    const other = await readNormal('');
    expect((await correct(other, [container(real)])).statusCode).toBe(202);
    expect(await countingOf(other)).toEqual([]);
    expect(await lane(broken)).not.toBe('proceed');
  });

  test('is corrected on files that are in its record, and only where that changes something', async () => {
    const scanId = await readNormal(misread);
    expect((await correct(scanId, [container(misread)])).statusCode).toBe(409);
    await post.service.ask(sue, { method: 'POST', url: `/v1/scans/${scanId}/convert`, payload: {} });
    const { etag } = (await post.get(sue, urlOf(scanId))).headers;
    const payload = { marks: [], reason: 'none can be read' };
    const headers = { 'if-match': String(etag) };
    const early = await post.service.ask(sue, { method: 'PUT', url: urlOf(scanId), payload, headers });
    expect(early.statusCode).toBe(409);
    await post.service.work();
    expect((await correct(scanId, [])).statusCode).toBe(202);
  });

  test('shows the second person what it takes off and adds', async () => {
    const scanId = await readNormal(misread);
    await correct(scanId, [container(real)]);
    const { items } = (await post.get(sid, '/v1/proposals')).json();
    const proposal = items.find((one: { subject?: string }) => one.subject === scanId);
    expect(proposal).toMatchObject({ kind: 'scan-marks', mayConfirm: true });
    expect(proposal.changes).toEqual([
      { field: 'container', before: misread },
      { field: 'container', after: real },
      { field: 'reason', after: 'read off the container' },
    ]);
  });

  test('is taken off alone, wherever it stands among those that stay', async () => {
    const scanId = await readNormal([misread, real].join(' '));
    await correct(scanId, [container(real)]);
    const { items } = (await post.get(sid, '/v1/proposals')).json();
    const proposal = items.find((one: { subject?: string }) => one.subject === scanId);
    expect(proposal.changes.slice(0, -1)).toEqual([{ field: 'container', before: misread }]);
  });

  test('and is taken off shows no image of a whole truck: its other container is not imaged', async () => {
    const visitId = `T-${number}`;
    const expected = { id: visitId, containers: [misread, real], visit: visitId, controls: ['image'] };
    const checkIns = [{ ...expected, expectedAt: post.time(HOURS) }];
    await post.post('lane', '/v1/sites/harbour/check-ins', { checkIns });
    const scanId = await readNormal(misread, visitId);
    expect(await lane(scanId)).toBe('hold');
    await correct(scanId, [visit(visitId)]);
    expect((await confirm(scanId)).statusCode).toBe(200);
    expect(await lane(scanId)).toBe('hold');
  });

  test('is corrected on the files that the first person saw', async () => {
    const scanId = await readNormal(misread);
    await correct(scanId, [container(real)]);
    await post.service.ask(sue, { method: 'POST', url: `/v1/scans/${scanId}/convert`, payload: {} });
    expect((await confirm(scanId)).statusCode, 'while they are converted').toBe(409);
    await post.service.work();
    expect((await confirm(scanId)).statusCode, 'the same files').toBe(200);
    expect(await countingOf(scanId)).toEqual([real]);
  });

  test('no longer lends its image to another vehicle, and the lane hears about that vehicle', async () => {
    const broken = await post.xray(HOURS, { containers: misread, lane: 'lane-9' });
    await post.decide(broken, 'scan-again');
    post.clock.advance(60);
    const scanId = await readNormal(misread);
    expect(await lane(broken)).toBe('proceed');
    post.told.splice(0);
    await correct(scanId, [container(real)]);
    await confirm(scanId);
    expect(await lane(broken)).not.toBe('proceed');
    expect(post.told.map((one) => one.scanId)).toContain(broken);
  });

  test('stays corrected when the scan is converted again, and when the database is built anew', async () => {
    await alarmed(real);
    const scanId = await readNormal(misread);
    await correct(scanId, [container(real)]);
    await confirm(scanId);
    await post.post(sue, `/v1/scans/${scanId}/convert`);
    expect(await countingOf(scanId)).toEqual([real]);
    expect((await reindex(post.service.deps)).damaged).toEqual([]);
    await post.service.work();
    expect(await countingOf(scanId)).toEqual([real]);
    expect(await lane(scanId)).toBe('hold');
  });

  test('is on the timeline of the vehicle, with who corrected it', async () => {
    const scanId = await readNormal(misread);
    await correct(scanId, [container(real)]);
    await confirm(scanId);
    for (const one of [real, misread]) {
      const { entries } = (await post.get(sue, `/v1/sites/harbour/vehicles/container/${one}`)).json();
      const corrected = entries.filter((entry: { about: string }) => entry.about === 'marks');
      expect(corrected, one).toMatchObject([
        { event: 'corrected-proposed', id: scanId, detail: { containers: real } },
        { event: 'corrected', id: scanId, detail: { containers: real, before: misread } },
      ]);
    }
  });
});

describe('the visit of a scan', () => {
  test('is added by two people, and leads to the alarm of that visit', async () => {
    const visitId = `W-${number}`;
    await alarmed(real, { visit: visitId });
    const scanId = await readNormal('');
    expect(await lane(scanId)).toBe('proceed');
    expect((await correct(scanId, [visit(`w ${number}`)])).statusCode).toBe(202);
    await confirm(scanId);
    expect(await lane(scanId)).toBe('hold');
  });

  test('that came after a proposal is not taken off by its confirmation, which nobody made of it', async () => {
    const [visitId, name] = [`L-${number}`, `late-${number}.fake`];
    const bytes = fakeScan({ seed: 9_500 + number, containers: misread, acquired: post.time(0) });
    const scanId = await post.send(name, bytes, 'lane-9');
    expect((await correct(scanId, [container(misread), container(real)])).statusCode).toBe(202);
    expect(await post.send(name, bytes, 'lane-9', { visit: visitId })).toBe(scanId);
    expect((await confirm(scanId)).json()).toMatchObject({
      code: 'NII_STATE_CONFLICT',
      detail: /propose the correction again/,
    });
    const all = [container(misread), container(real), visit(visitId)];
    expect((await correct(scanId, all)).statusCode).toBe(202);
    expect((await confirm(scanId)).statusCode).toBe(200);
    expect(await countingOf(scanId)).toContain(`L${number}`);
  });

  test('is replaced by two, and until then the first one counts', async () => {
    const scanId = await readNormal('', `A-${number}`);
    expect((await correct(scanId, [visit(`B-${number}`)])).statusCode).toBe(202);
    expect(await countingOf(scanId)).toEqual([`A${number}`]);
    await confirm(scanId);
    expect(await countingOf(scanId)).toEqual([`B${number}`]);
  });

  test('that its sender states with the same image once more holds the scan before the answer, and somebody reads it again', async () => {
    const visitId = `S-${number}`;
    const bytes = fakeScan({ seed: 9_000 + number, acquired: post.time(0) });
    const scanId = await post.send('same.fake', bytes, 'lane-9');
    await post.decide(scanId, 'normal');
    expect(await lane(scanId)).toBe('proceed');
    const url = `/v1/scans?name=same.fake&lane=lane-9&visit=${visitId}`;
    const headers = { 'content-type': 'application/octet-stream' };
    const again = await post.service.as('scanner', { method: 'POST', url, payload: bytes, headers });
    expect(again.json().scans).toMatchObject([{ scanId, revision: 2, result: 'new-revision' }]);
    expect(await lane(scanId), 'before a worker has seen it').not.toBe('proceed');
    expect(await countingOf(scanId), 'its visit holds it at once').toEqual([`S${number}`]);
    await post.service.work();
    expect(await countingOf(scanId)).toEqual([`S${number}`]);
    expect(await lane(scanId), 'read without the visit').not.toBe('proceed');
    await post.decide(scanId, 'normal', 'other', sid);
    expect(await lane(scanId)).toBe('proceed');
    const held = `/v1/sites/harbour/vehicle-holds/visit/${visitId}`;
    const payload = { isHeld: true, reason: 'the neighbour asks for it' };
    await post.service.ask(sue, { method: 'PUT', url: held, payload, headers: { 'if-match': '"0"' } });
    expect(await lane(scanId)).toBe('hold');
  });

  test('that its sender states for training takes no suspect image out of its vehicle', async () => {
    const bytes = fakeScan({ seed: 9_700 + number, containers: real, acquired: post.time(0) });
    const suspect = await post.send('same.fake', bytes, 'lane-9');
    await post.decide(suspect, 'suspect');
    const second = await readNormal(real);
    expect(await lane(second)).toBe('hold');
    const training = { visit: `T-${number}`, purpose: 'training' };
    await post.send('same.fake', bytes, 'lane-9', training);
    expect(await countingOf(suspect)).toEqual([real]);
    expect(await lane(second)).toBe('hold');
  });

  test('that its sender states of an image that nobody can read holds that image, also in a rebuilt database', async () => {
    const visitId = `U-${number}`;
    const payload = fakeScan({ seed: 9_800 + number, acquired: post.time(0), behaviour: 'throw' });
    const scanId = await post.send('cut.fake', payload, 'lane-9');
    await post.send('cut.fake', payload, 'lane-9', { visit: visitId });
    const visitOf = async () => (await post.get(sue, `/v1/scans/${scanId}`)).json();
    expect(await visitOf()).toMatchObject({ state: 'failed', revision: 2, visit: visitId });
    expect((await reindex(post.service.deps)).damaged).toEqual([]);
    expect(await visitOf()).toMatchObject({ state: 'failed', revision: 2, visit: visitId });
  });

  test('that its sender states another way moves it out of no vehicle', async () => {
    const visitId = `F-${number}`;
    await alarmed(real, { visit: visitId });
    const bytes = fakeScan({ seed: 9_500 + number, acquired: post.time(HOURS) });
    const scanId = await post.send('same.fake', bytes, 'lane-9', { visit: visitId });
    await post.decide(scanId, 'normal');
    expect(await lane(scanId)).toBe('hold');
    expect(await post.send('same.fake', bytes, 'lane-9', { visit: `G-${number}` })).toBe(scanId);
    expect(await countingOf(scanId)).toEqual([`F${number}`]);
    expect(await lane(scanId)).toBe('hold');
  });

  test('is one, and a mark has a letter or a digit', async () => {
    const scanId = await readNormal(misread);
    for (const marks of [
      [visit('a'), visit('b')],
      [container(misread), visit('--')],
    ])
      expect((await correct(scanId, marks)).statusCode).toBe(400);
  });
});

test('a record of a portal has no numbers to correct here: its alarm is the matter of radiation officers', async () => {
  const record = await alarmed(real);
  expect((await post.get(sue, urlOf(record))).statusCode).toBe(409);
  const payload = { marks: [], reason: 'not this one' };
  const headers = { 'if-match': '"0"' };
  const answer = await post.service.ask(sue, { method: 'PUT', url: urlOf(record), payload, headers });
  expect(answer.statusCode).toBe(409);
});

/** Two administrators say what is written at the site in place of a mark. */
async function setNoMarks(...noMarks: readonly string[]) {
  const url = '/v1/sites/harbour';
  const [ann, abe] = [await post.newKey('administrator'), await post.newKey('administrator')];
  const put = { method: 'PUT', url, payload: { mode: 'live', windows: [], noMarks } } as const;
  const confirmed = { method: 'POST', url: `${url}/confirmation`, payload: {} } as const;
  for (const [by, request] of [[ann, put] as const, [abe, confirmed] as const]) {
    const headers = { 'if-match': String((await post.get(by, url)).headers.etag) };
    expect((await post.service.ask(by, { ...request, headers })).statusCode).toBeLessThan(300);
  }
}

test('a visit takes the place of what stood for one, and leads to what is open against it', async () => {
  const visitId = `P-${number}`;
  const bytes = fakeScan({ seed: 9_900 + number, acquired: post.time(HOURS) });
  await alarmed(real, { visit: visitId });
  const scanId = await post.send('same.fake', bytes, 'lane-9', { visit: 'Un-read' });
  await post.decide(scanId, 'normal');
  expect(await lane(scanId)).toBe('proceed');
  await post.send('same.fake', bytes, 'lane-9', { visit: 'NONE' });
  expect(await lane(scanId), 'another word for none').toBe('proceed');
  await post.send('same.fake', bytes, 'lane-9', { visit: visitId });
  expect(await countingOf(scanId)).toEqual([`P${number}`]);
  await post.decide(scanId, 'normal', 'other', sid);
  expect(await lane(scanId)).toBe('hold');
});

const example = 'converters/numpy-array/fixtures/sidecar/Dual';

/** A description of the array of this test. */
function sidecar(more: object) {
  const { site, ...written } = JSON.parse(readFileSync(`${example}.json`, 'utf8'));
  const stated = { ...written, niiSidecar: '1.1', acquired: post.time(HOURS), ...more };
  return { file: `a${number}.json`, bytes: Buffer.from(JSON.stringify(stated)) };
}

const array = () => ({ file: `a${number}.npy`, bytes: readFileSync(`${example}.npy`) });

async function sendParts(...parts: Parameters<typeof form>[0]): Promise<string> {
  const { payload, headers } = form([...parts, { field: 'lane', value: `lane-${number}` }]);
  const answer = await post.service.as('scanner', { method: 'POST', url: '/v1/scans', payload, headers });
  expect(answer.statusCode, answer.body).toBe(202);
  await post.service.work();
  return answer.json().scans[0].scanId;
}

test('a visit that is stated beside a file takes the place of what stands for one in the file', async () => {
  const scanId = await sendParts(
    { field: 'visit', value: `N-${number}` },
    array(),
    sidecar({ visit: 'UNREAD' }),
  );
  expect(await countingOf(scanId)).toContain(`N${number}`);
});

test('a visit that comes with one file of several takes the place of what stood for one', async () => {
  const placeholder = { field: 'visit', value: 'unread' };
  const scanId = await sendParts(placeholder, array(), sidecar({ containers: [real] }));
  expect(await sendParts({ field: 'visit', value: `N-${number}` }, array())).toBe(scanId);
  expect(await countingOf(scanId)).toEqual([real, `N${number}`]);
});

describe('a sidecar that replaces another', () => {
  test('takes no container off its scan: people do', async () => {
    const held = `/v1/sites/harbour/vehicle-holds/container/${real}`;
    const payload = { isHeld: true, reason: 'the neighbour asks for it' };
    await post.service.ask(sue, { method: 'PUT', url: held, payload, headers: { 'if-match': '"0"' } });
    const scanId = await sendParts(array(), sidecar({ containers: [real] }));
    await post.decide(scanId, 'normal');
    expect(await lane(scanId)).toBe('hold');
    expect(await sendParts(sidecar({ containers: [misread] }))).toBe(scanId);
    await post.decide(scanId, 'normal', 'other', sid);
    expect(await countingOf(scanId)).toEqual([real, misread]);
    expect(await lane(scanId)).toBe('hold');
    expect((await reindex(post.service.deps)).damaged).toEqual([]);
    await post.service.work();
    expect(await countingOf(scanId)).toEqual([real, misread]);
    expect((await correct(scanId, [container(misread)])).statusCode).toBe(202);
    expect((await confirm(scanId)).statusCode).toBe(200);
    expect(await lane(scanId)).toBe('proceed');
    const again = sidecar({ containers: [real], scanner: 'another' });
    expect(await sendParts(again)).toBe(scanId);
    expect(await countingOf(scanId), 'what two people took off does not come back').toEqual([misread]);
  });

  test('takes no visit off its scan, and adds one that two people left open', async () => {
    const [first, second] = [`A-${number}`, `B-${number}`];
    const scanId = await sendParts(array(), sidecar({ containers: [real], visit: first }));
    expect(await sendParts(sidecar({ containers: [real], visit: second }))).toBe(scanId);
    expect(await countingOf(scanId)).toEqual([real, `A${number}`]);
    const third = await sendParts(sidecar({ containers: [real] }), { field: 'visit', value: second });
    expect(third).toBe(scanId);
    expect(await countingOf(scanId)).toEqual([real, `A${number}`]);
    await correct(scanId, [container(real)]);
    expect((await confirm(scanId)).statusCode).toBe(200);
    expect(await countingOf(scanId), 'both were stated when they decided').toEqual([real]);
    const late = { field: 'visit', value: `C-${number}` };
    expect(await sendParts(late, array())).toBe(scanId);
    expect(await countingOf(scanId), 'this one was not').toEqual([real, `C${number}`]);
    expect(await sendParts({ field: 'visit', value: first }, array())).toBe(scanId);
    expect(await countingOf(scanId)).toEqual([real, `C${number}`]);
  });

  test('states the visit of a scan of which two people decided a word for none', async () => {
    const scanId = await sendParts(array(), sidecar({ containers: [real] }));
    await correct(scanId, [container(real), visit('unread')]);
    expect((await confirm(scanId)).statusCode).toBe(200);
    expect(await sendParts(sidecar({ containers: [real], visit: `D-${number}` }))).toBe(scanId);
    expect(await countingOf(scanId)).toEqual([real, `D${number}`]);
  });
});

test('a plate that stands for none names no vehicle: an alarm that is joined to its image holds what is near', async () => {
  const record = await post.portal([{ from: post.time(0), number: 1, alarm: 'gamma' }]);
  const front = await post.xray(20, { containers: '' });
  await correct(front, [{ kind: 'plate', value: 'UNREAD' }]);
  expect((await confirm(front)).statusCode).toBe(200);
  expect(await countingOf(front)).toEqual(['UNREAD']);
  const rear = await post.xray(40, { containers: real });
  await post.decide(rear, 'normal');
  const joined = await post.joinByTwo((await post.holdOf(record)).id, front);
  expect(joined.json().join).toMatchObject({ scanId: front, isUnmarked: true });
  expect(await lane(rear)).toBe('hold');
});
