import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { Check } from 'typebox/value';
import { expect, test } from 'vitest';
import { KeptScores, type ScoreRecord } from '../../../src/evaluate/records.ts';
import { makeReport } from '../../../src/evaluate/report/make.ts';
import { reportPage } from '../../../src/evaluate/report/page.ts';
import { histogram, plotFile } from '../../../src/evaluate/report/plots.ts';
import { EvaluationReport } from '../../../src/evaluate/report/schema.ts';
import { isHit } from '../../../src/evaluate/score.ts';
import {
  evaluationSets,
  gridSeed,
  objectSeed,
  ordinarySeed,
  parseSimulated,
  seedRanges,
} from '../../../src/evaluate/subjects/seeds.ts';

const options = {
  product: '0.0.0',
  model: { id: 'm', version: '1', sha256: 'a'.repeat(64), title: 'A <b>bold</b> model' },
  data: { normals: 'made', threats: 'made', set: 'own' as const, assumptions: [] },
  prevalence: 0.01,
  classes: ['weapon', 'cavity'],
  draws: 20,
};

const milliseconds = { model: 100, whole: 150, cpu: 140 };

/** Ordinary scans whose scores are 0, 1, 2 … and whose percentiles are uniform; every second one is tested. */
function ordinaryScans(count: number): ScoreRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    key: `normal ${i}`,
    set: i % 2 === 0 ? 'threshold' : 'test',
    scan: `s${i}`,
    cargo: i % 4 < 2 ? 'fruit' : 'tiles',
    units: [{ score: i, percentile: (100 * (i + 0.5)) / count }],
    marks: i % 10 === 0 ? [{ score: 0.9, hit: false }] : [],
    milliseconds,
  }));
}

function objectWith(i: number, score: number, seen: { dPrime: number; standsOut?: number }): ScoreRecord {
  return {
    key: `object ${i}`,
    set: 'object',
    scan: `o${i}`,
    cargo: 'fruit',
    units: [{ score, percentile: score > 1000 ? 99.9 : 10 }],
    marks: score > 1000 ? [{ score: 0.95, hit: true }] : [],
    object: { id: 'x', class: i % 2 === 0 ? 'weapon' : 'cavity', areaMm2: 40_000, contrast: 0.3, ...seen },
    pixels: {
      inside: [[200, 50]],
      outside: [
        [0, 900],
        [200, 50],
      ],
    },
    milliseconds,
  };
}

const objects = [
  ...Array.from({ length: 6 }, (_, i) => objectWith(i, 5000, { dPrime: 50, standsOut: 5 })),
  objectWith(6, 1, { dPrime: 0.5, standsOut: 0.1 }),
  objectWith(7, 1, { dPrime: 50, standsOut: 0.2 }),
  objectWith(8, 1, { dPrime: 50, standsOut: 4 }),
  objectWith(9, 1, { dPrime: 50 }),
];

test('with 1,500 ordinary scans each rate has its threshold, and each miss its reason', () => {
  const report = makeReport([...ordinaryScans(1500), ...objects], options);
  expect(Check(EvaluationReport, report)).toBe(true);
  if ('notEnoughData' in report.levels) throw new Error(report.levels.notEnoughData);
  const five = report.levels.at(-1);
  // 37 of the 750 even scores may be above
  expect(five?.threshold).toBe(1498 - 2 * 37);
  expect(five?.falseAlarms).toMatchObject({ hits: 38, of: 750 });
  expect(five?.detected).toMatchObject({ hits: 6, of: 10, rate: 0.6 });
  expect(five?.byClass).toMatchObject([
    { name: 'weapon', detected: { hits: 3, of: 5 } },
    { name: 'cavity', detected: { hits: 3, of: 5 } },
  ]);
  expect(five?.missed).toEqual([
    { class: 'weapon', missed: 2, hiddenByNoise: 1, hiddenByLoad: 0, visible: 1 },
    { class: 'cavity', missed: 2, hiddenByNoise: 0, hiddenByLoad: 1, visible: 1 },
  ]);
  // 6 of 10 lie above all 1,500; 4 lie above one and beside one
  expect(report.auroc.image).toMatchObject({ value: expect.closeTo(0.6 + 0.4 * (1.5 / 1500), 12) });
  // inside: level 200; outside 900 of 950 below, 50 beside
  expect(report.auroc.pixel).toMatchObject({ value: expect.closeTo((900 + 25) / 950, 12) });
  expect(report.queue).toMatchObject({ share: expect.closeTo(0.6, 9), byChance: 0.05 });
  expect(report.percentiles).toMatchObject({ count: 1500, p: 1, tenths: new Array(10).fill(150) });
  expect(report.freeResponse).toMatchObject({
    curve: [{ score: 0.95, falseMarksPerScan: 0, detected: 0.6 }, {}],
  });
  // one of the missed is hidden by noise, and one by the load
  const [marks] = 'at' in report.freeResponse ? report.freeResponse.at : [];
  expect(marks).toMatchObject({ detected: 0.6, visible: { objects: 8, detected: 0.75 } });
  expect(report.time).toEqual({ scans: 1510, modelMs: 100, wholeMs: 150, cpuMs: 140 });
});

