/**
 * Simulated scans as arrays for training and evaluation.
 *   npx tsx models/training/make-data.ts OUT FIRST_SEED COUNT normal|anomalous
 * Writes OUT/<seed>.npy (uint16, 2 x rows x columns, transmission x 50000, clipped at 65535), OUT/<seed>.mask.npy
 * (uint8) for anomalous scans, and OUT/index-<first seed>.jsonl.
 */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { Random } from '../../src/simulate/random.ts';
import { simulateChannels, type SimulatedScan as WholeScan } from '../../src/simulate/scan.ts';
import { type AnomalyKind, anomalyKinds } from '../../src/simulate/scene/anomalies.ts';
import { type Plane, toModelPitch, transmissionOf } from './prepare.ts';

type SimulatedScan = Omit<WholeScan, 'material'>;

const SCALE = 50_000;
/** Scanners sample more finely than the model reads; some of the data is rendered finely and averaged. */
const PITCHES_MM = [11, 11, 11, 11, 8.5, 5.5] as const;

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

function planes(scan: SimulatedScan): readonly [Plane, Plane] {
  const of = (energy: 'high' | 'low') =>
    toModelPitch(transmissionOf(scan.rows, scan.columns, scan[energy], scan.openBeam[energy]), scan.pitchMm);
  return [of('high'), of('low')];
}

function maskAtModelPitch(scan: SimulatedScan): Uint8Array {
  const marked = Float32Array.from(scan.mask, (value) => (value > 0 ? 1 : 0));
  const plane = toModelPitch({ rows: scan.rows, columns: scan.columns, values: marked }, scan.pitchMm);
  return Uint8Array.from(plane.values, (value) => (value >= 0.3 ? 1 : 0));
}

/** A scan with this anomaly; a load without a place for it is replaced by that of a later seed. */
function withAnomaly(seed: number, pitchMm: number, kind: AnomalyKind): SimulatedScan {
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      return simulateChannels({ seed: seed + attempt * 1_000_003, pitchMm, anomalies: [kind] });
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('no place'))) throw error;
    }
  }
  throw new Error(`no load with a place for ${kind} near seed ${seed}`);
}

function write(
  out: string,
  name: string,
  scan: SimulatedScan,
  kind: AnomalyKind | 'none',
  index: string,
): void {
  const [high, low] = planes(scan);
  const toInteger = (value: number) => Math.min(65_535, Math.round(value * SCALE));
  const pixels = new Uint16Array(2 * high.values.length);
  pixels.set(high.values.map(toInteger));
  pixels.set(low.values.map(toInteger), high.values.length);
  writeFileSync(
    `${out}/${name}.npy`,
    npy('<u2', [2, high.rows, high.columns], new Uint8Array(pixels.buffer)),
  );
  if (kind !== 'none')
    writeFileSync(`${out}/${name}.mask.npy`, npy('|u1', [high.rows, high.columns], maskAtModelPitch(scan)));
  const { pitchMm, units } = scan;
  const container = `${units.length}x${scan.columns * pitchMm > 10_000 && units.length === 1 ? 40 : 20}`;
  const record = { name, seed: scan.seed, kind, pitchMm, container, cargo: units.map(({ cargo }) => cargo) };
  appendFileSync(index, `${JSON.stringify(record)}\n`);
}

const [out = '', first = '', count = '', what = ''] = process.argv.slice(2);
if (!['normal', 'anomalous'].includes(what))
  throw new Error('usage: make-data.ts OUT FIRST_SEED COUNT normal|anomalous');
mkdirSync(out, { recursive: true });
const index = `${out}/index-${first}.jsonl`;
writeFileSync(index, '');
for (let i = 0; i < Number(count); i++) {
  const seed = Number(first) + i;
  const pitchMm = new Random(seed, 'pitch').pick(PITCHES_MM);
  const kind = what === 'normal' ? 'none' : (anomalyKinds[i % anomalyKinds.length] ?? 'weapon');
  const scan = kind === 'none' ? simulateChannels({ seed, pitchMm }) : withAnomaly(seed, pitchMm, kind);
  write(out, `${seed}`, scan, kind, index);
}
