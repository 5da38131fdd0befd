import { afterAll, beforeAll, expect, test } from 'vitest';
import { runWorker } from '../../../src/steps/worker.ts';
import { type EndlessViews, openEndlessViews } from '../../support/endless-views.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { ADMINISTRATION, type Harness, SITE } from '../../support/harness.ts';
import { endlessPicture, pathOfPicture } from '../../support/inputs/endless-picture.ts';
import { noteFigures } from '../../support/note-figures.ts';
import { searchSize } from '../../support/search-size.ts';

/** Nobody can take the turns of others with files on which a decoder never ends. */

/** What a conversion may take here. */
const POISON_SECONDS = 5;
/** Without turns a view waited a minute for a reader, and was then answered 503. */
const SLOWEST_VIEW_MS = 20_000;
const { scans, scansOfOthers } = searchSize.endless;

let views: EndlessViews;
let service: Harness;
/** Address of a picture of a good scan, and of the damaged one. */
let good: string;
const damaged = `${pathOfPicture(1)}/rendered`;

beforeAll(async () => {
  views = await openEndlessViews(POISON_SECONDS);
  ({ service, good } = views);
  await views.upload(service.token('scanner'), 'damaged.dcm', endlessPicture(1));
}, 120_000);
afterAll(() => views?.close());

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const started = performance.now();
  const value = await work();
  return { value, ms: performance.now() - started };
}

const view = (token: string, url: string) => service.ask(token, { url, headers: { accept: 'image/png' } });
const p99 = (times: readonly number[]) =>
  times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.99) - 1] ?? 0;
const median = (times: readonly number[]) =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;

test('two keys that ask for a damaged picture again and again delay no view and no upload of others', async () => {
  const viewer = service.token('supervisor');
  /** Times of views, one after the other, with an upload after every twentieth. */
  const others = async (count: number, from: number) => {
    const times: number[] = [];
    for (let i = 0; i < count; i += 1) {
      const { value, ms } = await timed(() => view(viewer, good));
      expect(value.statusCode, value.body).toBe(200);
      times.push(ms);
      if (i % 20 === 0)
        await views.upload(service.token('scanner'), `${from + i}.fake`, fakeScan({ seed: from + i }));
    }
    return times;
  };
  await others(20, 1000); // the first readers start
  const seen = new Map<string, number>();
  const attackers = await Promise.all([1, 2].map(() => service.newToken('supervisor', ADMINISTRATION, SITE)));
  const attackedBy = async <T>(tokens: readonly string[], work: () => Promise<T>): Promise<T> => {
    let isOver = false;
    const attacks = tokens.map(async (token) => {
      while (!isOver) {
        const answer = await view(token, damaged);
        const what = `${answer.statusCode} ${answer.json().code}`;
        seen.set(what, (seen.get(what) ?? 0) + 1);
      }
    });
    const value = await work();
    isOver = true;
    await Promise.all(attacks);
    return value;
  };
  // in turns, because what else the machine does comes and goes
  const [calmRounds, attackedRounds]: [number[][], number[][]] = [[], []];
  for (let round = 2; round < 5; round += 1) {
    calmRounds.push(await others(40, round * 1000));
    attackedRounds.push(await attackedBy(attackers, () => others(40, round * 1000 + 500)));
  }
  const [calm, attacked] = [calmRounds.flat(), attackedRounds.flat()];
  const told = [calm, attacked].map((times) =>
    [median(times), Math.max(...times)].map(Math.round).join(', '),
  );
  console.log(`views, median and slowest: calm ${told[0]} ms, attacked ${told[1]} ms`, seen);
  expect([...seen.keys()]).toEqual(['422 NII_LIMIT_TIME']);
  // the other tests of a run delay single views by seconds, in calm as well, so that the bound is as tight as calm was even;
  // what an attack takes from every view shows in the median
  expect(Math.min(...attackedRounds.map(p99))).toBeLessThan(2 * Math.max(...calmRounds.map(p99)) + 500);
  expect(median(attacked)).toBeLessThan(2 * median(calm) + 250);
  expect(Math.max(...attacked)).toBeLessThan(SLOWEST_VIEW_MS);
}, 240_000);

test('poisoned scans of one sender delay a scan of another by ten seconds at most', async () => {
  const poisoner = await service.newToken('scanner', ADMINISTRATION, SITE);
  await service.work();
  for (let seed = 5000; seed < 5000 + scans; seed += 1)
    await views.upload(
      poisoner,
      `${seed}.fake`,
      fakeScan({ seed, behaviour: 'slow', milliseconds: 600_000 }),
    );
  const stop = new AbortController();
  const worker = runWorker(service.deps, 'of the test', stop.signal);
  const waits: number[] = [];
  for (let seed = 4001; seed <= 4000 + scansOfOthers; seed += 1) {
    const { ms } = await timed(async () => {
      const scanId = await views.upload(service.token('scanner'), `${seed}.fake`, fakeScan({ seed }));
      const isConverted = async () => {
        const { state } = (await service.as('supervisor', { url: `/v1/scans/${scanId}` })).json();
        return state !== 'received';
      };
      await eventually('the scan is converted', 60, isConverted);
    });
    waits.push(ms);
  }
  stop.abort();
  await worker;
  noteFigures('scans of others, in milliseconds', waits.map(Math.round));
  expect(Math.max(...waits)).toBeLessThan(10_000);
}, 900_000);
