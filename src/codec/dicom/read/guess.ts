import { startsWith } from '../../bytes.ts';
import { type DicomElement, isEncapsulated } from '../data-set.ts';
import {
  explicitBigEndian,
  explicitLittleEndian,
  implicitLittleEndian,
  jpeg2000Lossless,
  jpegLosslessSv1,
  jpegLsLossless,
  rleLossless,
} from '../uids.ts';
import type { Encoding } from './start.ts';

const JPEG_MARKERS_CEILING = 64;

/** The transfer syntax of a file that names none: by its elements, and by how its compressed pixels begin. */
export function guessedSyntax(pixels: DicomElement | undefined, { explicit, bigEndian }: Encoding): string {
  if (pixels !== undefined && isEncapsulated(pixels.value)) {
    return codestreamSyntax(pixels.value.fragments[0] ?? new Uint8Array());
  }
  if (!explicit) return implicitLittleEndian;
  return bigEndian ? explicitBigEndian : explicitLittleEndian;
}

function codestreamSyntax(stream: Uint8Array): string {
  if (startsWith(stream, [0xff, 0x4f, 0xff, 0x51])) return jpeg2000Lossless;
  if (!startsWith(stream, [0xff, 0xd8])) return rleLossless;
  const process = jpegProcess(stream);
  if (process === 0xf7) return jpegLsLossless;
  return process === 0xc3 ? jpegLosslessSv1 : '1.2.840.10008.1.2.4.51';
}

/** Second byte of the frame header's marker (ITU-T T.81 B.1.1.3): its process. */
function jpegProcess(stream: Uint8Array): number | undefined {
  let at = 2;
  for (let i = 0; i < JPEG_MARKERS_CEILING && stream[at] === 0xff; i += 1) {
    const marker = stream[at + 1] ?? 0;
    const isTable = [0xc4, 0xc8, 0xcc].includes(marker);
    if (marker === 0xf7 || (marker >= 0xc0 && marker <= 0xcf && !isTable)) return marker;
    at += 2 + (stream[at + 2] ?? 0) * 256 + (stream[at + 3] ?? 0);
  }
  return undefined;
}
