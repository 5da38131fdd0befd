/**
 * Simulated scans as arrays for training and evaluation, made as the service makes a model's input.
 *   npx tsx lab/training/make-data.ts OUT FIRST_SEED COUNT normal|varied|pairs|anomalous [CARGO,CARGO...]
 * normal: as the simulator draws them; varied: also wagons, and scanners worse and better than usual, for training;
 * pairs: varied scans, each also with one to three things hidden in it, read by the same scanner, as OUT/<seed>.with.npy;
 * anomalous: each kind in turn. With cargoes named, only these are loaded, one drawn for each scan. Writes OUT/<seed>.npy (uint16, 2 x rows x columns, transmission x 50000), for what is
 * hidden OUT/<seed>.mask.npy (uint8), and OUT/index-<first seed>.jsonl. Seeds that are there already are passed over.
 */
import { appendFileSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import type { ModelManifest } from '../../src/infer/manifest.ts';
import { tensorSteps } from '../../src/infer/tensor.ts';
import type { ModelImage } from '../../src/infer/tiling.ts';
import { atOnce } from '../../src/infer/turns.ts';
import { type CargoKind, cargoKinds } from '../../src/simulate/cargo/index.ts';
import type { SimulateOptions } from '../../src/simulate/options.ts';
import { Random } from '../../src/simulate/random.ts';
import { recordOf } from '../../src/simulate/record.ts';
import { type SimulatedChannels, simulateChannels } from '../../src/simulate/scan.ts';
import { type AnomalyKind, anomalyKinds } from '../../src/simulate/scene/anomalies.ts';

const SCALE = 50_000;
const MODEL_PITCH_MM = 11;
/** Scanners sample more finely than the model reads; some of the data is rendered finely and averaged. */
const PITCHES_MM = [11, 11, 11, 11, 8.5, 5.5] as const;
/** For training, where many loads are worth more than fine rendering. */
const TRAINING_PITCHES_MM = [11, 11, 11, 11, 11, 11, 11, 11, 8.5, 5.5] as const;
const WAGONS = 0.15;
const OTHER_SCANNERS = 0.5;

const spec: Pick<ModelManifest, 'input' | 'shape'> = {
  input: {
    name: 'input',
    channels: [
      { kind: 'transmission', energy: 'high' },
      { kind: 'transmission', energy: 'low' },
    ],
    units: 'transmission',
    pitchMm: MODEL_PITCH_MM,
    pad: 1,
    invalid: 'neighbour-mean',
  },
  shape: { kind: 'buckets', multipleOf: 32, minimum: 64, maximumPixels: 4_000_000 },
};

/** Both energies at the model's pitch, in turn. */
function imageOf(simulated: SimulatedChannels): ModelImage {
  const result = atOnce(tensorSteps(recordOf(simulated), spec, {}));
  if ('notAnalysed' in result) throw new Error(result.notAnalysed);
  return atOnce(result.input.columns(0, result.geometry.model.columns));
}

/** Pixels of the model's image of which a third belongs to anomalies: the number of the kind, and 0 elsewhere. */
function maskAtModelPitch(scan: SimulatedChannels, rows: number, columns: number): Uint8Array {
  const sums = new Float32Array(rows * columns);
  const counts = new Float32Array(rows * columns);
  const kindOf = new Uint8Array(rows * columns);
  for (let row = 0; row < scan.rows; row++) {
    const to = Math.min(rows - 1, Math.floor(((row + 0.5) * rows) / scan.rows)) * columns;
    for (let column = 0; column < scan.columns; column++) {
      const at = to + Math.min(columns - 1, Math.floor(((column + 0.5) * columns) / scan.columns));
      counts[at] = (counts[at] ?? 0) + 1;
      const kind = scan.mask[row * scan.columns + column] ?? 0;
      if (kind === 0) continue;
      sums[at] = (sums[at] ?? 0) + 1;
      kindOf[at] = kind;
    }
  }
  return Uint8Array.from(sums, (sum, i) => (sum >= 0.3 * (counts[i] ?? 1) && sum > 0 ? (kindOf[i] ?? 0) : 0));
}

function npy(descr: string, shape: readonly number[], data: Uint8Array): Uint8Array {
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const header = `${dict.padEnd(Math.ceil((dict.length + 11) / 64) * 64 - 11)}\n`;
  const head = Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Buffer.alloc(2),
    Buffer.from(header),
  ]);
  head.writeUInt16LE(header.length, 8);
  return Buffer.concat([head, data]);
}

/** A scan with this anomaly; a load without a place for it is replaced by that of a later seed. */
function withAnomaly(seed: number, pitchMm: number, kind: AnomalyKind): SimulatedChannels {
  for (let attempt = 0; attempt < 40; attempt++) {
    const scan = placeFor({ seed: seed + attempt * 1_000_003, pitchMm, anomalies: [kind] });
    if (scan !== undefined) return scan;
  }
  throw new Error(`no load has a place for ${kind} near seed ${seed}`);
}

