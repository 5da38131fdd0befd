import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Actor } from '../../../src/core/access.ts';
import { simulateTrainInto } from '../../../src/local/simulate.ts';
import { acceptUpload } from '../../../src/receive/accept.ts';
import { discardUpload, receiveUpload } from '../../../src/receive/upload.ts';
import { numpyFiles, type SimulatedScan, simulateScan } from '../../../src/simulate/index.ts';
import type { Parts } from '../../../src/wiring.ts';

/** Scans of the size that the figures are promised for. */

export const SIDES = { rows: 1378, columns: 2295 };
/** Gives more columns than are wanted, and just the rows. */
const PITCH_MM = 3.338;

interface NamedStream {
  readonly name: string;
  readonly stream: AsyncIterable<Uint8Array>;
}

async function take(deps: Parts, actor: Actor, files: readonly NamedStream[]): Promise<void> {
  const parts = async function* () {
    yield* files;
  };
  const upload = await receiveUpload(deps, parts(), actor.keyId);
  await acceptUpload(deps, actor, upload, {});
  await discardUpload(upload);
}

async function* once(bytes: Uint8Array) {
  yield bytes;
}

function crop(samples: Uint16Array, columns: number): Uint16Array {
  const first = Math.floor((columns - SIDES.columns) / 2);
  const out = new Uint16Array(SIDES.rows * SIDES.columns);
  for (let row = 0; row < SIDES.rows; row++)
    out.set(
      samples.subarray(row * columns + first, row * columns + first + SIDES.columns),
      row * SIDES.columns,
    );
  return out;
}

/** Two energies of one truck, cut to the sides; others differ in one sample, so that none is known before. */
export async function sendScans(deps: Parts, actor: Actor, count: number): Promise<void> {
  const { high, low, units, ...scan } = simulateScan({
    seed: 7,
    container: '40ft',
    cargo: 'drums',
    anomalies: [],
    pitchMm: PITCH_MM,
  });
  const [cutHigh, cutLow] = [crop(high, scan.columns), crop(low, scan.columns)];
  const whole = units.map((unit) => ({ ...unit, columns: { from: 0, to: SIDES.columns } }));
  for (let i = 0; i < count; i++) {
    cutHigh[0] = 40_000 + i;
    const one: SimulatedScan = { ...scan, ...SIDES, units: whole, high: cutHigh, low: cutLow };
    const files = numpyFiles(one, `page-${i}`).map(({ name, bytes }) => ({ name, stream: once(bytes) }));
    await take(deps, actor, files);
  }
}

/** A train of 40 wagons with 2,500 columns each. */
export async function sendTrain(deps: Parts, actor: Actor, folder: string): Promise<void> {
  const { files } = await simulateTrainInto(folder, { seed: 7, wagons: 40, loads: 2 });
  await take(
    deps,
    actor,
    files.map(({ name }) => ({ name, stream: createReadStream(join(folder, name)) })),
  );
}
