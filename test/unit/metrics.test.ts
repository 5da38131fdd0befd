import { expect, test } from 'vitest';
import { histogramText } from '../../src/metrics/counted-histogram.ts';
import { GatheredMetrics } from '../../src/metrics/gathered-metrics.ts';
import { measureSteps, readReport } from '../../src/metrics/step-metrics.ts';

async function valuesOf(conversions: number) {
  const steps = measureSteps();
  for (let i = 0; i < conversions; i += 1) steps.converted('numpy-array', 'done', 0.2);
  return steps.values();
}

const conversions = async (gathered: GatheredMetrics) =>
  Number(/nii_conversion_duration_seconds_count\{[^}]*\} (\d+)/.exec(await gathered.text())?.[1] ?? 0);

test('what several workers measured is added up', async () => {
  const gathered = new GatheredMetrics();
  gathered.take('a', await valuesOf(2));
  gathered.take('b', await valuesOf(3));
  expect(await conversions(gathered)).toBe(5);
});

test('a later report of a worker replaces its earlier one', async () => {
  const gathered = new GatheredMetrics();
  gathered.take('a', await valuesOf(2));
  gathered.take('a', await valuesOf(4));
  expect(await conversions(gathered)).toBe(4);
  expect(await conversions(gathered)).toBe(4);
});

test('a worker that ended stays in the sums, also when its successor ends', async () => {
  const gathered = new GatheredMetrics();
  gathered.take('a', await valuesOf(2));
  await gathered.end('a');
  gathered.take('b', await valuesOf(1));
  await gathered.end('b');
  gathered.take('c', await valuesOf(1));
  expect(await conversions(gathered)).toBe(4);
});

test('a message that is no report is not taken for one', async () => {
  const values = await valuesOf(1);
  expect(readReport({ kind: 'metrics', values })).toEqual(values);
  for (const other of [
    undefined,
    'metrics',
    { kind: 'metrics' },
    { kind: 'other', values },
    { kind: 'metrics', values: [1] },
  ])
    expect(readReport(other)).toBeUndefined();
});

test('a histogram of what is stored has buckets that add up, a sum and a count', () => {
  const counted = [
    { value: 0, count: 2 },
    { value: 3, count: 1 },
    { value: 90, count: 1 },
  ];
  expect(histogramText({ name: 'held', help: 'Held', bounds: [0, 1, 5] }, counted)).toBe(
    [
      '# HELP held Held',
      '# TYPE held histogram',
      'held_bucket{le="0"} 2',
      'held_bucket{le="1"} 2',
      'held_bucket{le="5"} 3',
      'held_bucket{le="+Inf"} 4',
      'held_sum 93',
      'held_count 4',
      '',
    ].join('\n'),
  );
});
