/**
 * `npm run measure -- percentiles [--model FOLDER] [--count 1000] [--set development] [--out FOLDER] [--json]`: are the
 * percentiles of fresh ordinary scans uniform, as they should be? Scans of seeds that no package has seen are simulated
 * and scored as the service scores them, by the shipped model unless another package is named. No scan of the scanner
 * itself takes part, so each percentile is among the reference of the package alone.
 *
 * There is a line for the reference over all and for each reference by kind of load. "p uniform" is the probability of
 * the Kolmogorov-Smirnov test that the percentiles are uniform. "p same" is that of the test of two samples: it allows
 * for the chance that is in the reference, too, and so tells a reference that does not fit from one that is small. One
 * more line takes the highest object of each scan in place of every object.
 *
 * Ctrl-C ends the scoring, and the figures are those of the scans that were scored.
 *
 * `--out` gets a plot of each line as SVG, and scores.json. `--set sealed` uses the sealed seeds, which count once
 * (docs/how-to/evaluation.md). The figures are in models/cargo-anomaly/2/README.md.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openOnnxRunner } from '../../src/adapters/onnx/runner.ts';
import type { Analysis } from '../../src/core/case/finding.ts';
import { percentileOf } from '../../src/core/case/percentile.ts';
import { histogram, plotFile } from '../../src/evaluate/report/plots.ts';
import { tenthsOf, testSame, testUniform } from '../../src/evaluate/statistics/uniform.ts';
import { simulatedOrdinary } from '../../src/evaluate/subjects/simulated.ts';
import { analyseScan } from '../../src/infer/analyse.ts';
import type { ModelManifest } from '../../src/infer/manifest.ts';
import { loadModelFolder } from '../../src/infer/packages.ts';
import { oneOf, optionsOf, wholeNumber } from './options.ts';

const values = optionsOf(import.meta.url, {
  model: { type: 'string', default: 'models/cargo-anomaly/2' },
  count: { type: 'string', default: '1000' },
  set: { type: 'string', default: 'development' },
  out: { type: 'string' },
  json: { type: 'boolean', default: false },
});
const MOST_SCANS = 100_000;
const PROGRESS_EVERY_MS = 15_000;
const RUN_TIMEOUT_MS = 120_000;

interface Scored {
  readonly scan: string;
  readonly cargo: string;
  readonly units: Analysis['units'];
}

/** Percentiles that one reference gave, and the scores behind them. */
interface Compared {
  readonly name: string;
  readonly scores: readonly number[];
  readonly percentiles: readonly number[];
  readonly reference: readonly number[];
}

async function scoreAll(
  pkg: Awaited<ReturnType<typeof loadModelFolder>>,
  set: 'development' | 'sealed',
  count: number,
): Promise<readonly Scored[]> {
  const runner = await openOnnxRunner({ file: pkg.path });
  const scored: Scored[] = [];
  let isEnding = false;
  const end = () => {
    isEnding = true;
  };
  process.on('SIGINT', end).on('SIGTERM', end);
  const began = Date.now();
  let told = began;
  try {
    for (let i = 0; i < count && !isEnding; i += 1) {
      const { name, cargo, source } = simulatedOrdinary(set, i, pkg.manifest);
      const result = await analyseScan(runner, source, pkg, { timeoutMs: RUN_TIMEOUT_MS }).catch((error) => {
        // Ctrl-C also ends the process of the model
        if (isEnding) return undefined;
        throw error;
      });
      if (result === undefined) break;
      const { analysis } = result;
      if (analysis.status === 'analysed') scored.push({ scan: name, cargo, units: analysis.units });
      else console.error(`${name}, ${cargo}: not analysed: ${analysis.reason}`);
      if (Date.now() - told < PROGRESS_EVERY_MS) continue;
      told = Date.now();
      const seconds = Math.round(((told - began) / (i + 1) / 1000) * (count - i - 1));
      console.error(`${i + 1} of ${count} scans scored, about ${seconds} s left`);
    }
  } finally {
    await runner.close();
  }
  return scored;
}

