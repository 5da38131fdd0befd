import { planesInMemory, type ScanWithSources } from '../core/scan/plane-source.ts';
import { type Channel, type NiiScan, planeBytes, planeKey, SCAN_SCHEMA_VERSION } from '../core/scan/scan.ts';
import { beamEnergyMv } from './physics/physics.ts';
import { type SimulatedChannels, simulateChannels } from './scan.ts';

const VIEW = 'main';
/** Coarse, because the same few scans are made at each start. */
const PITCH_MM = 22;

/** One simulated truck: the same seed gives the same samples. */
export function simulatedRecord(seed: number): ScanWithSources {
  return recordOf(simulateChannels({ seed, pitchMm: PITCH_MM }));
}

/** A simulated scan as the service holds one that it has converted, as far as models look at it. */
export function recordOf(simulated: SimulatedChannels): ScanWithSources {
  const scan: NiiScan = {
    schemaVersion: SCAN_SCHEMA_VERSION,
    source: { format: 'simulated' },
    converter: { id: 'simulated', version: '1' },
    purpose: 'operational',
    completeness: 'no-material',
    acquired: { utc: simulated.acquired, written: simulated.acquired, zone: 'stated' },
    units: simulated.units.map(({ columns: { from, to } }, i) => ({
      id: `unit-${i + 1}`,
      kind: 'container',
      extent: { view: VIEW, axis: 'columns', from, to },
      ...{ containers: [], plates: [], declarations: [], seals: [] },
    })),
    views: [
      {
        id: VIEW,
        display: { flipRows: false, rotate: 0, flipColumns: false },
        channels: [channelOf(simulated, 'high'), channelOf(simulated, 'low')],
      },
    ],
    ...{ originals: [], attachments: [], vendor: {}, warnings: [] },
  };
  const planes = new Map([
    [planeKey(VIEW, 'high'), bytesOf(simulated.high)],
    [planeKey(VIEW, 'low'), bytesOf(simulated.low)],
  ]);
  return { scan, planes: planesInMemory(planes) };
}

function channelOf({ rows, columns, pitchMm, openBeam }: SimulatedChannels, energy: 'high' | 'low'): Channel {
  const channel: Channel = {
    id: energy,
    kind: 'transmission',
    energy,
    nominalEnergyMev: beamEnergyMv[energy],
    ...{ rows, columns, frames: 1, samplesPerPixel: 1, planar: false },
    ...{ bitsAllocated: 16, bitsStored: 16, sampleFormat: 'unsigned', polarity: 'high-is-transparent' },
    openBeam: openBeam[energy],
    pitch: { rowMm: pitchMm, columnMm: pitchMm, source: 'sidecar' },
    bytes: 0,
  };
  return { ...channel, bytes: planeBytes(channel) };
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
