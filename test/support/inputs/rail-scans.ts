import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeNpy } from '../../../src/codec/npy.ts';
import { type CargoKind, simulateScan } from '../../../src/simulate/index.ts';
import { hasSharedData, readShared, sharedPath } from '../shared-data.ts';

/** A dual-energy scan as a rail scanner's array: [rows, columns, 2] of 16 bits, high energy first. */
export interface RailScan {
  readonly name: string;
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly pitchMm: number;
}

/** Detector elements at the lower edge that give nothing, as on the real scanner. */
const DEAD_ROWS = 7;
const MADE_PITCH_MM = 24;
const FULL_SCALE = 65_535;

/** Two scans from physics, of dense and of sparse cargo, written into the folder; the two real ones where they are. */
export function railScans(folder: string): readonly RailScan[] {
  return [make(folder, 'made-dense', 'machinery'), make(folder, 'made-sparse', 'drums'), ...realScans()];
}

function make(folder: string, name: string, cargo: CargoKind): RailScan {
  const { rows, columns, high, low, openBeam } = simulateScan({
    seed: 60,
    pitchMm: MADE_PITCH_MM,
    container: '20ft',
    cargo,
  });
  const samples = new Uint16Array(rows * columns * 2);
  for (let pixel = 0; pixel < (rows - DEAD_ROWS) * columns; pixel += 1) {
    samples[2 * pixel] = fullScale(high[pixel], openBeam.high);
    samples[2 * pixel + 1] = fullScale(low[pixel], openBeam.low);
  }
  const bytes = writeNpy('<u2', [rows, columns, 2], new Uint8Array(samples.buffer));
  const path = join(folder, `${name}.npy`);
  writeFileSync(path, bytes);
  return { name, path, bytes, pitchMm: MADE_PITCH_MM };
}

function fullScale(sample: number | undefined, openBeam: number): number {
  return Math.min(FULL_SCALE, Math.round(((sample ?? 0) / openBeam) * FULL_SCALE));
}

function realScans(): readonly RailScan[] {
  if (!hasSharedData('r60')) return [];
  return ['scan-a', 'scan-b'].map((name) => {
    const part = `r60/${name}.npy`;
    return { name, path: sharedPath(part), bytes: readShared(part), pitchMm: 4.2 };
  });
}
