import { closeSync, openSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { writeFully } from '../codec/plane-file.ts';
import { sha256Hex, sha256OfFile } from '../codec/sha256.ts';
import {
  type AnomalyKind,
  anomalyKinds,
  type CargoKind,
  type ContainerChoice,
  cargoKinds,
  containerChoices,
  type SimulatedTrain,
  type SimulateLayout,
  simulateLayouts,
  simulateTrain,
  simulateWithFiles,
  type TrainOptions,
} from '../simulate/index.ts';

export { anomalyKinds, cargoKinds, containerChoices, simulateLayouts };

/** What may be asked of a simulated scan; the rest is drawn from the seed. */
export interface SimulationWish {
  readonly seed: number;
  readonly layout: SimulateLayout;
  readonly container?: ContainerChoice;
  readonly cargo?: CargoKind;
  readonly anomalies: readonly AnomalyKind[];
  readonly pitchMm?: number;
}

export interface Simulated {
  readonly seed: number;
  readonly layout: SimulateLayout | 'train';
  readonly rows: number;
  readonly columns: number;
  readonly pitchMm: number;
  readonly containers: readonly string[];
  readonly goods: string;
  /** What was hidden, with its place in the picture: top, left, bottom, right, end exclusive. */
  readonly anomalies: readonly unknown[];
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
}

/**
 * Simulates one scan into a folder, in a vendor's layout. The same wish gives the same bytes.
 * @throws NII_BAD_REQUEST for a wish out of range, or an anomaly that the load has no place for
 */
export async function simulateInto(dir: string, wish: SimulationWish): Promise<Simulated> {
  const { scan, files } = simulateWithFiles(wish);
  await mkdir(dir, { recursive: true });
  for (const { name, bytes } of files) {
    await writeFile(join(dir, `${name}.partial`), bytes);
    await rename(join(dir, `${name}.partial`), join(dir, name));
  }
  return {
    seed: wish.seed,
    layout: wish.layout,
    rows: scan.rows,
    columns: scan.columns,
    pitchMm: scan.pitchMm,
    containers: scan.units.map(({ container }) => container),
    goods: scan.description,
    anomalies: scan.anomalies,
    files: files.map(({ name, bytes }) => ({ name, bytes: bytes.byteLength, sha256: sha256Hex(bytes) })),
  };
}

/**
 * Simulates a train into a folder as a NumPy array with its sidecar, wagon by wagon: memory does not grow with it.
 * @throws NII_BAD_REQUEST for options out of range
 */
export async function simulateTrainInto(
  dir: string,
  options: TrainOptions,
  onWagon: (done: number) => void = () => {},
): Promise<Simulated> {
  const train = simulateTrain(options);
  const stem = `sim-train-${options.seed}`;
  await mkdir(dir, { recursive: true });
  const array = join(dir, `${stem}.npy`);
  const document = join(dir, `${stem}.json`);
  await writeTrain(`${array}.partial`, train, onWagon);
  await writeFile(`${document}.partial`, train.sidecar);
  for (const path of [array, document]) await rename(`${path}.partial`, path);
  const { rows, columns, pitchMm, units, sidecar } = train;
  const arrayBytes = train.head.byteLength + rows * columns * BYTES_PER_PIXEL;
  return {
    seed: options.seed,
    layout: 'train',
    rows,
    columns,
    pitchMm,
    containers: units.map(({ container }) => container),
    goods: [...new Set(units.map(({ goods }) => goods))].join(', '),
    anomalies: [],
    files: [
      { name: `${stem}.npy`, bytes: arrayBytes, sha256: await sha256OfFile(array) },
      { name: `${stem}.json`, bytes: sidecar.byteLength, sha256: sha256Hex(sidecar) },
    ],
  };
}

/** High and low energy, 16 bits each. */
const BYTES_PER_PIXEL = 4;

async function writeTrain(
  path: string,
  train: SimulatedTrain,
  onWagon: (done: number) => void,
): Promise<void> {
  const file = openSync(path, 'w');
  try {
    writeFully(file, train.head, 0);
    for (const [i, { columns }] of train.units.entries()) {
      writeWagon(file, train, columns, train.samplesOf(i));
      onWagon(i + 1);
      await nextTurn();
    }
  } finally {
    closeSync(file);
  }
}

/** Each row of a wagon to its place in the rows of the train. */
function writeWagon(
  file: number,
  { head, rows, columns }: SimulatedTrain,
  { from, to }: { readonly from: number; readonly to: number },
  samples: Uint8Array,
): void {
  const width = (to - from) * BYTES_PER_PIXEL;
  for (let row = 0; row < rows; row += 1) {
    const position = head.byteLength + (row * columns + from) * BYTES_PER_PIXEL;
    writeFully(file, samples.subarray(row * width, (row + 1) * width), position);
  }
}

/** The files alone, in memory. */
export function simulateFiles(
  wish: SimulationWish,
): readonly { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }[] {
  return simulateWithFiles(wish).files.map(({ name, bytes }) => ({ name, bytes: new Uint8Array(bytes) }));
}
