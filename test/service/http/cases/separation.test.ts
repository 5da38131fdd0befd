import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { defaultPolicy } from '../../../../src/triage/policy.ts';
import { BorderPost } from '../../../support/http/border-post.ts';

/** Nobody completes a vehicle alone, and what was said against it ends as its kind requires. */

let post: BorderPost;
const people: Record<string, string> = {};

beforeAll(async () => {
  const policy = { ...defaultPolicy, secondOpinionShare: 0, undoWindowSeconds: 0 };
  post = await BorderPost.open({ policy });
  for (const name of ['sam', 'sue', 'sid'] as const) people[name] = await post.newKey('supervisor');
  for (const name of ['ann', 'bob', 'cat', 'eve'] as const) people[name] = await post.newKey('analyst');
  for (const name of ['tom', 'tim'] as const) people[name] = await post.newKey('searcher');
});
beforeEach(() => post.nextWeek());
afterAll(async () => {
  await post.close();
  expect(post.service.wrongAnswers).toEqual([]);
});

const keyOf = (name: string) => people[name] ?? '';
const normal = { kind: 'normal', reason: 'other' };
const suspect = { kind: 'suspect', reason: 'other' };
const clean = { kind: 'nothing-found', method: 'unloaded', extent: 'full' };

interface Vehicle {
  readonly scanId: string;
  readonly move: (by: string, what: string, body?: object) => Promise<number>;
  readonly told: () => Promise<string>;
}

async function vehicle(): Promise<Vehicle> {
  const scanId = await post.xray(0);
  const [value] = await post.service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
  return {
    scanId,
    move: async (by, what, body = {}) =>
      (await post.post(keyOf(by), `/v1/cases/${value?.id}/${what}`, body)).statusCode,
    told: async () => {
      const { instruction, final, reasons = [] } = await post.instruction(scanId);
      return `${instruction}${final ? '' : ' not final'}: ${reasons.map(({ code }) => code).join(' ')}`;
    },
  };
}

/** The only case there is. @returns the status of the verdict */
async function byTurn(by: string, { move }: Vehicle, verdict: object): Promise<number> {
  const next = await post.post(keyOf(by), '/v1/cases/next');
  if (next.statusCode !== 200) throw new Error(`${by}: no case (${next.statusCode})`);
  return move(by, 'verdict', verdict);
}

async function chosen(by: string, { move }: Vehicle, verdict: object): Promise<number> {
  expect(await move(by, 'claim')).toBe(200);
  return move(by, 'verdict', verdict);
}

describe('who chose a case by searching for it', () => {
  test('does not clear it alone: another reader, who got it by turn, has to say the same', async () => {
    const car = await vehicle();
    await chosen('sam', car, normal);
    expect(await car.told()).toBe('hold not final: undecided');
    await byTurn('ann', car, normal);
    expect(await car.told()).toBe('proceed: normal');
  });

  test('may hold it alone', async () => {
    const car = await vehicle();
    await chosen('sam', car, suspect);
    expect(await car.told()).toBe('hold not final: suspect');
  });

  test('and another who chose it as well do not clear it together: a supervisor settles it', async () => {
    const car = await vehicle();
    for (const by of ['sam', 'sue']) await chosen(by, car, normal);
    expect(await car.told()).toBe('hold not final: undecided');
    await chosen('sid', car, normal);
    expect(await car.told()).toBe('hold not final: disputed');
  });
});

