import type { Channel } from '../../core/scan/scan.ts';

type SampleLayout = Pick<Channel, 'bitsAllocated' | 'sampleFormat'>;

/**
 * The samples of a plane as numbers, for looking at: a view of the bytes where they are aligned, else of a copy.
 * 64-bit integers lose what a double cannot hold; 1-bit samples are unpacked, least significant bit first.
 */
export function samplesOf(
  plane: Uint8Array,
  { bitsAllocated, sampleFormat }: SampleLayout,
): ArrayLike<number> {
  if (bitsAllocated === 1) return unpacked(plane);
  const { buffer, byteOffset, byteLength } = aligned(plane, bitsAllocated / 8);
  const length = Math.floor(byteLength / (bitsAllocated / 8));
  const at = [buffer, byteOffset, length] as const;
  if (sampleFormat === 'float')
    return bitsAllocated === 64 ? new Float64Array(...at) : new Float32Array(...at);
  const signed = sampleFormat === 'signed';
  switch (bitsAllocated) {
    case 8:
      return signed ? new Int8Array(...at) : new Uint8Array(...at);
    case 16:
      return signed ? new Int16Array(...at) : new Uint16Array(...at);
    case 32:
      return signed ? new Int32Array(...at) : new Uint32Array(...at);
    case 64:
      return Float64Array.from(signed ? new BigInt64Array(...at) : new BigUint64Array(...at), Number);
  }
}

function aligned(plane: Uint8Array, sampleBytes: number): Uint8Array {
  return plane.byteOffset % sampleBytes === 0 ? plane : Uint8Array.from(plane);
}

function unpacked(plane: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: plane.length * 8 }, (_, i) => ((plane[i >> 3] ?? 0) >> (i & 7)) & 1);
}
