import { planesInMemory, type ScanWithSources } from '../../../src/core/scan/plane-source.ts';
import type { Channel, InspectionUnit, NiiScan, View } from '../../../src/core/scan/scan.ts';
import { planeBytes, planeKey } from '../../../src/core/scan/scan.ts';

const upright: View['display'] = { flipRows: false, rotate: 0, flipColumns: false };

/** A 16-bit transmission channel; its byte count follows from its rows and columns. */
export function channelOf(rows: number, columns: number, changes: Partial<Channel> = {}): Channel {
  const channel: Channel = {
    id: 'high',
    kind: 'transmission',
    energy: 'high',
    rows,
    columns,
    frames: 1,
    samplesPerPixel: 1,
    planar: false,
    bitsAllocated: 16,
    bitsStored: 16,
    sampleFormat: 'unsigned',
    polarity: 'high-is-transparent',
    openBeam: 60_000,
    pitch: { rowMm: 10, columnMm: 10, source: 'file' },
    bytes: 0,
    ...changes,
  };
  return { ...channel, bytes: planeBytes(channel) };
}

/** A channel without some of its optional fields. */
export function without(channel: Channel, ...fields: readonly ('openBeam' | 'pitch' | 'energy')[]): Channel {
  const entries = Object.entries(channel).filter(([name]) => !(fields as readonly string[]).includes(name));
  return Object.fromEntries(entries) as Channel;
}

export function viewOf(
  channels: readonly Channel[],
  display: Partial<View['display']> = {},
  id = 'side',
): View {
  return { id, display: { ...upright, ...display }, channels: [...channels] };
}

export function unitOf(id: string, columns?: { readonly from: number; readonly to: number }): InspectionUnit {
  return {
    id,
    kind: 'container',
    ...(columns === undefined ? {} : { extent: { view: 'side', axis: 'columns' as const, ...columns } }),
    containers: [],
    plates: [],
    declarations: [],
    seals: [],
  };
}

export function scanOf(views: readonly View[], units: readonly InspectionUnit[] = [unitOf('u1')]): NiiScan {
  return {
    schemaVersion: '1.2',
    source: { format: 'test' },
    acquired: { zone: 'unknown' },
    purpose: 'operational',
    completeness: 'full',
    units: [...units],
    views: [...views],
    attachments: [],
    originals: [],
    converter: { id: 'test', version: '1' },
    warnings: [],
    vendor: {},
  };
}

type Samples = Uint8Array | Int16Array | Uint16Array | Float32Array;

/** A scan of one view with the samples of its channels. */
export function withPlanes(
  view: View,
  samples: readonly Samples[],
  units?: readonly InspectionUnit[],
): ScanWithSources {
  const planes = view.channels.map((channel, i): [string, Uint8Array] => {
    const plane = samples[i] ?? new Uint8Array();
    return [planeKey(view.id, channel.id), new Uint8Array(plane.buffer, plane.byteOffset, plane.byteLength)];
  });
  return { scan: scanOf([view], units), planes: planesInMemory(new Map(planes)) };
}