describe('a suspect image', () => {
  test('is not cleared by a reopening and a later normal, neither of its reader nor of another', async () => {
    const car = await vehicle();
    await byTurn('ann', car, suspect);
    expect(await car.move('sam', 'reopen', { why: 'another look' })).toBe(200);
    expect((await post.post(keyOf('ann'), '/v1/cases/next')).statusCode, 'no second draw').toBe(204);
    await byTurn('bob', car, normal);
    expect(await car.told()).toBe('hold not final: disputed');
  });

  test('and a lost dispute stay: the loser cannot reopen it and say normal', async () => {
    const car = await vehicle();
    await byTurn('ann', car, suspect);
    await car.move('sam', 'second-opinion', { why: 'to be sure' });
    await byTurn('bob', car, normal);
    expect(await car.move('sue', 'settlement', suspect)).toBe(200);
    expect(await car.move('sam', 'reopen', { why: 'I know it' })).toBe(200);
    expect(await car.move('sam', 'claim'), 'who asked for a reading reads it not').toBe(409);
    await chosen('sid', car, normal);
    expect(await car.told()).toBe('hold not final: disputed');
    expect(await car.move('sam', 'settlement', normal), 'settled as suspect before').toBe(409);
  });

  test('ends by a search that neither its reader nor who ordered it reports', async () => {
    const car = await vehicle();
    await chosen('sam', car, suspect);
    expect(await car.move('sue', 'refer')).toBe(200);
    expect(await car.move('sue', 'outcome', clean), 'ordered it').toBe(409);
    expect(await car.move('sam', 'outcome', clean), 'read it').toBe(409);
    expect(await car.move('tom', 'outcome', clean)).toBe(200);
    expect(await car.told()).toBe('proceed: nothing-found');
  });

  test('searched in part ends by a supervisor who neither read, ordered nor reported it', async () => {
    const car = await vehicle();
    await byTurn('ann', car, suspect);
    await car.move('sam', 'refer');
    await car.move('sue', 'outcome', { ...clean, extent: 'part' });
    for (const by of ['sam', 'sue'])
      expect(await car.move(by, 'search-acceptance', { why: 'enough' }), by).toBe(409);
    expect(await car.move('sid', 'search-acceptance', { why: 'enough' })).toBe(200);
    expect(await car.told()).toBe('proceed: search-accepted');
  });
});

describe('a find', () => {
  test('holds through a reopening, until a supervisor who did not report it releases the vehicle', async () => {
    const car = await vehicle();
    await byTurn('ann', car, suspect);
    await car.move('sam', 'refer');
    await car.move('tom', 'outcome', { kind: 'found', what: 'cigarettes', where: 'floor' });
    expect(await car.told()).toBe('hold: found');
    expect(await car.move('sam', 'reopen', { why: 'customs asks' })).toBe(200);
    await byTurn('bob', car, normal);
    await car.move('sue', 'settlement', normal);
    expect(await car.told()).toBe('hold: found');
    expect(await car.move('sid', 'search-acceptance', { why: 'goods seized, protocol 7' })).toBe(200);
    expect(await car.told()).toBe('proceed: normal');
  });

  test('that is accepted leaves a search that was ordered since then to be made', async () => {
    const car = await vehicle();
    await byTurn('ann', car, suspect);
    await car.move('sam', 'refer');
    await car.move('tom', 'outcome', { kind: 'found', what: 'cigarettes', where: 'floor' });
    await car.move('sam', 'reopen', { why: 'customs asks' });
    await byTurn('bob', car, normal);
    await car.move('sue', 'refer', { note: 'behind the wall, too' });
    await car.move('tim', 'outcome', { kind: 'unsearched' });
    await car.move('sam', 'reopen', { why: 'customs asks again' });
    await byTurn('cat', car, normal);
    expect(await car.move('sue', 'settlement', normal)).toBe(200);
    expect(await car.move('sid', 'search-acceptance', { why: 'goods seized, protocol 8' })).toBe(200);
    expect(await car.told()).toBe('hold: unsearched');
    expect(await car.move('sam', 'reopen', { why: 'it is searched now' })).toBe(200);
    await byTurn('eve', car, normal);
    await car.move('sue', 'refer');
    expect(await car.move('tom', 'outcome', clean)).toBe(200);
    expect(await car.told()).toBe('proceed: nothing-found');
  });
});
