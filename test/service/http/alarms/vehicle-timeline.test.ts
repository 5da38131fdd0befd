import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withCheckDigit } from '../../../../src/core/check-digits.ts';
import { ADMINISTRATION, SITE } from '../../../support/harness.ts';
import { BorderPost } from '../../../support/http/border-post.ts';

/** One vehicle from its scan to its last lane, as each role may know it. */

let post: BorderPost;
let sam: string;
let sue: string;
let box: string;
let number = 0;

beforeAll(async () => {
  post = await BorderPost.open();
  [sam, sue] = [await post.newKey('supervisor'), await post.newKey('supervisor')];
});
beforeEach(() => {
  post.nextWeek();
  number += 1;
  box = withCheckDigit(`MSKU77000${number}`);
});
afterAll(async () => {
  await post.close();
  expect(post.service.wrongAnswers).toEqual([]);
});

interface Entry {
  readonly at: string;
  readonly about: string;
  readonly event: string;
  readonly by?: string;
  readonly detail: Readonly<Record<string, string>>;
}

const addressOf = (mark: string) => `/v1/sites/${SITE}/vehicles/${mark}`;

async function vehicle(by: string, mark = `container/${box}`) {
  const answer = await post.get(by, addressOf(mark));
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json() as {
    readonly instruction?: { readonly instruction: string };
    readonly cases: readonly { readonly id: string; readonly state: string; readonly isFound: boolean }[];
    readonly entries: readonly Entry[];
    readonly isCut: boolean;
  };
}

const eventsIn = ({ entries }: { readonly entries: readonly Entry[] }) =>
  entries.map(({ about, event }) => `${about} ${event}`);

async function hold(by: string, terms: object, mark = `container/${box}`): Promise<void> {
  const url = `/v1/sites/${SITE}/vehicle-holds/${mark}`;
  const { etag } = (await post.get(by, url)).headers;
  const headers = { 'if-match': String(etag) };
  const answer = await post.service.ask(by, { method: 'PUT', url, payload: terms, headers });
  expect(answer.statusCode, answer.body).toBeLessThan(300);
}

async function passed(report: object): Promise<void> {
  const at = post.clock.now().toISOString();
  const passages = [{ id: `p-${number}`, at, lane: 'exit 2', ...report }];
  const answer = await post.post('lane', '/v1/passages', { site: SITE, passages });
  expect(answer.statusCode, answer.body).toBeLessThan(300);
}

/** Read as suspect, searched with a find, and released by another supervisor. */
async function foundAndReleased(): Promise<string> {
  const caseId = await post.decide(await post.xray(0, { containers: box }), 'suspect', 'density', sam);
  const step = async (by: string, name: string, payload: object) => {
    post.clock.advance(60);
    const answer = await post.post(by, `/v1/cases/${caseId}/${name}`, payload);
    expect(answer.statusCode, answer.body).toBe(200);
  };
  await step(sam, 'refer', { note: 'the floor' });
  await step('searcher', 'outcome', { kind: 'found', what: 'cigarettes', where: 'the floor' });
  const { cases } = await vehicle(sue);
  expect(cases).toEqual([expect.objectContaining({ id: caseId, state: 'closed', isFound: true })]);
  await step(sue, 'search-acceptance', { why: 'seized' });
  return caseId;
}

