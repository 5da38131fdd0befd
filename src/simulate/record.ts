import { planesInMemory, type ScanWithSources } from '../core/scan/plane-source.ts';
import { type Channel, type InspectionUnit, planeBytes, planeKey } from '../core/scan/scan.ts';
import { simulateChannels } from './scan.ts';

const VIEW = 'side';
/** Coarse, because the same few scans are made at each start. */
const PITCH_MM = 22;

/** One simulated truck as a record with its samples, without a file between: the same seed gives the same samples. */
export function simulatedRecord(seed: number): ScanWithSources {
  const { rows, columns, pitchMm, openBeam, units, ...samples } = simulateChannels({
    seed,
    pitchMm: PITCH_MM,
  });
  const channelOf = (energy: 'high' | 'low'): Channel => {
    const channel: Channel = {
      id: energy,
      kind: 'transmission',
      energy,
      rows,
      columns,
      frames: 1,
      samplesPerPixel: 1,
      planar: false,
      bitsAllocated: 16,
      bitsStored: 16,
      sampleFormat: 'unsigned',
      polarity: 'high-is-transparent',
      openBeam: openBeam[energy],
      invalidValue: 0,
      pitch: { rowMm: pitchMm, columnMm: pitchMm, source: 'file' },
      bytes: 0,
    };
    return { ...channel, bytes: planeBytes(channel) };
  };
  const unitOf = (index: number, from: number, to: number): InspectionUnit => ({
    id: `unit-${index + 1}`,
    kind: 'container',
    extent: { view: VIEW, axis: 'columns', from, to },
    containers: [],
    plates: [],
    declarations: [],
    seals: [],
  });
  const display = { flipRows: false, rotate: 0, flipColumns: false } as const;
  const scan: ScanWithSources['scan'] = {
    schemaVersion: '1.2',
    source: { format: 'simulated' },
    acquired: { zone: 'unknown' },
    purpose: 'operational',
    completeness: 'full',
    units: units.map(({ columns: { from, to } }, i) => unitOf(i, from, to)),
    views: [{ id: VIEW, display, channels: [channelOf('high'), channelOf('low')] }],
    attachments: [],
    originals: [],
    converter: { id: 'simulated', version: '1' },
    warnings: [],
    vendor: {},
  };
  const bytesOf = ({ buffer, byteOffset, byteLength }: Uint16Array) =>
    new Uint8Array(buffer, byteOffset, byteLength);
  const planes = new Map(
    (['high', 'low'] as const).map((energy) => [planeKey(VIEW, energy), bytesOf(samples[energy])]),
  );
  return { scan, planes: planesInMemory(planes) };
}
