import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AnomalyKind,
  anomalyKinds,
  type CargoKind,
  type ContainerChoice,
  cargoKinds,
  type SimulateLayout,
  simulateLayouts,
  simulateWithFiles,
} from '../simulate/index.ts';
import { sha256Hex } from './identity.ts';

export { anomalyKinds, cargoKinds, simulateLayouts };
export const containerChoices: readonly ContainerChoice[] = ['20ft', '40ft', '2x20ft'];

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
  readonly layout: SimulateLayout;
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

/** The files alone, in memory. */
export function simulateFiles(
  wish: SimulationWish,
): readonly { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }[] {
  return simulateWithFiles(wish).files.map(({ name, bytes }) => ({ name, bytes: new Uint8Array(bytes) }));
}