/** A reference with what was compared with it. */
function comparedOf(scored: readonly Scored[], { reference }: ModelManifest): readonly Compared[] {
  const units = scored.flatMap((one) => one.units);
  const highest = scored.map((one) => Math.max(...one.units.map(({ score }) => score)));
  return [
    {
      name: 'all',
      scores: units.map(({ score }) => score),
      percentiles: units.map(({ anomalyPercentile }) => anomalyPercentile),
      reference: reference.scores,
    },
    ...(reference.loads ?? []).map(({ load, scores }) => {
      const own = units.filter((unit) => unit.load === load);
      return {
        name: load,
        scores: own.map(({ score }) => score),
        percentiles: own.flatMap(({ loadPercentile }) => loadPercentile ?? []),
        reference: scores,
      };
    }),
    {
      name: 'highest of each scan',
      scores: highest,
      percentiles: highest.map((score) => percentileOf(score, reference.scores)),
      reference: reference.scores,
    },
  ];
}

interface Figures {
  readonly name: string;
  readonly objects: number;
  readonly reference: number;
  readonly mean: number;
  readonly tenths: readonly number[];
  readonly statistic?: number;
  readonly pUniform?: number;
  readonly pSame?: number;
}

function figuresOf({ name, scores, percentiles, reference }: Compared): Figures {
  const shares = percentiles.map((percentile) => percentile / 100);
  const [uniform, same] = [testUniform(shares), testSame(scores, reference)];
  return {
    name,
    objects: percentiles.length,
    reference: reference.length,
    mean: percentiles.reduce((sum, one) => sum + one, 0) / percentiles.length,
    tenths: tenthsOf(shares),
    ...(uniform === undefined ? {} : { statistic: uniform.statistic, pUniform: uniform.p }),
    ...(same === undefined ? {} : { pSame: same.p }),
  };
}

/** Percentiles among all by kind of goods: they tell where the reference does not fit. */
function byCargo(scored: readonly Scored[]): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const { cargo, units } of scored)
    found.set(cargo, [
      ...(found.get(cargo) ?? []),
      ...units.map(({ anomalyPercentile }) => anomalyPercentile),
    ]);
  return found;
}

function lineOf({ name, objects, reference, mean, tenths, statistic, pUniform, pSame }: Figures): string {
  const p = (value: number | undefined) => (value === undefined ? '-' : value.toPrecision(3));
  return [
    name.padEnd(22),
    `${objects} objects, ${reference} in the reference`,
    `KS ${statistic?.toFixed(4) ?? '-'}`,
    `p uniform ${p(pUniform)}`,
    `p same ${p(pSame)}`,
    `mean ${mean.toFixed(1)}`,
    `tenths ${tenths.join(' ')}`,
  ].join('  ');
}

async function writeInto(folder: string, figures: readonly Figures[], scored: readonly Scored[]) {
  await mkdir(folder, { recursive: true });
  for (const { name, tenths } of figures) {
    const label = `How many of the objects have which percentile: ${name}`;
    const file = join(folder, `percentiles-${name.replaceAll(' ', '-')}.svg`);
    await writeFile(file, plotFile(histogram(tenths, label, 'anomaly percentile')));
  }
  await writeFile(join(folder, 'scores.json'), JSON.stringify(scored));
}

const count = wholeNumber('count', values.count, 1, MOST_SCANS);
const set = oneOf('set', values.set, ['development', 'sealed']);
const pkg = await loadModelFolder(values.model);
const scored = await scoreAll(pkg, set, count);
const figures = comparedOf(scored, pkg.manifest).map(figuresOf);
const cargoes = [...byCargo(scored)]
  .map(([cargo, of]) => ({
    cargo,
    objects: of.length,
    mean: of.reduce((sum, one) => sum + one, 0) / of.length,
  }))
  .toSorted((a, b) => b.mean - a.mean);
if (values.out !== undefined) await writeInto(values.out, figures, scored);
const model = `${pkg.manifest.id}@${pkg.manifest.version}`;
if (values.json) console.log(JSON.stringify({ model, set, scans: scored.length, figures, cargoes }, null, 2));
else {
  console.log(`${model}, ${scored.length} fresh scans (${set})`);
  for (const one of figures) console.log(lineOf(one));
  console.log('Mean percentile among all, by goods:');
  for (const { cargo, objects, mean } of cargoes)
    console.log(`${cargo.padEnd(22)}${mean.toFixed(1).padStart(5)}  ${objects} objects`);
}
