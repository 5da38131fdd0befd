/**
 * The reference of a model package, scored as the service scores: object by object, within the hold, by kind of load.
 *   npx tsx models/training/reference.ts score FOLDER SCORES.jsonl FIRST_SEED COUNT
 *   npx tsx models/training/reference.ts write FOLDER SCORES.jsonl
 *   npx tsx models/training/reference.ts check FOLDER SCORES.jsonl
 * score: appends a line for each simulated normal scan; seeds that are there are passed over, so that several may run
 * and any may be repeated. write: puts the scores into FOLDER/model.json. check: are the percentiles of these other scans
 * uniform, and do they score as those of the reference (Kolmogorov-Smirnov tests of one sample and of two)?
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { loadKinds, type UnitScore } from '../../src/core/case/finding.ts';
import { percentileOf } from '../../src/core/case/percentile.ts';
import type { ModelRunner } from '../../src/core/ports/inference.ts';
import { testSame, testUniform } from '../../src/evaluate/statistics/uniform.ts';
import { analyseScan } from '../../src/infer/analyse.ts';
import { type ModelManifest, parseManifest } from '../../src/infer/manifest.ts';
import { Absorption, type ImageFacts } from '../../src/infer/population/absorption.ts';
import { tensorSteps } from '../../src/infer/tensor.ts';
import { atOnce } from '../../src/infer/turns.ts';
import { Random } from '../../src/simulate/random.ts';
import { recordOf } from '../../src/simulate/record.ts';
import { simulateChannels } from '../../src/simulate/scan.ts';

interface Scored {
  readonly seed: number;
  readonly units: readonly Pick<UnitScore, 'score' | 'load'>[];
  readonly cargo: readonly string[];
  readonly facts: ImageFacts;
}

const PITCHES_MM = [11, 11, 11, 11, 8.5, 5.5] as const;
/** Other scanners than the simulator's differ more than its scans among each other. */
const ROOM = 3;
const POPULATION =
  'Simulated 20-ft, 40-ft and 2 x 20-ft trucks with 20 kinds of cargo and nothing hidden, {count} containers in {scans} scans, rendered at 5.5, 8.5 and 11 mm; no real scans';

/** So that each object says what its load looks like, before the package has a reference of its own. */
function bare(manifest: ModelManifest): ModelManifest {
  const { population } = manifest.reference;
  const loads = loadKinds.map((load) => ({ load, scores: [0] }));
  return {
    ...manifest,
    schemaVersion: '1.1',
    reference: { population, count: 1, scores: [0], within: 'hold', loads },
  };
}

async function runnerOf(file: string): Promise<ModelRunner> {
  const session = await InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  return {
    run: async (inputs) => {
      const feeds = Object.entries(inputs).map(([name, { shape, data }]) => [
        name,
        new OnnxTensor('float32', data, [...shape]),
      ]);
      const outputs = await session.run(Object.fromEntries(feeds));
      return Object.fromEntries(
        Object.entries(outputs).map(([name, { dims, data }]) => [
          name,
          { shape: dims, data: data as Float32Array }, // float32 is what the adapter has asked for
        ]),
      );
    },
    close: async () => session.release(),
  };
}

async function score(folder: string, out: string, first: number, count: number): Promise<void> {
  const manifest = bare(parseManifest(JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')), folder));
  const runner = await runnerOf(join(folder, manifest.file));
  const known = new Set(existsSync(out) ? linesOf(out).map(({ seed }) => seed) : []);
  for (let seed = first; seed < first + count; seed++) {
    if (known.has(seed)) continue;
    const pitchMm = new Random(seed, 'pitch').pick(PITCHES_MM);
    const simulated = simulateChannels({ seed, pitchMm });
    const scan = recordOf(simulated);
    const { analysis } = await analyseScan(runner, scan, { manifest }, { timeoutMs: 60_000 });
    const units = analysis.units.map(({ score, load }) => ({ score, load }));
    const cargo = simulated.units.map((unit) => unit.cargo);
    const line = { seed, units, cargo, facts: factsOf(scan, manifest) };
    appendFileSync(out, `${JSON.stringify(line)}\n`);
    if ((seed - first + 1) % 50 === 0) console.error(`${seed - first + 1} of ${count}`);
  }
}

function factsOf(scan: Parameters<typeof tensorSteps>[0], manifest: ModelManifest): ImageFacts {
  const result = atOnce(tensorSteps(scan, manifest, {}));
  if ('notAnalysed' in result) throw new Error(result.notAnalysed);
  const { rows, columns } = result.geometry.model;
  const absorption = new Absorption(rows, []);
  absorption.add(atOnce(result.input.columns(0, columns)), 0, 0, columns);
  return absorption.facts;
}

function linesOf(file: string): readonly Scored[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line): Scored => JSON.parse(line));
}

