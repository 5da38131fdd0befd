import { inflateSync } from 'node:zlib';
import { NiiError } from '../../../core/errors.ts';
import { inflateLzw } from './lzw.ts';

/** Values of Compression that are undone here (TIFF 6.0 page 30, and Adobe's TIFF technical notes for Deflate). */
export const ownCompressions: ReadonlySet<number> = new Set([1, 5, 8, 32_773, 32_946]);

/**
 * One strip or tile, undone into at least `expected` bytes.
 * @throws NII_TRUNCATED when it holds fewer, NII_MALFORMED when it is damaged
 */
export function inflateChunk(
  packed: Uint8Array,
  compression: number,
  expected: number,
  name: string,
): Uint8Array {
  const bytes = undone(packed, compression, expected, name);
  if (bytes === undefined) throw damaged(name);
  if (bytes.length < expected) {
    const detail = `${name}: a strip or tile has ${bytes.length} of ${expected} bytes`;
    throw new NiiError('NII_TRUNCATED', { detail, field: name });
  }
  return bytes.subarray(0, expected);
}

function damaged(name: string, cause?: unknown): NiiError {
  return new NiiError('NII_MALFORMED', { detail: `${name}: a strip or tile is damaged`, field: name, cause });
}

function undone(
  packed: Uint8Array,
  compression: number,
  expected: number,
  name: string,
): Uint8Array | undefined {
  switch (compression) {
    case 1:
      return packed;
    case 5:
      return inflateLzw(packed, expected);
    case 32_773:
      return unpackBits(packed, expected);
    default:
      return inflated(packed, expected, name);
  }
}

function inflated(packed: Uint8Array, expected: number, name: string): Uint8Array {
  try {
    // Writers pad the last strip to its full height; more than that is no strip
    const bytes = inflateSync(packed, { maxOutputLength: Math.max(expected * 2, 1024) + PADDING_BYTES });
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (cause) {
    throw damaged(name, cause);
  }
}

const PADDING_BYTES = 16 * 1024 * 1024;

/** PackBits (section 9): runs and literals. */
function unpackBits(packed: Uint8Array, limit: number): Uint8Array {
  const out = new Uint8Array(limit);
  let at = 0;
  let to = 0;
  while (at < packed.length && to < limit) {
    const control = packed[at] ?? 128;
    at += 1;
    if (control === 128) continue;
    if (control < 128) {
      const literal = packed.subarray(at, at + Math.min(control + 1, limit - to));
      out.set(literal, to);
      at += control + 1;
      to += literal.length;
    } else {
      const end = Math.min(to + 257 - control, limit);
      if (at < packed.length) out.fill(packed[at] ?? 0, to, end);
      to = at < packed.length ? end : to;
      at += 1;
    }
  }
  return out.subarray(0, to);
}
