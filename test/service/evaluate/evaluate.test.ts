import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Check } from 'typebox/value';
import { afterAll, expect, test } from 'vitest';
import { EvaluationReport } from '../../../src/evaluate/report/schema.ts';
import { type GridCell, gridCells, nameOfCell } from '../../../src/evaluate/subjects/grid.ts';
import { installedPath } from '../../../src/runtime/installed.ts';
import { openWorld } from '../../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

const model = installedPath('models/cargo-anomaly/2');
const simulated = ['evaluate', model, '--normals', 'sim:development:4', '--threats', 'sim', '--objects', '6'];

async function reportIn(folder: string): Promise<EvaluationReport> {
  const value: unknown = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'));
  if (!Check(EvaluationReport, value)) throw new Error('the report is not by its schema');
  return value;
}

test('a model is evaluated on simulated scans, and an evaluation that was cut goes on to the same figures', async () => {
  const out = join(world.dir, 'simulated');
  const whole = await world.nii(...simulated, '--out', out);
  expect(whole).toMatchObject({ code: 0 });
  expect(whole.out).toContain('AUROC of scans');
  expect(whole.out).toMatch(
    /^positives in first 5 % of queue +[\d.]+ % \([\d.]+ % to [\d.]+ %\); 5\.0 % by chance$/m,
  );
  expect(whole.out).toContain('Not enough data for rates');
  const report = await reportIn(out);
  expect(report.data).toMatchObject({ set: 'development', ordinary: { threshold: 2, test: 2 }, objects: 6 });
  expect(report.levels).toEqual({ notEnoughData: expect.stringContaining('a rate needs 750') });
  expect(report.bound.map((one) => one.class)).toHaveLength(6);
  expect(report.auroc.byClass.map(({ objects }) => objects)).toEqual([1, 1, 1, 1, 1, 1]);
  expect(report.auroc.pixel).toMatchObject({ value: expect.any(Number) });

  const kept = join(out, 'scores.jsonl');
  const lines = (await readFile(kept, 'utf8')).trimEnd().split('\n');
  expect(lines).toHaveLength(11);
  await writeFile(kept, `${lines.slice(0, 8).join('\n')}\n${lines[8]?.slice(0, 20)}`);
  const again = await world.nii(...simulated, '--out', out);
  expect(again.err).toContain('7 scans were already scored');
  const { time: _, ...figures } = await reportIn(out);
  const { time: __, ...before } = report;
  expect(figures).toEqual(before);

  const withGrid = await world.nii(...simulated, '--grid', '1', '--out', out);
  expect(withGrid.err).toContain('10 scans were already scored');
  expect(withGrid.out).toContain(`plates by size and thickness`);
  const { grid, time: ___, ...same } = await reportIn(out);
  expect(same).toEqual(before);
  expect(grid?.cells).toHaveLength(gridCells.length);
  const boundOf = (material: string, sizeMm: number, thicknessMm: number) =>
    grid?.cells.find(
      (one) => nameOfCell(one as GridCell) === nameOfCell({ material, sizeMm, thicknessMm } as GridCell),
    )?.boundKnowingMask ?? Number.NaN;
  // thick and large plates stand out of the load more than thin and small ones
  for (const [material, thinMm, thickMm] of [
    ['steel', 5, 40],
    ['polyethylene', 50, 400],
  ] as const)
    expect(boundOf(material, 400, thickMm)).toBeGreaterThan(boundOf(material, 50, thinMm));
  expect(await readFile(join(out, 'report.html'), 'utf8')).toContain('class="heat"');
  const all = await readFile(kept, 'utf8');
  const cut = all.trimEnd().split('\n').slice(0, -5);
  await writeFile(kept, `${cut.join('\n')}\n`);
  const finished = await world.nii(...simulated, '--grid', '1', '--out', out);
  expect(finished.err).toContain(`${10 + gridCells.length - 5} scans were already scored`);
  expect((await reportIn(out)).grid).toEqual(grid);

  const other = await world.nii('evaluate', model, '--normals', 'sim:sealed:4', '--out', out);
  expect(other).toMatchObject({ code: 3, err: expect.stringContaining('NII_CONFLICT') });
}, 240_000);

test('objects of the library are projected into the scans of a folder, whatever scanner wrote them', async () => {
  const scans = join(world.dir, 'scans');
  for (const [seed, layout] of [
    ['41', 'numpy'],
    ['42', 'nuctech-fs6000'],
  ] as const) {
    const args = [
      '--seed',
      seed,
      '--layout',
      layout,
      '--container',
      '20ft',
      '--cargo',
      'cartons',
      '--out',
      scans,
    ];
    expect((await world.nii('simulate', ...args)).code).toBe(0);
  }
  const out = join(world.dir, 'projected');
  const ran = await world.nii(
    'evaluate',
    model,
    '--normals',
    scans,
    '--objects',
    '3',
    '--out',
    out,
    '--json',
  );
  expect(ran.code).toBe(0);
  const report = await reportIn(out);
  expect(JSON.parse(ran.out)).toEqual(report);
  expect(report.data).toMatchObject({ set: 'own', ordinary: { threshold: 1, test: 1 }, objects: 6 });
  expect(report.bound.every(({ medianDPrime }) => medianDPrime > 1)).toBe(true);
  expect(report.freeResponse).toMatchObject({ at: expect.any(Array) });
  const page = await readFile(join(out, 'report.html'), 'utf8');
  expect(page).not.toMatch(/<script|https?:/);
  expect(page).toContain('For data scientists and supervisors');
}, 240_000);

test.each([
  [['--normals', 'sim:mine:4'], 2, 'the set is development, sealed or sealed-2'],
  [['--normals', 'sim:development:1'], 2, 'with a count from 2'],
  [['--normals', 'x', '--threats', 'sim'], 2, 'use library or a JSON file'],
  [['--grid', '1001'], 2, 'Invalid --grid "1001": use a whole number from 0 to 1000'],
  [['--prevalence', '0'], 2, 'Invalid --prevalence "0"'],
  [['--threats', 'nowhere.json'], 3, 'NII_NOT_FOUND'],
  [['--normals', 'no-such-folder'], 3, 'NII_NOT_FOUND'],
])('%j is rejected in words', async (args, code, words) => {
  const ran = await world.nii('evaluate', model, ...args, '--out', join(world.dir, 'rejected'));
  expect(ran).toMatchObject({ code, err: expect.stringContaining(words) });
});

test('a folder that is no package is rejected by code', async () => {
  const ran = await world.nii('evaluate', world.dir, '--out', join(world.dir, 'none'));
  expect(ran).toMatchObject({ code: 3, err: expect.stringContaining('contains no model.json') });
});
