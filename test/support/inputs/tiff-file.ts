/** Value of a TIFF tag: text, 16-bit numbers or doubles. */
export type TagValue =
  | string
  | { readonly shorts: readonly number[] }
  | { readonly doubles: readonly number[] };

export interface TiffOrder {
  /** Samples of each pixel, 2 x 2 pixels. */
  readonly samplesPerPixel?: number;
  readonly signed?: boolean;
  readonly tags?: Readonly<Record<number, TagValue>>;
}

const SIDE = 2;

/** A small uncompressed TIFF of 16-bit grey, little-endian, in one strip. */
export function tiffFile({ samplesPerPixel = 1, signed = false, tags = {} }: TiffOrder = {}): Uint8Array {
  const pixels = Buffer.from(
    Uint16Array.from({ length: SIDE * SIDE * samplesPerPixel }, (_, i) => 1000 + i).buffer,
  );
  const all: Readonly<Record<number, TagValue>> = {
    256: { shorts: [SIDE] },
    257: { shorts: [SIDE] },
    258: { shorts: Array.from({ length: samplesPerPixel }, () => 16) },
    259: { shorts: [1] },
    262: { shorts: [1] },
    273: { shorts: [8] },
    277: { shorts: [samplesPerPixel] },
    278: { shorts: [SIDE] },
    279: { shorts: [pixels.length] },
    339: { shorts: Array.from({ length: samplesPerPixel }, () => (signed ? 2 : 1)) },
    ...tags,
  };
  const numbered = Object.entries(all).toSorted(([a], [b]) => Number(a) - Number(b));
  const directory = Buffer.alloc(2 + numbered.length * 12 + 4);
  directory.writeUInt16LE(numbered.length);
  const directoryAt = 8 + pixels.length;
  const far: Buffer[] = [];
  let farAt = directoryAt + directory.length;
  for (const [i, [tag, value]] of numbered.entries()) {
    const { type, count, bytes } = encoded(value);
    const at = 2 + i * 12;
    directory.writeUInt16LE(Number(tag), at);
    directory.writeUInt16LE(type, at + 2);
    directory.writeUInt32LE(count, at + 4);
    if (bytes.length <= 4) bytes.copy(directory, at + 8);
    else {
      directory.writeUInt32LE(farAt, at + 8);
      far.push(bytes);
      farAt += bytes.length;
    }
  }
  const head = Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0]);
  head.writeUInt32LE(directoryAt, 4);
  return new Uint8Array(Buffer.concat([head, pixels, directory, ...far]));
}

function encoded(value: TagValue) {
  if (typeof value === 'string') {
    const bytes = Buffer.from(`${value}\0`, 'latin1');
    return { type: 2, count: bytes.length, bytes };
  }
  if ('shorts' in value)
    return { type: 3, count: value.shorts.length, bytes: Buffer.from(Uint16Array.from(value.shorts).buffer) };
  const bytes = Buffer.from(Float64Array.from(value.doubles).buffer);
  return { type: 12, count: value.doubles.length, bytes };
}
