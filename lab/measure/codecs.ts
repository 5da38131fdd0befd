/**
 * Measures the lossless codecs on real scans: npm run measure -- codecs [--json] FOLDER
 * FOLDER holds NumPy arrays [rows, columns, channels] of 16-bit unsigned samples; each channel is one frame.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { FrameShape } from '../../src/codec/pixels/frame.ts';
import { losslessCodecs } from '../../src/codec/pixels/lossless.ts';

interface Frame {
  readonly name: string;
  readonly shape: FrameShape;
  readonly samples: Uint8Array;
}
interface Measured {
  readonly codec: string;
  readonly ratio: number;
  readonly encodeMBs: number;
  readonly decodeMBs: number;
  readonly exact: boolean;
}
interface Codec {
  readonly encode: (samples: Uint8Array, shape: FrameShape) => Promise<Uint8Array>;
  readonly decode: (encoded: Uint8Array, shape: FrameShape) => Promise<Uint8Array>;
}

const rounds = 5;

const codecs: Readonly<Record<string, Codec>> = {
  raw: {
    encode: async (samples) => Uint8Array.from(samples),
    decode: async (bytes) => Uint8Array.from(bytes),
  },
  deflate: {
    encode: async (samples) => deflateRawSync(samples),
    decode: async (bytes) => inflateRawSync(bytes),
  },
  ...Object.fromEntries(
    Object.entries(losslessCodecs).map(([name, { encode, decode }]) => [
      name,
      {
        encode,
        decode: async (bytes: Uint8Array, shape: FrameShape) => (await decode(bytes, shape, name)).bytes,
      },
    ]),
  ),
};

/** Frames of one NumPy file (format version 1.0, '<u2', C order). */
function framesOf(path: string): readonly Frame[] {
  const file = readFileSync(path);
  const headerEnd = 10 + file.readUInt16LE(8);
  const header = file.toString('latin1', 10, headerEnd);
  const [rows = 0, columns = 0, channels = 0] = (/\(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .map(Number);
  if (!header.includes("'<u2'")) throw new Error(`${path}: 16-bit unsigned samples are needed`);
  const shape = { rows, columns, samplesPerPixel: 1, bitsAllocated: 16, bitsStored: 16, signed: false };
  return Array.from({ length: channels }, (_, channel) => {
    const samples = new Uint8Array(rows * columns * 2);
    for (let pixel = 0; pixel < rows * columns; pixel += 1) {
      const at = headerEnd + (pixel * channels + channel) * 2;
      samples.set(file.subarray(at, at + 2), pixel * 2);
    }
    return { name: `${path}#${channel}`, shape, samples };
  });
}

async function best(work: () => Promise<Uint8Array>): Promise<{ seconds: number; bytes: Uint8Array }> {
  let seconds = Number.POSITIVE_INFINITY;
  let bytes = new Uint8Array();
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    bytes = Uint8Array.from(await work());
    seconds = Math.min(seconds, (performance.now() - start) / 1000);
  }
  return { seconds, bytes };
}

async function measure(name: string, codec: Codec, frames: readonly Frame[]): Promise<Measured> {
  let packed = 0;
  let encodeSeconds = 0;
  let decodeSeconds = 0;
  let exact = true;
  for (const { samples, shape } of frames) {
    const encoded = await best(() => codec.encode(samples, shape));
    const decoded = await best(() => codec.decode(encoded.bytes, shape));
    packed += encoded.bytes.length;
    encodeSeconds += encoded.seconds;
    decodeSeconds += decoded.seconds;
    exact &&= Buffer.compare(decoded.bytes, samples) === 0;
  }
  const total = frames.reduce((sum, frame) => sum + frame.samples.length, 0);
  const megabytes = total / 1e6;
  return {
    codec: name,
    ratio: round(total / packed, 3),
    encodeMBs: round(megabytes / encodeSeconds, 1),
    decodeMBs: round(megabytes / decodeSeconds, 1),
    exact,
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

const folder = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
if (folder === undefined) throw new Error('usage: npm run measure -- codecs [--json] FOLDER');
const files = readdirSync(folder).filter((name) => name.endsWith('.npy'));
const frames = files.sort().flatMap((name) => framesOf(join(folder, name)));
const results: Measured[] = [];
for (const [name, codec] of Object.entries(codecs)) results.push(await measure(name, codec, frames));
if (process.argv.includes('--json')) console.log(JSON.stringify({ frames: frames.length, results }, null, 2));
else console.table(results);