const rising = (values: readonly number[]) =>
  values.map((value) => Number(value.toFixed(5))).toSorted((a, b) => a - b);

function write(folder: string, scores: string): void {
  const file = join(folder, 'model.json');
  const manifest: ModelManifest = JSON.parse(readFileSync(file, 'utf8'));
  const lines = linesOf(scores);
  const units = lines.flatMap((line) => line.units);
  const count = units.length;
  const loads = loadKinds
    .map((load) => ({
      load,
      scores: rising(units.filter((unit) => unit.load === load).map((unit) => unit.score)),
    }))
    .filter((one) => one.scores.length > 0);
  const reference: ModelManifest['reference'] = {
    population: POPULATION.replace('{count}', String(count)).replace('{scans}', String(lines.length)),
    count,
    scores: rising(units.map((unit) => unit.score)),
    within: 'hold',
    loads,
    ranges: rangesOf(lines.map(({ facts }) => facts)),
  };
  writeFileSync(file, `${JSON.stringify({ ...manifest, schemaVersion: '1.1', reference }, null, 1)}\n`);
  for (const { load, scores } of loads) console.log(`${load}: ${scores.length} containers`);
}

/** From the lowest to the highest value of the population, with room for other scanners. */
function rangesOf(facts: readonly ImageFacts[]): NonNullable<ModelManifest['reference']['ranges']> {
  const of = (name: keyof ImageFacts): [number, number] => {
    const values = facts.flatMap((one) => one[name] ?? []);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return [Number((low / ROOM).toPrecision(3)), Number((high * ROOM).toPrecision(3))];
  };
  return {
    openNoise: [0, of('openNoise')[1]],
    darkShare: [0, Math.max(0.2, of('darkShare')[1])],
    absorption: of('absorption'),
    energyRatio: [0.9, 1.6],
  };
}

function check(folder: string, scores: string): void {
  const { reference }: ModelManifest = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
  const units = linesOf(scores).flatMap((line) => line.units);
  const rows = [
    { name: 'all', of: units, among: reference.scores },
    ...(reference.loads ?? []).map(({ load, scores }) => ({
      name: load,
      of: units.filter((unit) => unit.load === load),
      among: scores,
    })),
  ];
  for (const { name, of, among } of rows) {
    const found = of.map((unit) => unit.score);
    const uniform = testUniform(found.map((score) => percentileOf(score, among) / 100));
    const same = testSame(found, among);
    const said =
      uniform === undefined || same === undefined
        ? 'nothing to compare'
        : `D ${uniform.statistic.toFixed(3)}, p uniform ${uniform.p.toPrecision(3)}, p same ${same.p.toPrecision(3)}`;
    console.log(
      `${name.padEnd(14)} ${String(of.length).padStart(5)} containers, reference ${among.length}: ${said}`,
    );
  }
}

const [what = '', folder = '', scores = '', first = '', count = ''] = process.argv.slice(2);
if (what === 'score') await score(folder, scores, Number(first), Number(count));
else if (what === 'write') write(folder, scores);
else if (what === 'check') check(folder, scores);
else throw new Error('usage: reference.ts score|write|check FOLDER SCORES.jsonl [FIRST_SEED COUNT]');
