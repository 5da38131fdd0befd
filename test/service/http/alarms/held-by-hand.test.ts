import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withCheckDigit } from '../../../../src/core/check-digits.ts';
import { reindex } from '../../../../src/maintenance/reindex/reindex.ts';
import { SITE } from '../../../support/harness.ts';
import { BorderPost } from '../../../support/http/border-post.ts';

/** A vehicle that somebody holds by hand: at once by one person, and let go by two. */

let post: BorderPost;
let sam: string;
let sue: string;
let box: string;
let number = 0;
const held = { isHeld: true, reason: 'the neighbour asks for it' };
const free = { isHeld: false, reason: 'the neighbour has looked' };

beforeAll(async () => {
  post = await BorderPost.open();
  [sam, sue] = [await post.newKey('supervisor'), await post.newKey('supervisor')];
});
beforeEach(() => {
  post.nextWeek();
  number += 1;
  box = withCheckDigit(`MSKU${100_000 + number}`);
});
afterAll(async () => {
  await post.close();
  expect(post.service.wrongAnswers).toEqual([]);
});

const home = (mark: string) => `/v1/sites/${SITE}/vehicle-holds/${mark}`;

async function change(by: string, url: string, payload: object, method: 'PUT' | 'POST' = 'PUT') {
  const { etag } = (await post.get(by, url.replace('/confirmation', ''))).headers;
  const headers = { 'if-match': String(etag) };
  const answer = await post.service.ask(by, { method, url, payload, headers });
  await post.service.work();
  return answer;
}
const put = (by: string, mark: string, terms: object) => change(by, home(mark), terms);
const confirm = (by: string, mark: string) => change(by, `${home(mark)}/confirmation`, {}, 'POST');

async function cleared(): Promise<string> {
  const scanId = await post.xray(0, { containers: box });
  await post.decide(scanId, 'normal');
  return scanId;
}

async function told(scanId: string): Promise<string> {
  const { instruction, final, reasons = [] } = await post.instruction(scanId);
  return `${instruction}${final ? '' : ' not final'}: ${reasons.map(({ code }) => code).join(' ')}`;
}
const isHeld = 'hold not final: held-by-hand normal';
const isFree = 'proceed: normal';

describe('a vehicle held by hand', () => {
  test('is held at once by one person, before and after it is scanned, however its number is written', async () => {
    const before = await cleared();
    expect(
      (
        await put(
          sam,
          `container/${box.slice(0, 4).toLowerCase()}-${box.slice(4, 10)} ${box.slice(10)}`,
          held,
        )
      ).statusCode,
    ).toBe(200);
    expect([await told(before), await told(await cleared())]).toEqual([isHeld, isHeld]);
    expect(post.told.at(-1)).toMatchObject({ instruction: 'hold' });
    const { items } = (await post.get(sue, `/v1/sites/${SITE}/vehicle-holds`)).json();
    expect(items).toContainEqual(
      expect.objectContaining({ mark: { kind: 'container', value: box }, terms: held }),
    );
    await put(sam, `container/${box}`, free);
    await confirm(sue, `container/${box}`);
  });

  test('stands once in the stop list with the proposal to let it go, and not in that of another site', async () => {
    const everywhere = await post.service.newToken('supervisor', 'utopia', '*');
    const listed = async (site: string) => {
      const { items, isCut } = (await post.get(everywhere, `/v1/sites/${site}/vehicle-holds`)).json();
      return [items.filter(({ mark }: { mark: { value: string } }) => mark.value === box), isCut];
    };
    await put(sam, `container/${box}`, held);
    await put(sam, `container/${box}`, { ...held, reason: 'the neighbour asks again' });
    await put(sam, `container/${box}`, free);
    const [items, isCut] = await listed(SITE);
    expect(items).toMatchObject([
      { version: 2, terms: { reason: 'the neighbour asks again' }, proposal: { version: 3, terms: free } },
    ]);
    expect([items.length, isCut]).toEqual([1, undefined]);
    expect(await listed('airport')).toEqual([[], undefined]);
    await confirm(sue, `container/${box}`);
    expect(await listed(SITE)).toEqual([[], undefined]);
  });

  test('is let go by two persons, and by nobody alone', async () => {
    const scanId = await cleared();
    await put(sam, `container/${box}`, held);
    expect((await put(sam, `container/${box}`, free)).statusCode).toBe(202);
    expect(await told(scanId)).toBe(isHeld);
    expect((await confirm(sam, `container/${box}`)).statusCode).toBe(409);
    expect(await told(scanId)).toBe(isHeld);
    expect((await confirm(sue, `container/${box}`)).statusCode).toBe(200);
    expect(await told(scanId)).toBe(isFree);
  });

  test('until a time is free after it, and an earlier end takes two', async () => {
    const scanId = await cleared();
    await put(sam, `container/${box}`, { ...held, until: post.time(7200) });
    expect((await put(sam, `container/${box}`, { ...held, until: post.time(60) })).statusCode).toBe(202);
    expect((await put(sam, `container/${box}`, { ...held, until: post.time(9000) })).statusCode).toBe(200);
    post.clock.advance(8000);
    expect(await told(scanId)).toBe(isHeld);
    post.clock.advance(1001);
    expect(await told(scanId)).toBe(isFree);
  });

  test('is not named in the feed of changes, and the audit names it', async () => {
    const plate = `NL77X${number}`;
    const { cursor } = (await post.get('searcher', '/v1/changes')).json();
    await put(sam, `plate/${plate}`, held);
    const feed = await post.get('searcher', `/v1/changes?cursor=${encodeURIComponent(cursor)}`);
    expect(feed.json().items).toContainEqual(
      expect.objectContaining({
        kind: 'vehicle-hold.changed',
        subject: expect.stringMatching(/^[0-9a-f]{64}$/),
      }),
    );
    expect(feed.body).not.toContain(plate);
    expect((await post.get('auditor', '/v1/audit?limit=200')).body).toContain(`plate ${plate}`);
  });

  test('is not of another site, nor for the lane to hold', async () => {
    const elsewhere = await post.service.newToken('supervisor', 'utopia', 'airport');
    expect((await post.get(elsewhere, home(`container/${box}`))).statusCode).toBe(404);
    expect((await post.get('lane', home(`container/${box}`))).statusCode).toBe(403);
  });

  test('is held after the database was lost and rebuilt from the objects', async () => {
    await put(sam, 'visit/V 77', held);
    const before = (await post.get(sam, home('visit/v77'))).json();
    expect(before).toMatchObject({ mark: { kind: 'visit', value: 'V77' }, terms: held });
    expect((await reindex(post.service.deps)).damaged).toEqual([]);
    expect((await post.get(sam, home('visit/v77'))).json()).toEqual(before);
  });
});