test('below 750 tested scans there is no rate, and what is left out is counted with its reason', () => {
  const blind = { ...objectWith(11, 0, { dPrime: 1 }), units: [], notAnalysed: 'no low energy' };
  const report = makeReport([...ordinaryScans(1499), ...objects, blind], options);
  expect(report.levels).toEqual({ notEnoughData: expect.stringContaining('749 to test it') });
  expect(report.data.notAnalysed).toEqual([{ reason: 'no low energy', scans: 1 }]);
  expect(report.data.objects).toBe(10);
});

/** A plate of one cell, with the score that a model gave it. */
function plateWith(i: number, cell: ScoreRecord['cell'], score: number, standsOut: number): ScoreRecord {
  const { pixels: _, ...record } = objectWith(i, score, { dPrime: 50, standsOut });
  return { ...record, key: `grid ${i}`, set: 'grid', ...(cell === undefined ? {} : { cell }) };
}

const thin = { material: 'steel', sizeMm: 50, thicknessMm: 5 } as const;
const thick = { material: 'steel', sizeMm: 400, thicknessMm: 40 } as const;
const plates = [
  ...[5000, 1, 1, 1].map((score, i) => plateWith(i, thin, score, 1.6448536)),
  ...[5000, 5000, 5000, 1].map((score, i) => plateWith(10 + i, thick, score, 50)),
];

test('plates are counted for each size and thickness at the threshold of 5 %, with the bound beside them', () => {
  const ordinary = ordinaryScans(1500);
  const { grid, ...others } = makeReport([...ordinary, ...objects, ...plates], options);
  const { grid: none, ...without } = makeReport([...ordinary, ...objects], options);
  expect(none).toBeUndefined();
  // plates are no objects of the other figures
  expect(others).toEqual(without);
  expect(Check(EvaluationReport, { ...others, grid })).toBe(true);
  const level = Array.isArray(others.levels) ? others.levels.at(-1) : undefined;
  expect(grid).toMatchObject({ falseAlarmsWanted: 0.05, threshold: level?.threshold });
  expect(grid?.cells.map(({ sizeMm, thicknessMm }) => [sizeMm, thicknessMm])).toEqual([
    [50, 5],
    [400, 40],
  ]);
  const [small, large] = grid?.cells ?? [];
  expect(small?.detected).toMatchObject({ hits: 1, of: 4, rate: 0.25 });
  // Wilson, 1 of 4, from statsmodels.stats.proportion.proportion_confint(1, 4, method='wilson')
  expect(small?.detected?.interval[0]).toBeCloseTo(0.0456, 3);
  expect(small?.detected?.interval[1]).toBeCloseTo(0.6994, 3);
  // an observer whose d′ is the 95 % quantile finds every second plate at 5 % false alarms
  expect(small?.boundKnowingMask).toBeCloseTo(0.5, 5);
  expect(large?.detected?.rate).toBe(0.75);
  expect(large?.boundKnowingMask).toBeCloseTo(1, 5);
});

test('without a threshold plates have their AUROC and no rate, and the page says so', () => {
  const report = makeReport([...ordinaryScans(100), ...objects, ...plates], options);
  expect(report.grid).not.toHaveProperty('threshold');
  expect(report.grid?.cells[0]).not.toHaveProperty('detected');
  expect(report.grid?.cells[0]?.auroc).toBeGreaterThan(0.2);
  const page = reportPage(report);
  expect(page).toContain('There are too few ordinary scans to fix a threshold, so there is no rate.');
  expect(page).toContain('bound 50.0 %');
  const rated = reportPage(makeReport([...ordinaryScans(1500), ...objects, ...plates], options));
  expect(rated).toContain('25.0 % (4.6 % to 69.9 %) of 4');
  // the more were found, the darker
  expect(rated).toContain('background:rgb(223 235 252)');
  expect(rated).toContain('background:rgb(158 196 245)');
});

test('without scans each figure says that there is not enough data', () => {
  const report = makeReport([], options);
  expect(Check(EvaluationReport, report)).toBe(true);
  for (const figure of [
    report.levels,
    report.auroc.image,
    report.auroc.pixel,
    report.queue,
    report.percentiles,
  ])
    expect(figure).toHaveProperty('notEnoughData');
  expect(reportPage(report)).toContain('Not enough data');
});

