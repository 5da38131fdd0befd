import { isEncapsulated } from '../../src/codec/dicom/data-set.ts';
import { pixelElement } from '../../src/codec/dicom/pixels/pixels.ts';
import { readDicom } from '../../src/codec/dicom/read/read.ts';
import { isNiiError } from '../../src/core/errors.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import type { NamedBytes } from '../../src/tools/contract/fixtures.ts';
import type { Mutation, SeededNumbers } from '../../src/tools/contract/mutate.ts';
import type { FramePlace, Seed } from './seed.ts';

const root = '1.2.840.10008.1.2';

/** Targets that are decoders: only the compressed frame is damaged, so that every input reaches the decoder. */
export const codecSyntaxes: Readonly<Record<string, readonly string[]>> = {
  'codec-jpeg': ['50', '51', '53', '55', '57', '70'].map((end) => `${root}.4.${end}`),
  'codec-jpeg-ls': ['80', '81'].map((end) => `${root}.4.${end}`),
  'codec-jpeg2000': ['90', '91'].map((end) => `${root}.4.${end}`),
  'codec-htj2k': ['201', '202', '203'].map((end) => `${root}.4.${end}`),
  'codec-rle': [`${root}.5`],
};

/** The seeds whose pixels are in one of the syntaxes, each with its first frame. */
export function withFrames(seeds: readonly Seed[], syntaxes: readonly string[]): readonly Seed[] {
  return seeds.flatMap(({ name, files: [file] }) => {
    const frame = file === undefined ? undefined : frameIn(file, syntaxes);
    return file === undefined || frame === undefined ? [] : [{ name, files: [file], frame }];
  });
}

function frameIn({ bytes, name }: NamedBytes, syntaxes: readonly string[]): FramePlace | undefined {
  try {
    const { dataSet, transferSyntax } = readDicom(bytes, name, defaultLimits);
    const value = pixelElement(dataSet)?.value;
    if (!syntaxes.includes(transferSyntax) || value === undefined || value instanceof Uint8Array)
      return undefined;
    const [frame] = isEncapsulated(value) ? value.fragments : [];
    const at = frame === undefined ? -1 : Buffer.from(bytes).indexOf(frame);
    return frame === undefined || at < LENGTH_BYTES ? undefined : { at, length: frame.length };
  } catch (error) {
    if (isNiiError(error)) return undefined;
    throw error;
  }
}

const LENGTH_BYTES = 4;

/** The file with its frame damaged; the length before the frame is right again. */
export function damagedFrame(
  { name, files: [file] }: Seed,
  { at, length }: FramePlace,
  numbers: SeededNumbers,
): Mutation {
  if (file === undefined) return { what: name, files: [] };
  const changed = changedStream(file.bytes.subarray(at, at + length), numbers);
  const size = Buffer.alloc(LENGTH_BYTES);
  size.writeUInt32LE(changed.length + (changed.length % 2));
  const parts = [
    file.bytes.subarray(0, at - LENGTH_BYTES),
    size,
    changed,
    new Uint8Array(changed.length % 2),
    file.bytes.subarray(at + length),
  ];
  return { what: 'frame damaged', files: [{ ...file, bytes: new Uint8Array(Buffer.concat(parts)) }] };
}

/** Bytes changed, left out or put in; most often in the data, whose end stays. */
export function changedStream(stream: Uint8Array, numbers: SeededNumbers): Uint8Array {
  const bytes = [...stream];
  for (let changes = 1 + numbers.below(3); changes > 0; changes -= 1) {
    const at = numbers.below(numbers.below(4) === 0 ? bytes.length : Math.max(1, bytes.length - 2));
    const way = numbers.below(4);
    if (way === 0) bytes.splice(at, 1 + numbers.below(3));
    else if (way === 1) bytes.splice(at, 0, ...numbers.bytes(1 + numbers.below(3)));
    else bytes[at] = way === 2 ? numbers.below(256) : (bytes[at] ?? 0) ^ (1 << numbers.below(8));
  }
  return Uint8Array.from(bytes);
}
