import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { type PlaneSource, requireInside } from '../core/scan/plane-source.ts';

/** A plane in a file of this machine; open until it is closed. */
export interface PlaneFile extends PlaneSource {
  close(): void;
}

/** Reads are short and from a file that was just written, so they are made at once and not waited for. */
export function openPlaneFile(path: string): PlaneFile {
  const file = openSync(path, 'r');
  const byteLength = fstatSync(file).size;
  return {
    byteLength,
    read: (from, to) => {
      requireInside(from, to, byteLength);
      return readFully(file, from, to);
    },
    close: () => closeSync(file),
  };
}

/** @throws RangeError when the file has become shorter */
export function readFully(file: number, from: number, to: number): Uint8Array {
  const bytes = new Uint8Array(to - from);
  for (let done = 0; done < bytes.length; ) {
    const count = readSync(file, bytes, done, bytes.length - done, from + done);
    if (count === 0) throw new RangeError(`the file ends at byte ${from + done}`);
    done += count;
  }
  return bytes;
}

/** Writes pieces one behind the other into a new file. */
export function writePlaneFile(path: string, pieces: Iterable<Uint8Array>): void {
  const file = openSync(path, 'wx');
  try {
    for (const piece of pieces) writeFully(file, piece);
  } finally {
    closeSync(file);
  }
}

/** At `position`, or behind what was written last. */
export function writeFully(file: number, bytes: Uint8Array, position: number | null = null): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, position === null ? null : position + done);
  }
}
