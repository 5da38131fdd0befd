import { createHash } from 'node:crypto';
import { type Channel, type NiiScan, planeBytes } from '../../src/core/scan/scan.ts';
import type { DicosIds } from '../../src/format/dicos/ids.ts';

/** A record for tests of what is written of it; every number in it is invented. */
export const ids: DicosIds = {
  scanId: '0195a2b4-7c1e-7d33-9f21-3c5d7e9a1b2c',
  revision: 1,
  administration: 'north',
  site: 'port-1',
  receivedAt: '2026-03-04T05:06:07.089Z',
};

export function channelOf(part: Partial<Channel> = {}): Channel {
  const channel: Channel = {
    id: 'high',
    kind: 'transmission',
    energy: 'high',
    nominalEnergyMev: 6,
    rows: 24,
    columns: 32,
    frames: 1,
    samplesPerPixel: 1,
    planar: false,
    bitsAllocated: 16,
    bitsStored: 16,
    sampleFormat: 'unsigned',
    polarity: 'high-is-transparent',
    openBeam: 60_000,
    invalidValue: 0,
    pitch: { rowMm: 4.5, columnMm: 5, source: 'file' },
    bytes: 0,
    ...part,
  };
  return { ...channel, bytes: planeBytes(channel) };
}

export function scanOf(channels: readonly Channel[], part: Partial<NiiScan> = {}): NiiScan {
  return {
    schemaVersion: '1.2',
    source: { format: 'fake', manufacturer: 'Fabrik', model: 'R-1', serial: '7', scannerId: 'lane-2' },
    acquired: { written: '2026-03-04 04:05:06', utc: '2026-03-04T04:05:06.250Z', zone: 'stated' },
    purpose: 'operational',
    completeness: 'full',
    units: [
      {
        id: 'unit-1',
        kind: 'container',
        containers: [
          { value: 'CSQU3054383', state: 'valid', source: 'ocr' },
          { value: 'MSKU6011672', state: 'wrong-check-digit', source: 'operator' },
        ],
        plates: [],
        declarations: [],
        seals: [],
      },
    ],
    views: [
      {
        id: 'side',
        name: 'Seite',
        display: { flipRows: true, rotate: 90, flipColumns: false },
        channels: [...channels],
      },
    ],
    attachments: [],
    originals: [{ name: 'a.img', role: 'high', bytes: 12, sha256: 'a'.repeat(64), complete: true }],
    converter: { id: 'fake', version: '1.0.0' },
    warnings: [],
    vendor: {},
    ...part,
  };
}

/** Samples that a codec cannot guess: a hash chain from the seed. */
export function noise(bytes: number, seed: string): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let i = 0; i * 32 < bytes; i += 1) {
    blocks.push(createHash('sha256').update(`${seed}-${i}`).digest());
  }
  return new Uint8Array(Buffer.concat(blocks).subarray(0, bytes));
}

/** A smooth 16-bit image with some noise, as a scanner measures air and cargo. */
export function smooth(channel: Channel): Uint8Array {
  const samples = channel.rows * channel.columns * channel.frames;
  const grain = noise(samples, channel.id);
  const most = 2 ** channel.bitsStored - 1;
  const values = Uint16Array.from({ length: samples }, (_, i) => {
    const column = i % channel.columns;
    return Math.min(
      most,
      Math.floor(most * (0.2 + (0.7 * column) / channel.columns)) + ((grain[i] ?? 0) % 8),
    );
  });
  return new Uint8Array(values.buffer);
}
