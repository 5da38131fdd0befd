import { createHash } from 'node:crypto';
import { NiiError } from '../core/errors.ts';
import { channelsOf, type ScanWithPlanes } from '../core/scan.ts';

/** The samples of one channel as a file: little-endian, row-major, frames joined, nothing changed. */
export interface RawFile {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  readonly samplesPerPixel: number;
  readonly bitsAllocated: number;
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

/**
 * Every channel as `<view>-<channel>.raw`, in the record's order.
 * @throws NII_CONVERTER_INCONSISTENT for a channel without samples
 */
export function rawFiles({ scan, planes }: ScanWithPlanes): readonly RawFile[] {
  return channelsOf(scan).map(({ channel, key }) => {
    const bytes = planes.get(key);
    if (bytes === undefined) throw new NiiError('NII_CONVERTER_INCONSISTENT', `No samples for ${key}`);
    const { rows, columns, frames, samplesPerPixel, bitsAllocated } = channel;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { name: `${key}.raw`, rows, columns, frames, samplesPerPixel, bitsAllocated, sha256, bytes };
  });
}
