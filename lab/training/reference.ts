/**
 * Makes packages of FOLDER/model.onnx: writes model.json beside it, with a reference that is scored as the service
 * scores: object by object, within the hold, by kind of load.
 *   npx tsx lab/training/reference.ts score|empty SCORES.jsonl FIRST_SEED COUNT FOLDER...
 *   npx tsx lab/training/reference.ts write SCORES.jsonl FOLDER...
 * score: appends a line for each package and simulated normal scan; seeds that are there are passed over, so that several
 * may run at once, each with a file of its own, and any may be repeated. empty: the same of empty containers, of which an
 * ordinary population has few; they join the loads of their kind, and not the others. write: puts the scores into
 * FOLDER/model.json.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openOnnxRunner } from '../../src/adapters/onnx/runner.ts';
import { loadKinds, type UnitScore } from '../../src/core/case/finding.ts';
import { defined } from '../../src/core/defined.ts';
import { quantile } from '../../src/evaluate/statistics/bootstrap.ts';
import { withEnergiesFor } from '../../src/evaluate/subjects/simulated.ts';
import { analyseScan } from '../../src/infer/analyse.ts';
import type { ModelJson, ModelManifest } from '../../src/infer/manifest.ts';
import { MANIFEST } from '../../src/infer/packages.ts';
import { Absorption, type ImageFacts } from '../../src/infer/population/absorption.ts';
import { tensorSteps } from '../../src/infer/tensor.ts';
import { atOnce } from '../../src/infer/turns.ts';
import { Random } from '../../src/simulate/random.ts';
import { recordOf } from '../../src/simulate/record.ts';
import { simulateChannels } from '../../src/simulate/scan.ts';
import { manifestOf } from './manifest.ts';

interface Scored {
  readonly package: string;
  readonly seed: number;
  readonly units: readonly Pick<UnitScore, 'score' | 'load'>[];
  readonly facts: ImageFacts;
  /** Beside the population: it stands for its kind of load alone. */
  readonly beside?: true;
}

/** Which scans: of all goods, or empty ones alone. */
type Of = 'score' | 'empty';

const PITCHES_MM = [11, 11, 11, 11, 8.5, 5.5] as const;
/** Other scanners than the simulator's differ more than its scans among each other. */
const ROOM = 3;
/** Of the objects of the reference, reach the threshold. */
const MARKED = 0.05;
/** Of low to high attenuation, of any goods at any scanner. */
const ENERGY_RATIO: [number, number] = [0.9, 1.6];
/** Of pictures of containers, on wheels or not; no bag, no pallet. */
const HEIGHT_M: [number, number] = [2, 9];
const POPULATION =
  'Simulated 20-ft, 40-ft and 2 x 20-ft trucks with 20 kinds of cargo and nothing hidden, {count} containers in {scans} scans, rendered at 5.5, 8.5 and 11 mm; no real scans';

async function score(
  of: Of,
  out: string,
  first: number,
  count: number,
  folders: readonly string[],
): Promise<void> {
  const packages = await Promise.all(folders.map(opened));
  const known = new Set(existsSync(out) ? linesOf(out).map(({ seed }) => seed) : []);
  for (let seed = first; seed < first + count; seed++) {
    if (known.has(seed)) continue;
    const pitchMm = new Random(seed, 'pitch').pick(PITCHES_MM);
    const simulated = simulateChannels({ seed, pitchMm, ...(of === 'empty' ? { cargo: 'empty' } : {}) });
    const beside = of === 'empty' ? { beside: true } : {};
    const lines = [];
    for (const { manifest, runner } of packages) {
      const scan = withEnergiesFor(recordOf(simulated), manifest);
      const { analysis } = await analyseScan(runner, scan, { manifest }, { timeoutMs: 60_000 });
      const units = analysis.units.map(({ score, load }) => ({ score, load }));
      lines.push({ package: nameOf(manifest), seed, units, facts: factsOf(scan, manifest), ...beside });
    }
    appendFileSync(out, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    if ((seed - first + 1) % 50 === 0) console.error(`${seed - first + 1} of ${count}`);
  }
  await Promise.all(packages.map(({ runner }) => runner.close()));
}

async function opened(folder: string) {
  const manifest = await manifestOf(folder);
  return { manifest, runner: await openOnnxRunner({ file: join(folder, manifest.file) }) };
}

/** Of exactly these weights: scores of others do not go into their reference. */
const nameOf = ({ id, version, sha256 }: ModelManifest) => `${id}@${version} ${sha256}`;

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

/** The score is the highest point of the map, so one threshold does for both. */
async function write(folder: string, file: string): Promise<void> {
  const manifest = await manifestOf(folder);
  const all = linesOf(file).filter((line) => line.package === nameOf(manifest));
  const lines = all.filter((line) => line.beside === undefined);
  const units = all.flatMap((line) => line.units);
  const scores = rising(lines.flatMap((line) => line.units).map((unit) => unit.score));
  const loads = loadKinds
    .map((load) => ({
      load,
      scores: rising(units.filter((unit) => unit.load === load).map((unit) => unit.score)),
    }))
    .filter((one) => one.scores.length > 0);
  const threshold = Number(quantile(scores, 1 - MARKED).toFixed(4));
  const complete: ModelJson = {
    ...manifest,
    thresholds: { map: threshold, score: threshold },
    reference: {
      population: POPULATION.replace('{count}', String(scores.length)).replace(
        '{scans}',
        String(lines.length),
      ),
      count: scores.length,
      scores,
      within: 'hold',
      loads,
      ranges: rangesOf(
        lines.map(({ facts }) => facts),
        manifest,
      ),
    },
  };
  writeFileSync(join(folder, MANIFEST), `${JSON.stringify(complete, null, 1)}\n`);
  for (const { load, scores } of loads) console.log(`${load}: ${scores.length} containers`);
}

/** From the lowest to the highest value of the population, with room for other scanners. */
function rangesOf(
  facts: readonly ImageFacts[],
  { input }: ModelManifest,
): NonNullable<ModelManifest['reference']['ranges']> {
  const of = (name: keyof ImageFacts): [number, number] => {
    const values = facts.flatMap((one) => one[name] ?? []);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return [Number((low / ROOM).toPrecision(3)), Number((high * ROOM).toPrecision(3))];
  };
  return {
    openNoise: [0, of('openNoise')[1]],
    darkShare: [0, Math.max(0.2, of('darkShare')[1])],
    absorption: of('absorption'),
    heightM: HEIGHT_M,
    ...defined({ energyRatio: input.channels.length > 1 ? ENERGY_RATIO : undefined }),
  };
}

const [what = '', ...given] = process.argv.slice(2);
if (what === 'score' || what === 'empty') {
  const [scores = '', first = '', count = '', ...folders] = given;
  await score(what, scores, Number(first), Number(count), folders);
} else if (what === 'write') {
  const [scores = '', ...folders] = given;
  for (const folder of folders) await write(folder, scores);
} else
  throw new Error(
    'usage: reference.ts score SCORES.jsonl FIRST_SEED COUNT FOLDER... | write SCORES.jsonl FOLDER...',
  );
