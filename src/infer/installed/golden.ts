import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Type, { type Static } from 'typebox';
import { Check, Errors } from 'typebox/value';
import { NiiError } from '../../core/errors.ts';
import type { ModelRunner, Tensor } from '../../core/ports/inference.ts';
import type { ScanWithSources } from '../../core/scan/plane-source.ts';
import { Sha256 } from '../../core/scan/scan.ts';
import { analyseScan } from '../analyse.ts';
import { adapterOf, smallestInput } from '../fingerprint.ts';
import { invalidModel } from '../manifest.ts';
import { GOLDEN, type ModelPackage } from '../packages.ts';

/** Largest difference from what was recorded. */
const TOLERANCE = 1e-4;
const GOLDEN_LIMIT_BYTES = 8 * 1024 * 1024;
/** Values of one recorded tensor; a larger one is not kept. */
const VALUES_LIMIT = 65_536;
const closed = { additionalProperties: false } as const;

const RecordedTensor = Type.Object(
  {
    shape: Type.Array(Type.Integer({ minimum: 0 }), { maxItems: 8 }),
    values: Type.Array(Type.Number(), { maxItems: VALUES_LIMIT }),
  },
  closed,
);

const TensorRun = Type.Object(
  {
    kind: Type.Literal('tensor'),
    input: RecordedTensor,
    outputs: Type.Record(Type.String({ maxLength: 256 }), RecordedTensor),
  },
  { ...closed, description: 'A small input, and every value of the outputs' },
);

const SimulatedRun = Type.Object(
  {
    kind: Type.Literal('simulated'),
    seed: Type.Integer({ minimum: 0, maximum: 4_294_967_295 }),
    scores: Type.Array(Type.Number(), { maxItems: 64, description: 'Scores of the units, in their order' }),
  },
  { ...closed, description: 'A scan of the simulator, and the scores of its units' },
);

const Golden = Type.Object(
  {
    schemaVersion: Type.Literal('1.0'),
    sha256: { ...Sha256, description: 'Hash of the model file that gave these outputs' },
    runs: Type.Array(Type.Union([TensorRun, SimulatedRun]), { minItems: 1, maxItems: 16 }),
  },
  closed,
);
type Golden = Static<typeof Golden>;
type Run = Golden['runs'][number];

/** How a scan of the simulator is made; the same seed gives the same samples. */
type SimulateGolden = (seed: number) => Promise<ScanWithSources>;

export interface GoldenOptions {
  /** Of one run of the model. */
  readonly timeoutMs: number;
  readonly simulate: SimulateGolden;
}

/**
 * Repeats the recorded runs of a package, one after the other. A package without golden.json has none.
 * @throws NII_MODEL_GOLDEN for an output that differs by more than 1e-4; NII_MODEL_INVALID; NII_MODEL_FAILED
 */
export async function testGolden(
  runner: ModelRunner,
  pkg: ModelPackage,
  options: GoldenOptions,
): Promise<void> {
  const golden = await readGolden(pkg);
  if (golden === undefined) return;
  const { id, version, sha256 } = pkg.manifest;
  const where = `${id}/${version}`;
  if (golden.sha256 !== sha256) throw differs(where, 'was recorded for another model file');
  for (const [index, recorded] of golden.runs.entries()) {
    const found = await repeat(runner, pkg, recorded, options);
    const difference = differenceOf(recorded, found);
    if (difference !== undefined) throw differs(where, `run ${index + 1} differs: ${difference}`);
  }
}

/**
 * Runs of the model on a small pattern and on simulated scans, to be kept as golden.json.
 * @param seeds - of the simulator; a model that none of these scans fits has the pattern alone
 * @throws NII_MODEL_FAILED; NII_MODEL_INVALID for a model whose smallest input is too large to keep and that fits no scan
 */
export async function recordGolden(
  runner: ModelRunner,
  pkg: ModelPackage,
  seeds: readonly number[],
  options: GoldenOptions,
): Promise<Golden> {
  const runs: Run[] = [];
  const input = patternFor(pkg);
  if (input.data.length <= VALUES_LIMIT) {
    const outputs = await runner.run(adapterOf(pkg.manifest).feed(input, pkg.manifest), options.timeoutMs);
    const kept = Object.entries(outputs).filter(([, { data }]) => data.length <= VALUES_LIMIT);
    const recorded = kept.map(([name, tensor]) => [name, recordedTensor(tensor)]);
    runs.push({ kind: 'tensor', input: recordedTensor(input), outputs: Object.fromEntries(recorded) });
  }
  for (const seed of seeds) {
    const scores = await scoresOf(runner, pkg, seed, options);
    if (scores !== undefined) runs.push({ kind: 'simulated', seed, scores: scores.map(rounded) });
  }
  const { id, version, sha256 } = pkg.manifest;
  if (runs.length === 0) throw invalidModel(`${id}/${version}`, 'the input is too large to record');
  return { schemaVersion: '1.0', sha256, runs };
}

