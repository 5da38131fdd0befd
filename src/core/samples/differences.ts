import type { Samples } from '../material/planes.ts';

/**
 * Samples as differences from what their neighbours foretell, which a general compressor makes much smaller than the
 * samples themselves. Nothing is lost. docs/decisions/0035-samples-on-the-line.md.
 */

/** From left, above and the corner between: an edge is followed, else the plane through the three. */
function foretell(left: number, above: number, corner: number): number {
  const least = Math.min(left, above);
  const most = Math.max(left, above);
  if (corner >= most) return least;
  return corner <= least ? most : left + above - corner;
}

function neighbours(samples: Samples, columns: number, i: number): number {
  const isFirst = i % columns === 0;
  const left = isFirst ? undefined : samples[i - 1];
  const above = samples[i - columns];
  if (left === undefined) return above ?? 0;
  if (above === undefined) return left;
  return foretell(left, above, samples[i - columns - 1] ?? 0);
}

/** Small differences of either sign become small numbers: 0, -1, 1, -2, 2 … */
const fold = (difference: number, bits: number) => {
  const signed = (difference << (32 - bits)) >> (32 - bits);
  return (signed << 1) ^ (signed >> 31);
};
const unfold = (folded: number) => (folded >>> 1) ^ -(folded & 1);

/** One byte for each sample of 8 bits; of 16 bits all low bytes, then all high bytes. */
export function toDifferences(samples: Samples, columns: number): Uint8Array {
  const { length, BYTES_PER_ELEMENT: width } = samples;
  const out = new Uint8Array(length * width);
  for (let i = 0; i < length; i++) {
    const folded = fold((samples[i] ?? 0) - neighbours(samples, columns, i), 8 * width);
    out[i] = folded;
    if (width === 2) out[length + i] = folded >> 8;
  }
  return out;
}

/** @throws RangeError where the bytes are not those of the sides */
export function fromDifferences(
  bytes: Uint8Array,
  { rows, columns, bits }: { readonly rows: number; readonly columns: number; readonly bits: 8 | 16 },
): Samples {
  const length = rows * columns;
  if (bytes.length !== (length * bits) / 8)
    throw new RangeError(
      `${bytes.length} bytes for ${rows} rows of ${columns} columns: use ${(length * bits) / 8}`,
    );
  const samples = bits === 8 ? new Uint8Array(length) : new Uint16Array(length);
  for (let i = 0; i < length; i++) {
    const folded = (bytes[i] ?? 0) | (bits === 16 ? (bytes[length + i] ?? 0) << 8 : 0);
    samples[i] = neighbours(samples, columns, i) + unfold(folded);
  }
  return samples;
}