/** Wagons beside trucks, and scanners with more scatter, noise and blur than the simulator draws. */
function variedOptions(seed: number, pitchMm: number): SimulateOptions {
  const random = new Random(seed, 'varied');
  const vehicle = random.chance(WAGONS) ? 'wagon' : 'truck';
  if (!random.chance(OTHER_SCANNERS)) return { seed, pitchMm, vehicle };
  const scatter = random.logBetween(0.0003, 0.02);
  const quanta = random.logBetween(600, 20_000);
  const openBeam = random.integer(3_500, 65_000);
  const detector = {
    openBeam: { high: openBeam, low: Math.round(openBeam * random.between(0.8, 1)) },
    scatter: { high: scatter, low: scatter * random.between(1, 2.2) },
    scatterSigmaMm: random.between(150, 900),
    blurSigmaMm: random.between(1.5, 9),
    quantaPerMm2: { high: quanta, low: quanta * random.between(0.3, 0.9) },
    rowGain: random.between(0, 0.012),
    pulseGain: random.between(0, 0.012),
  };
  return { seed, pitchMm, vehicle, detector };
}

/** The same scan with one to three kinds hidden in it; fewer, or others, where its load has no place for those drawn. */
function withSome(options: SimulateOptions): SimulatedChannels {
  const random = new Random(options.seed, 'hidden kinds');
  const most = Math.min(random.integer(1, 3), random.integer(1, 3));
  for (let attempt = 0; attempt < 40; attempt++) {
    const drawn = Array.from({ length: Math.max(1, most - attempt) }, () => random.pick(anomalyKinds));
    const scan = placeFor({ ...options, anomalies: [...new Set(drawn)] });
    if (scan !== undefined) return scan;
  }
  throw new Error(`the load of seed ${options.seed} has a place for nothing`);
}

function placeFor(options: SimulateOptions): SimulatedChannels | undefined {
  try {
    return simulateChannels(options);
  } catch (error) {
    if (!(error instanceof Error && error.message.includes('no place'))) throw error;
    return undefined;
  }
}

interface Made {
  readonly scan: SimulatedChannels;
  /** The same scan with something hidden in it. */
  readonly with?: SimulatedChannels;
}

/** What is asked for, of this seed. */
function made(seed: number, what: What, place: number, loads: readonly CargoKind[]): Made {
  const coarse = what === 'varied' || what === 'pairs';
  const pitchMm = new Random(seed, 'pitch').pick(coarse ? TRAINING_PITCHES_MM : PITCHES_MM);
  if (what === 'anomalous')
    return { scan: withAnomaly(seed, pitchMm, anomalyKinds[place % anomalyKinds.length] ?? 'weapon') };
  const cargo = loads.length === 0 ? {} : { cargo: new Random(seed, 'load').pick(loads) };
  const options = { ...(coarse ? variedOptions(seed, pitchMm) : { seed, pitchMm }), ...cargo };
  const scan = simulateChannels(options);
  return what === 'pairs' ? { scan, with: withSome(options) } : { scan };
}

/** Pixels of a scan at the model's pitch go to this path; returns how many rows and columns they are. */
function writePixels(path: string, scan: SimulatedChannels): readonly [number, number] {
  const { rows, columns, data } = imageOf(scan);
  const pixels = Uint16Array.from(data, (value) => Math.min(65_535, Math.round(value * SCALE)));
  writeFileSync(path, npy('<u2', [2, rows, columns], new Uint8Array(pixels.buffer)));
  return [rows, columns];
}

/** The scan's own file comes last: a seed whose file is there is whole. */
function write(out: string, name: string, { scan, with: changed }: Made, index: string): void {
  const marked = changed ?? scan;
  const size = changed && writePixels(`${out}/${name}.with.npy`, changed);
  const [rows, columns] = writePixels(`${out}/${name}.part`, scan);
  if (size !== undefined && (size[0] !== rows || size[1] !== columns))
    throw new Error('a pair of unequal sizes');
  if (marked.anomalies.length > 0)
    writeFileSync(
      `${out}/${name}.mask.npy`,
      npy('|u1', [rows, columns], maskAtModelPitch(marked, rows, columns)),
    );
  renameSync(`${out}/${name}.part`, `${out}/${name}.npy`);
  const { pitchMm, units } = scan;
  const container = `${units.length}x${scan.columns * pitchMm > 10_000 && units.length === 1 ? 40 : 20}`;
  const kind = marked.anomalies.map(({ kind: hidden }) => hidden).join('+') || 'none';
  const record = { name, seed: scan.seed, kind, pitchMm, container, cargo: units.map(({ cargo }) => cargo) };
  appendFileSync(index, `${JSON.stringify(record)}\n`);
}

function cargoOf(name: string): CargoKind {
  const cargo = cargoKinds.find((kind) => kind === name);
  if (cargo === undefined) throw new Error(`Invalid cargo "${name}": use ${cargoKinds.join(', ')}`);
  return cargo;
}

const kinds = ['normal', 'varied', 'pairs', 'anomalous'] as const;
type What = (typeof kinds)[number];

const [out = '', first = '', count = '', asked = '', named = ''] = process.argv.slice(2);
const what = kinds.find((kind) => kind === asked);
const wanted = named === '' ? [] : named.split(',').map(cargoOf);
/** In the simulator's order, so that a seed has the same load in whatever order they are named. */
const loads = cargoKinds.filter((kind) => wanted.includes(kind));
if (what === undefined) throw new Error(`usage: make-data.ts OUT FIRST_SEED COUNT ${kinds.join('|')}`);
mkdirSync(out, { recursive: true });
const index = `${out}/index-${first}.jsonl`;
for (let i = 0; i < Number(count); i++) {
  const seed = Number(first) + i;
  if (existsSync(`${out}/${seed}.npy`)) continue;
  write(out, `${seed}`, made(seed, what, i, loads), index);
  if ((i + 1) % 50 === 0) console.error(`${i + 1} of ${count}`);
}
