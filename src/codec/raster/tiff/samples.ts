/** How the samples of a strip or tile lie in its bytes. */
export interface ChunkShape {
  readonly rows: number;
  /** Samples of one row: columns times interleaved samples. */
  readonly rowSamples: number;
  /** Samples of one pixel in this chunk. */
  readonly step: number;
  readonly bits: number;
  readonly float: boolean;
  readonly signed: boolean;
  readonly bigEndian: boolean;
  readonly predictor: number;
}

/** Bytes of one row; rows begin at a byte. */
export function rowBytes({ rowSamples, bits }: Pick<ChunkShape, 'rowSamples' | 'bits'>): number {
  return Math.ceil((rowSamples * bits) / 8);
}

/** The samples in their containers, little-endian, the predictor (sections 14 and of technical note 3) undone. */
export function chunkSamples(bytes: Uint8Array, shape: ChunkShape): Uint8Array {
  if (shape.predictor === 3) return widenedHalf(undoneFloat(bytes, shape), shape);
  if (shape.bits % 8 !== 0 || shape.bits === 24) return unpacked(bytes, shape);
  const little = shape.bigEndian ? swapped(bytes, shape.bits / 8) : bytes;
  const plain = shape.predictor === 2 ? undoneDifferences(little, shape) : little;
  return widenedHalf(plain, shape);
}

/** Sums along each row, modulo the width of a sample. */
function undoneDifferences(bytes: Uint8Array, { rows, rowSamples, step, bits }: ChunkShape): Uint8Array {
  const copy = bytes.slice();
  const Values = { 8: Uint8Array, 16: Uint16Array, 32: Uint32Array }[bits];
  const values = Values === undefined ? new BigUint64Array(copy.buffer) : new Values(copy.buffer);
  if (values instanceof BigUint64Array) return undoneWide(values, copy, { rows, rowSamples, step });
  for (let row = 0; row < rows; row += 1) {
    const end = (row + 1) * rowSamples;
    for (let i = row * rowSamples + step; i < end; i += 1) {
      values[i] = (values[i] ?? 0) + (values[i - step] ?? 0);
    }
  }
  return copy;
}

function undoneWide(
  values: BigUint64Array,
  copy: Uint8Array,
  { rows, rowSamples, step }: Pick<ChunkShape, 'rows' | 'rowSamples' | 'step'>,
): Uint8Array {
  for (let row = 0; row < rows; row += 1) {
    const end = (row + 1) * rowSamples;
    for (let i = row * rowSamples + step; i < end; i += 1) {
      values[i] = (values[i] ?? 0n) + (values[i - step] ?? 0n);
    }
  }
  return copy;
}

/** The floating-point predictor: bytes of each row summed, then gathered from planes, the most significant first. */
function undoneFloat(bytes: Uint8Array, { rows, rowSamples, step, bits }: ChunkShape): Uint8Array {
  const item = bits / 8;
  const width = rowSamples * item;
  const out = new Uint8Array(bytes.length);
  for (let row = 0; row < rows; row += 1) {
    const line = bytes.slice(row * width, (row + 1) * width);
    for (let i = step; i < width; i += 1) line[i] = (line[i] ?? 0) + (line[i - step] ?? 0);
    for (let sample = 0; sample < rowSamples; sample += 1) {
      for (let byte = 0; byte < item; byte += 1) {
        const from = (item - 1 - byte) * rowSamples + sample;
        out[row * width + sample * item + byte] = line[from] ?? 0;
      }
    }
  }
  return out;
}

/** Samples of other than whole containers, the most significant bit first in any byte order (section 2, FillOrder). */
function unpacked(bytes: Uint8Array, { rows, rowSamples, bits, signed, bigEndian }: ChunkShape): Uint8Array {
  const Values = bits <= 8 ? Uint8Array : bits <= 16 ? Uint16Array : Uint32Array;
  const values = new Values(rows * rowSamples);
  const width = rowBytes({ rowSamples, bits });
  const swapWhole = bits === 24 && !bigEndian;
  for (let row = 0; row < rows; row += 1) {
    for (let sample = 0; sample < rowSamples; sample += 1) {
      const raw = bitsAt(bytes, row * width * 8 + sample * bits, bits);
      const value = swapWhole ? reversed24(raw) : raw;
      values[row * rowSamples + sample] = signed && value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
    }
  }
  return new Uint8Array(values.buffer);
}

function bitsAt(bytes: Uint8Array, bit: number, bits: number): number {
  let value = 0;
  for (let at = bit >> 3, left = bits, skip = bit & 7; left > 0; at += 1, skip = 0) {
    const taken = Math.min(left, 8 - skip);
    const part = ((bytes[at] ?? 0) >> (8 - skip - taken)) & ((1 << taken) - 1);
    value = value * 2 ** taken + part;
    left -= taken;
  }
  return value;
}

function reversed24(value: number): number {
  return ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16);
}

/** Half floats as single floats, which hold every one of them. */
function widenedHalf(bytes: Uint8Array, { bits, float }: ChunkShape): Uint8Array {
  if (!float || bits !== 16) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Float32Array(bytes.length / 2);
  for (let i = 0; i < out.length; i += 1) out[i] = halfValue(view.getUint16(2 * i, true));
  return new Uint8Array(out.buffer);
}

function halfValue(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The bytes of each sample the other way round, in new memory. */
function swapped(bytes: Uint8Array, sampleBytes: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const buffer = Buffer.from(copy.buffer);
  if (sampleBytes === 2) buffer.swap16();
  if (sampleBytes === 4) buffer.swap32();
  if (sampleBytes === 8) buffer.swap64();
  return copy;
}