test('the page needs nothing beside it, and shows names as text', () => {
  const page = reportPage(makeReport([...ordinaryScans(1500), ...objects], options));
  expect(page).not.toMatch(/<script|src=|href=|url\(|https?:/);
  expect(page).not.toContain('<b>bold</b>');
  expect(page).toContain('A &#60;b&#62;bold');
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});

test('a plot is a file of its own, which another program draws', async () => {
  const counts = [0, 0, 0, 0, 0, 0, 0, 0, 0, 50];
  const drawn = sharp(Buffer.from(plotFile(histogram(counts, 'Fifty <objects>', 'percentile'))));
  const { data, info } = await drawn.raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [
    ...data.subarray((y * info.width + x) * info.channels).subarray(0, 3),
  ];
  expect([info.width, info.height]).toEqual([640, 300]);
  // the tenth bar stands alone, in the colour of the page's plots
  expect([at(590, 200), at(530, 200)]).toEqual([
    [0x9c, 0xc2, 0xf5],
    [255, 255, 255],
  ]);
});

test('a report from before there was a share of what can be seen is still one, and is drawn', () => {
  const text = readFileSync(new URL('report-of-before.json', import.meta.url), 'utf8');
  const before: EvaluationReport = JSON.parse(text);
  expect(Check(EvaluationReport, before)).toBe(true);
  expect(before.auroc.image).toMatchObject({ value: expect.closeTo(0.917, 3) });
  expect(reportPage(before)).toContain('of those that can be seen');
});

test('no set of seeds has a seed of another', () => {
  const ranges = Object.values(seedRanges).toSorted((a, b) => a.from - b.from);
  for (const [i, { from, to }] of ranges.entries()) {
    expect(from).toBeLessThan(to);
    expect(from).toBeGreaterThanOrEqual(ranges[i - 1]?.to ?? 0);
  }
  for (const set of evaluationSets) {
    const seeds = [
      ordinarySeed(set, 0),
      ordinarySeed(set, 99_999),
      objectSeed(set, 0, 0),
      objectSeed(set, 99_999, 399),
      gridSeed(set, 0),
      gridSeed(set, 999),
    ];
    expect(seeds).toEqual(seeds.toSorted((a, b) => a - b));
    expect(new Set(seeds).size).toBe(6);
    for (const seed of seeds) {
      expect(seed).toBeGreaterThanOrEqual(seedRanges[set].from);
      expect(seed).toBeLessThan(seedRanges[set].to);
    }
    // loads of one index and of another never meet
    expect(objectSeed(set, 99_999, 0)).toBeLessThan(objectSeed(set, 0, 1));
  }
});

test('a set is asked for by its name, and bare seeds are not', () => {
  expect(parseSimulated('sim', 9)).toEqual({ set: 'development', count: 9 });
  expect(parseSimulated('SIM:40', 9)).toEqual({ set: 'development', count: 40 });
  expect(parseSimulated('sim:sealed:40', 9)).toEqual({ set: 'sealed', count: 40 });
  expect(parseSimulated('sim:sealed-2:40', 9)).toEqual({ set: 'sealed-2', count: 40 });
  expect(parseSimulated('scans', 9)).toBeUndefined();
  for (const text of ['sim:1000000:5', 'sim:sealed:1', 'sim:sealed:x', 'sim:sealed:5:6'])
    expect(() => parseSimulated(text, 9)).toThrow(expect.objectContaining({ code: 'NII_BAD_REQUEST' }));
});

test('a mark hits what its middle lies in or what it shares a tenth with, and not half of the load around it', () => {
  const object = { rowFrom: 100, rowTo: 140, columnFrom: 200, columnTo: 260 };
  expect(isHit({ rowFrom: 110, rowTo: 120, columnFrom: 210, columnTo: 220 }, object)).toBe(true);
  expect(isHit({ rowFrom: 80, rowTo: 125, columnFrom: 150, columnTo: 240 }, object)).toBe(true);
  expect(isHit({ rowFrom: 0, rowTo: 240, columnFrom: 0, columnTo: 460 }, object)).toBe(false);
  expect(isHit({ rowFrom: 0, rowTo: 50, columnFrom: 0, columnTo: 50 }, object)).toBe(false);
});

test('scores are kept whole lines at a time, and those of another plan are rejected', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nii-scores-'));
  try {
    const [first, second] = ordinaryScans(2);
    if (first === undefined || second === undefined) throw new Error('no records');
    const kept = await KeptScores.open(folder, { model: 'a' });
    await kept.add(first);
    const path = join(folder, 'scores.jsonl');
    await writeFile(path, JSON.stringify(second).slice(0, 30), { flag: 'a' });
    const again = await KeptScores.open(folder, { model: 'a' });
    expect(again.all).toEqual([first]);
    await again.add(second);
    expect((await KeptScores.open(folder, { model: 'a' })).all).toEqual([first, second]);
    await expect(KeptScores.open(folder, { model: 'b' })).rejects.toMatchObject({ code: 'NII_CONFLICT' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
