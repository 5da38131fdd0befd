import { afterAll, beforeAll, expect, test } from 'vitest';
import { drainJobs } from '../../../src/steps/worker.ts';
import { sendSimulated } from '../../support/send-simulated.ts';
import { actor } from '../../support/stage.ts';
import { openWorld, type World } from '../../support/world.ts';

/** The measures at the command line, over one scan that came now. */

let world: World;

beforeAll(async () => {
  world = await openWorld();
  const { deps, close } = await world.open();
  await sendSimulated(deps, actor('scanner'), 1);
  await drainJobs(deps, 'test');
  await close();
});

afterAll(() => world.close());

const measures = (...args: readonly string[]) => world.nii('measures', '--administration', 'utopia', ...args);

test('nii measures writes all five as a table, and says unknown where nobody knows', async () => {
  const { code, out, err } = await measures();
  expect([code, err]).toEqual([0, '']);
  const lines = out.split('\n').map((line) => line.split(/ {2,}/));
  expect(new Set(lines.map(([measure]) => measure))).toEqual(
    new Set(['measure', 'throughput', 'times', 'rates', 'agreement', 'past-due', '']),
  );
  expect(lines.find(([, figure]) => figure === 'scans')?.[6]).toBe('1');
  expect(lines.find(([, figure]) => figure === 'hit-rate')?.[2]).toBe('unknown');
});

test('--csv and --json have the figures by time and scanner too, of the measures that are named', async () => {
  const { code, out } = await measures('throughput', '--json', '--by', 'week');
  const [throughput, ...others] = JSON.parse(out);
  expect([code, others, throughput.measure, throughput.by]).toEqual([0, [], 'throughput', 'week']);
  expect(new Set(throughput.rows.map(({ kind }: { kind: string }) => kind))).toEqual(
    new Set(['whole', 'time', 'scanner']),
  );
  const csv = (await measures('past-due', 'rates', '--csv')).out.split('\r\n');
  expect(csv[0]).toBe('measure,figure,part,from,to,site,scanner,count,of,value,low,high,unit');
  expect(new Set(csv.slice(1).map((line) => line.split(',')[0]))).toEqual(new Set(['rates', 'past-due', '']));
  expect((await world.nii('measures', '--administration', 'elsewhere', '--json')).out).toContain(
    '"counted": 0',
  );
});

test.each([
  [['hits'], /"hits".*throughput/],
  [['rates', 'rates'], /rates/],
  [['--by', 'year'], /Invalid --by "year": use hour, day or week/],
  [['--csv', '--json'], /--csv cannot be used with --json/],
  [['--from', 'monday'], /Invalid from "monday": use a time such as/],
  [['--zone', 'Mars'], /Invalid zone "Mars"/],
])('nii measures %j is rejected, and says what is allowed', async (args, words) => {
  const { code, out, err } = await measures(...args);
  expect([code > 0, out]).toEqual([true, '']);
  expect(err).toMatch(words);
});

test('nii measures --help names each option, and without an administration says what is missing', async () => {
  const { out } = await world.nii('measures', '--help');
  for (const option of ['--site', '--scanner', '--from', '--to', '--by', '--zone', '--csv', '--json'])
    expect(out).toContain(option);
  const { code, err } = await world.nii('measures');
  expect(code).toBe(2);
  expect(err).toContain('administration');
});
