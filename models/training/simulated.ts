import type { ScanWithSources } from '../../src/core/scan/plane-source.ts';
import { planeInMemory } from '../../src/core/scan/plane-source.ts';
import { type Channel, type InspectionUnit, planeBytes, planeKey } from '../../src/core/scan/scan.ts';
import type { SimulatedScan as WholeScan } from '../../src/simulate/scan.ts';

export type SimulatedScan = Omit<WholeScan, 'material'>;

const VIEW = 'side';

/** A simulated scan as the service holds one that it has converted, with the columns of its containers. */
export function recordOf(scan: SimulatedScan): ScanWithSources {
  const channels = [channelOf(scan, 'high'), channelOf(scan, 'low')];
  const planes = new Map(
    channels.map(({ id }, i) => {
      const { buffer, byteOffset, byteLength } = i === 0 ? scan.high : scan.low;
      return [planeKey(VIEW, id), planeInMemory(new Uint8Array(buffer, byteOffset, byteLength))];
    }),
  );
  const units = scan.units.map(
    ({ columns }, i): InspectionUnit => ({
      id: `unit-${i + 1}`,
      kind: 'container',
      containers: [],
      plates: [],
      declarations: [],
      seals: [],
      extent: { view: VIEW, axis: 'columns', from: columns.from, to: columns.to, source: 'file' },
    }),
  );
  return {
    scan: {
      schemaVersion: '1.2',
      source: { format: 'simulated' },
      acquired: { written: '' },
      purpose: 'test',
      completeness: 'full',
      units,
      views: [{ id: VIEW, display: { flipRows: false, rotate: 0, flipColumns: false }, channels }],
      attachments: [],
      originals: [],
      converter: { id: 'none', version: '1' },
      warnings: [],
      vendor: {},
    },
    planes,
  };
}

function channelOf(scan: SimulatedScan, energy: 'high' | 'low'): Channel {
  const channel: Channel = {
    id: energy,
    kind: 'transmission',
    energy,
    rows: scan.rows,
    columns: scan.columns,
    frames: 1,
    samplesPerPixel: 1,
    planar: false,
    bitsAllocated: 16,
    bitsStored: 16,
    sampleFormat: 'unsigned',
    polarity: 'high-is-transparent',
    openBeam: scan.openBeam[energy],
    pitch: { rowMm: scan.pitchMm, columnMm: scan.pitchMm, source: 'file' },
    bytes: 0,
  };
  return { ...channel, bytes: planeBytes(channel) };
}
