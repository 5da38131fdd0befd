import { ByteReader } from '../bytes.ts';
import { type FrameDecoder, frameBytes } from './frame.ts';

const headerBytes = 64;
const mostSegments = 15;

/**
 * RLE lossless (PS3.5 annex G). Ours, because the decoders at hand fill what a damaged stream leaves out with zeros:
 * here every segment must give exactly its samples.
 */
export const decodeRle: FrameDecoder = async (encoded, shape, name) => {
  const reader = new ByteReader(encoded, name);
  const sampleBytes = shape.bitsAllocated / 8;
  const segments = readSegments(reader, shape.samplesPerPixel * sampleBytes);
  const bytes = new Uint8Array(frameBytes(shape));
  const stride = shape.samplesPerPixel * sampleBytes;
  for (const [i, segment] of segments.entries()) {
    // Segments run sample by sample, most significant byte first; the samples come out little-endian.
    const sample = Math.floor(i / sampleBytes);
    const first = sample * sampleBytes + (sampleBytes - 1 - (i % sampleBytes));
    unpack(new ByteReader(segment, name), bytes, first, stride);
  }
  return { bytes, lossy: false };
};

/** The segments as views, by the header of 16 numbers: their count and where they begin. */
function readSegments(reader: ByteReader, expected: number): readonly Uint8Array[] {
  const count = reader.u32le();
  if (count !== expected || count > mostSegments) {
    throw reader.malformed(`an RLE frame has ${count} segments, but the header says ${expected}`, 0);
  }
  const starts = Array.from({ length: count }, () => reader.u32le());
  return starts.map((start, i) => {
    const end = starts[i + 1] ?? reader.length;
    if (start < headerBytes || end < start)
      throw reader.malformed('the RLE segments are not in order', 4 * i);
    return reader.seek(start).take(end - start);
  });
}

/** PackBits into every `stride`-th byte from `first`, to the end of the frame. */
function unpack(reader: ByteReader, out: Uint8Array, first: number, stride: number): void {
  let at = first;
  while (at < out.length) {
    const code = reader.u8();
    if (code === 128) continue;
    const count = code < 128 ? code + 1 : 257 - code;
    if (at + (count - 1) * stride >= out.length)
      throw reader.malformed('an RLE run extends beyond its frame');
    const source = code < 128 ? reader.take(count) : undefined;
    const repeated = source === undefined ? reader.u8() : 0;
    for (let i = 0; i < count; i += 1, at += stride) out[at] = source?.[i] ?? repeated;
  }
}
