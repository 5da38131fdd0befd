import { writeNpy } from '../../codec/npy.ts';
import { beamEnergyMv } from '../physics/physics.ts';
import type { SimulatedScan } from '../scan.ts';
import type { SimulatedFile } from './file.ts';

/** A scan as an array [rows, columns, 2] of little-endian 16-bit samples, and the JSON that says what they are. */
export function numpyFiles(scan: SimulatedScan, stem: string): SimulatedFile[] {
  const data = interleaved(scan);
  const document = new TextEncoder().encode(`${JSON.stringify(sidecar(scan), null, 2)}\n`);
  return [
    { name: `${stem}.npy`, bytes: writeNpy('<u2', [scan.rows, scan.columns, 2], data) },
    { name: `${stem}.json`, bytes: document },
  ];
}

/** Samples of both energies by turns, little-endian. */
export function interleaved({ high, low }: Pick<SimulatedScan, 'high' | 'low'>): Uint8Array {
  const bytes = new Uint8Array(high.length * 4);
  const view = new DataView(bytes.buffer);
  high.forEach((value, i) => {
    view.setUint16(4 * i, value, true);
    view.setUint16(4 * i + 2, low[i] ?? 0, true);
  });
  return bytes;
}

function sidecar(scan: SimulatedScan) {
  return {
    ...sidecarHead(scan),
    containers: scan.units.map(({ container }) => container),
    units: scan.units.map(({ container, columns }) => ({ container, columns })),
  };
}

/** What a sidecar says of the scanner and the samples. */
export function sidecarHead(scan: Pick<SimulatedScan, 'openBeam' | 'pitchMm' | 'acquired'>) {
  const channel = (energy: 'high' | 'low') => ({
    id: energy,
    kind: 'transmission',
    energy,
    nominalEnergyMev: beamEnergyMv[energy],
    openBeam: scan.openBeam[energy],
    invalidValue: 0,
  });
  return {
    niiSidecar: '1.0',
    channels: [channel('high'), channel('low')],
    pixelPitchMm: { row: scan.pitchMm, column: scan.pitchMm },
    acquired: scan.acquired,
    site: 'Simulated gate',
    scanner: 'SIM-NP-01',
    purpose: 'operational',
  };
}