/** @throws NII_MODEL_INVALID where it is there and cannot be read */
async function readGolden({ path, manifest }: ModelPackage): Promise<Golden | undefined> {
  const where = `${manifest.id}/${manifest.version}`;
  const file = join(dirname(path), GOLDEN);
  const size = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw invalidModel(where, `${GOLDEN} cannot be read`, error);
  });
  if (size === undefined) return undefined;
  if (size.size > GOLDEN_LIMIT_BYTES) throw invalidModel(where, `${GOLDEN} is over 8 MiB`);
  const value = parsed(await readFile(file, 'utf8'), where);
  if (Check(Golden, value)) return value;
  const [fault] = Errors(Golden, value);
  throw invalidModel(where, `${GOLDEN} ${fault?.instancePath} ${fault?.message}`);
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalidModel(where, `${GOLDEN} is not JSON`, cause);
  }
}

type Found = Readonly<Record<string, ArrayLike<number> | undefined>>;

async function repeat(
  runner: ModelRunner,
  pkg: ModelPackage,
  recorded: Run,
  options: GoldenOptions,
): Promise<Found> {
  if (recorded.kind === 'simulated') return { scores: await scoresOf(runner, pkg, recorded.seed, options) };
  const { shape, values } = recorded.input;
  const input = { shape, data: Float32Array.from(values) };
  const outputs = await runner.run(adapterOf(pkg.manifest).feed(input, pkg.manifest), options.timeoutMs);
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data]));
}

/** Undefined where the model does not fit scans of the simulator. */
async function scoresOf(
  runner: ModelRunner,
  pkg: ModelPackage,
  seed: number,
  { simulate, timeoutMs }: GoldenOptions,
): Promise<readonly number[] | undefined> {
  const { analysis } = await analyseScan(runner, await simulate(seed), pkg, { timeoutMs });
  return analysis.status === 'analysed' ? analysis.units.map(({ score }) => score) : undefined;
}

function differenceOf(recorded: Run, found: Found): string | undefined {
  const expected: Readonly<Record<string, readonly number[]>> =
    recorded.kind === 'simulated'
      ? { scores: recorded.scores }
      : Object.fromEntries(Object.entries(recorded.outputs).map(([name, { values }]) => [name, values]));
  for (const [name, values] of Object.entries(expected)) {
    const difference = largestDifference(values, found[name]);
    if (!(difference <= TOLERANCE))
      return `"${name}" by ${difference.toPrecision(3)}, but at most ${TOLERANCE} is allowed`;
  }
  return undefined;
}

/** Infinite where the lengths differ, or a value is not a number. */
function largestDifference(expected: readonly number[], found: ArrayLike<number> | undefined): number {
  if (found?.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (const [i, value] of expected.entries()) {
    const difference = Math.abs(value - (found[i] ?? Number.NaN));
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return largest;
}

/** Smooth, without symmetry, between 0.05 and 1: the transmission of something. */
function patternFor({ manifest }: ModelPackage): Tensor {
  const { rows, columns } = smallestInput(manifest.shape);
  const channels = manifest.input.channels.length;
  const data = Float32Array.from({ length: channels * rows * columns }, (_, i) => {
    const row = Math.floor(i / columns) % rows;
    const wave =
      Math.sin(row / 5 + Math.floor(i / (rows * columns))) * Math.cos(((i % columns) - row / 3) / 7);
    return rounded(0.525 + 0.475 * wave);
  });
  return { shape: [1, channels, rows, columns], data };
}

function recordedTensor({ shape, data }: Tensor): Static<typeof RecordedTensor> {
  return { shape: [...shape], values: Array.from(data, rounded) };
}

/** A float32 has seven digits. */
function rounded(value: number): number {
  return Number(value.toPrecision(7));
}

function differs(where: string, detail: string): NiiError {
  return new NiiError('NII_MODEL_GOLDEN', `${where}: ${detail}`);
}
