/** The bytes of each sample the other way round, in new memory. */
export function swapped(bytes: Uint8Array, sampleBytes: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const buffer = Buffer.from(copy.buffer);
  if (sampleBytes === 2) buffer.swap16();
  if (sampleBytes === 4) buffer.swap32();
  if (sampleBytes === 8) buffer.swap64();
  return copy;
}
