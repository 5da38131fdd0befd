import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EndlessViews, openEndlessViews } from '../../support/endless-views.ts';
import { pause } from '../../support/eventually.ts';
import { ADMINISTRATION, type Harness, SITE } from '../../support/harness.ts';
import { endlessPicture, pathOfPicture } from '../../support/inputs/endless-picture.ts';
import { HANGS, NEVER_ENDS } from '../../support/inputs/never-ends.ts';
import { noteFigures } from '../../support/note-figures.ts';
import { isLargeSearch, searchSize } from '../../support/search-size.ts';

/** Pictures that take long keep nobody waiting who looks at quick ones, however many keys ask for them. */

const KEYS = 10;
/** Pictures on each of which a decoder never ends, and for how long others are watched meanwhile. */
const { pictures: DAMAGED, watchMs: WATCH_MS } = searchSize.endless;
/** What each of them may take. */
const SECONDS = isLargeSearch ? 5 : 2;
const PACE_MS = 50;

let views: EndlessViews;
let service: Harness;
let good: string;

beforeAll(async () => {
  views = await openEndlessViews(SECONDS);
  ({ service, good } = views);
  const mark = isLargeSearch ? NEVER_ENDS : HANGS;
  for (let number = 1; number <= DAMAGED; number += 1)
    await views.upload(service.token('scanner'), `${number}.dcm`, endlessPicture(number, mark));
}, 600_000);
afterAll(() => views?.close());

const view = (token: string, url: string) => service.ask(token, { url, headers: { accept: 'image/png' } });

/** How long each view of a good picture takes, one after the other, for so long. */
async function timesOfViews(ms: number): Promise<readonly number[]> {
  const end = performance.now() + ms;
  const times: number[] = [];
  while (performance.now() < end) {
    const begun = performance.now();
    const answer = await view(service.token('supervisor'), good);
    times.push(performance.now() - begun);
    expect(answer.statusCode, answer.body).toBe(200);
    await pause(PACE_MS, 'pace');
  }
  return times.toSorted((a, b) => a - b);
}

const at = (times: readonly number[], share: number) => times[Math.ceil(times.length * share) - 1] ?? 0;
/** In milliseconds. */
const figuresOf = (times: readonly number[]) => ({
  views: times.length,
  median: Math.round(at(times, 0.5)),
  p99: Math.round(at(times, 0.99)),
  slowest: Math.round(at(times, 1)),
});

test('ten keys that look at damaged pictures delay no view of others, and nobody is sent away', async () => {
  await timesOfViews(1_000); // the first readers start
  const calm = await timesOfViews(WATCH_MS / 2);
  const attackers = await Promise.all(
    Array.from({ length: KEYS }, () => service.newToken('supervisor', ADMINISTRATION, SITE)),
  );
  const left = Array.from({ length: DAMAGED }, (_, i) => i + 1);
  const answers: string[] = [];
  const attacks = attackers.map(async (token) => {
    for (let number = left.pop(); number !== undefined; number = left.pop())
      answers.push((await view(token, `${pathOfPicture(number)}/rendered`)).json().code);
  });
  const attacked = await timesOfViews(WATCH_MS);
  left.splice(0);
  await Promise.all(attacks);
  noteFigures('views', { calm: figuresOf(calm), attacked: figuresOf(attacked), damaged: answers.length });
  expect(new Set(answers)).toEqual(new Set(['NII_LIMIT_TIME']));
  // twice, and what a busy machine adds; with one lane for all views it was seconds on an idle one
  expect(at(attacked, 0.5)).toBeLessThan(2 * at(calm, 0.5) + 1_000);
}, 600_000);