describe('the timeline of a vehicle', () => {
  test('tells in order the scan, readings, search, find, release, passage and hold by hand', async () => {
    await foundAndReleased();
    post.clock.advance(60);
    await passed({ containers: [`${box.slice(0, 4).toLowerCase()} ${box.slice(4)}`] });
    post.clock.advance(60);
    await hold(sam, { isHeld: true, reason: 'the neighbour asks for it' });
    const seen = await vehicle('administrator');
    expect(eventsIn(seen)).toEqual([
      'scan received',
      'case opened',
      'case decided',
      'case referred',
      'case outcome',
      'case accepted',
      'passage passed',
      'hand-hold held',
    ]);
    expect(seen).toMatchObject({ instruction: { instruction: 'hold' }, isCut: false });
    expect(seen.cases).toEqual([expect.objectContaining({ isFound: false })]);
    const said = Object.fromEntries(seen.entries.map(({ event, detail }) => [event, detail]));
    expect(said).toMatchObject({
      decided: { kind: 'suspect', reason: 'density' },
      outcome: { kind: 'found', what: 'cigarettes' },
      accepted: { why: 'seized' },
      passed: { lane: 'exit 2', reason: 'none' },
      held: { reason: 'the neighbour asks for it' },
    });
    expect(eventsIn(await vehicle('auditor'))).toEqual(eventsIn(seen));
    expect((await vehicle('auditor')).instruction).toBeUndefined();
  });

  test('tells readers nothing of earlier readings while somebody may read the image, and officers nothing of any', async () => {
    const caseId = await foundAndReleased();
    await post.post(sam, `/v1/cases/${caseId}/reopen`, { why: 'a recall' });
    expect(eventsIn(await vehicle(sue))).toEqual(['scan received', 'case opened']);
    expect(eventsIn(await vehicle('auditor'))).toContain('case decided');
    const officer = await vehicle('radiation-officer');
    expect([eventsIn(officer), officer.cases]).toEqual([['scan received'], []]);
    expect(officer.instruction?.instruction).toBe('hold');
  });

  test('tells the alarms of the vehicle and those near it, which hold it', async () => {
    await post.portal([{ from: post.time(0), number: 1, alarm: 'gamma' }]);
    await post.xray(30, { containers: box });
    const seen = await vehicle(sam);
    const alarm = seen.entries.find(({ about }) => about === 'alarm');
    expect(alarm).toMatchObject({ event: 'opened', detail: { alarms: 'gamma', lane: 'lane-3' } });
    expect(seen.instruction?.instruction).toBe('hold');
  });

  test('finds a visit in every spelling, with what names only that', async () => {
    const visit = `V-26 ${number}`;
    await passed({ visit });
    post.clock.advance(1);
    await hold(sam, { isHeld: true, reason: 'no papers' }, `visit/v26${number}`);
    expect(eventsIn(await vehicle(sam, `visit/v26%20${number}`))).toEqual([
      'passage passed',
      'hand-hold held',
    ]);
    expect(eventsIn(await vehicle(sam, `container/v26%20${number}`)), 'no container').toEqual([]);
  });

  test('is empty for a vehicle that nobody knows, and not there for another site', async () => {
    expect(await vehicle(sam)).toMatchObject({ entries: [], cases: [], isCut: false });
    const elsewhere = await post.service.newToken('supervisor', ADMINISTRATION, 'elsewhere');
    expect((await post.get(elsewhere, addressOf(`container/${box}`))).statusCode).toBe(404);
    expect((await post.get('analyst', addressOf(`container/${box}`))).statusCode).toBe(403);
  });

  test('keeps its newest 200 entries and says that older ones are left out', async () => {
    const end = (day: number) => new Date(Date.parse('2100-01-01') + day * 86_400_000).toISOString();
    for (let day = 0; day < 205; day++) {
      post.clock.advance(1);
      await hold(sam, { isHeld: true, reason: `day ${day}`, until: end(day) });
    }
    const { entries, isCut } = await vehicle(sam);
    expect([entries.length, isCut, entries.at(0)?.detail.reason, entries.at(-1)?.detail.reason]).toEqual([
      200,
      true,
      'day 5',
      'day 204',
    ]);
  });
});

describe('the list of finds', () => {
  test('has a vehicle from the find until another supervisor releases it', async () => {
    const scanId = await post.xray(0, { containers: box });
    const caseId = await post.decide(scanId, 'suspect', 'density', sam);
    const home = `/v1/cases/${caseId}`;
    const found = async () =>
      (await post.get(sue, '/v1/finds?limit=200')).json().items.map(({ id }: { id: string }) => id);
    await post.post(sam, `${home}/refer`, {});
    expect(await found()).not.toContain(caseId);
    await post.post('searcher', `${home}/outcome`, { kind: 'found', what: 'cigarettes', where: 'floor' });
    expect(await found()).toContain(caseId);
    await post.post(sue, `${home}/search-acceptance`, { why: 'seized' });
    expect(await found()).not.toContain(caseId);
  });
});
