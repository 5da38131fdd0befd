import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Encapsulated } from '../../../../src/codec/dicom/data-set.ts';
import { readDicom } from '../../../../src/codec/dicom/read/read.ts';
import { encodePart10, type Part10 } from '../../../../src/codec/dicom/write/part10.ts';
import { encapsulate } from '../../../../src/codec/dicom/write/write.ts';
import type { FrameShape } from '../../../../src/codec/pixels/frame.ts';
import { encodeVerified, type LosslessCodec, losslessCodecs } from '../../../../src/codec/pixels/lossless.ts';
import { decodeRle } from '../../../../src/codec/pixels/rle.ts';
import { isNiiError } from '../../../../src/core/errors.ts';
import { defaultLimits } from '../../../../src/core/limits.ts';
import { dicomFixture, readFixture } from '../../../support/inputs/dicom-fixtures.ts';
import { runs } from '../../../support/search-size.ts';

const about: Omit<Part10, 'transferSyntax'> = {
  sopClass: '1.2.840.10008.5.1.4.1.1.7',
  sopInstance: '2.25.1',
  implementationClass: '2.25.2',
  implementationVersion: 'TEST',
};

const shapeOf = (part: Partial<FrameShape> = {}): FrameShape => ({
  rows: 12,
  columns: 40,
  samplesPerPixel: 1,
  bitsAllocated: 16,
  bitsStored: 16,
  signed: false,
  ...part,
});
const ramp = ({ rows, columns, bitsStored }: FrameShape) =>
  new Uint8Array(Uint16Array.from({ length: rows * columns }, (_, i) => (i * 37) % 2 ** bitsStored).buffer);
const codes = async (work: Promise<unknown>) =>
  work.then(
    () => 'read',
    (error: unknown) => (isNiiError(error) ? error.code : error),
  );

describe.each(Object.entries(losslessCodecs))('%s', (_, codec) => {
  test('gives back any samples of a shape that it takes', async () => {
    const cases = fc.record({
      rows: fc.integer({ min: codec.leastSide, max: 20 }),
      columns: fc.integer({ min: codec.leastSide, max: 20 }),
      bitsStored: fc.integer({ min: 9, max: 16 }),
      value: fc.integer({ min: 0, max: 0xffff }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ value, ...part }) => {
        const shape = shapeOf(part);
        const most = 2 ** shape.bitsStored;
        const length = shape.rows * shape.columns;
        const samples = new Uint8Array(
          Uint16Array.from({ length }, (_, i) => (value * (i + 1)) % most).buffer,
        );
        const decoded = await codec.decode(await codec.encode(samples, shape), shape, 'frame');
        expect(Buffer.compare(decoded.bytes, samples)).toBe(0);
      }),
      { numRuns: runs(200) },
    );
  });

  test('refuses a stream that lost its middle, rather than to fill it', async () => {
    const shape = shapeOf({ rows: 40 });
    const encoded = await codec.encode(ramp(shape), shape);
    const middle = Math.floor(encoded.length / 2);
    const cut = Buffer.concat([encoded.subarray(0, middle), encoded.subarray(encoded.length - 2)]);
    expect(await codes(codec.decode(cut, shape, 'frame'))).toMatch(/^NII_(MALFORMED|TRUNCATED)$/);
  });

  test('refuses a stream of other dimensions than the header around it says', async () => {
    const shape = shapeOf();
    const encoded = await codec.encode(ramp(shape), shape);
    const wider = shapeOf({ columns: 41 });
    expect(await codes(codec.decode(encoded, wider, 'frame'))).toMatch(/^NII_(MALFORMED|TRUNCATED)$/);
  });
});

/** HT-JPEG-2000 may go on for ever, and then ends with its child: test/service/convert/run.test.ts. */
const ending = Object.entries(losslessCodecs).filter(([name]) => name !== 'htj2k');

test.each(ending)('%s gives a frame or refuses it by code, whatever the bytes are', async (_, codec) => {
  const shape = shapeOf();
  const good = await codec.encode(ramp(shape), shape);
  const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(damage, async (changes) => {
      const bad = Uint8Array.from(good);
      for (const [at, value] of changes) bad[at] = value;
      const result = await codec.decode(bad, shape, 'frame').catch((error: unknown) => error);
      if (!isNiiError(result)) expect(result).toMatchObject({ bytes: { length: ramp(shape).length } });
    }),
    { numRuns: runs(300) },
  );
});

/** Where the compressed samples begin: behind the head of the JPEG scan or of the JPEG 2000 tile. */
function dataStart(stream: Buffer): number {
  const scan = stream.indexOf(Buffer.from('ffda', 'hex'));
  return scan >= 0
    ? scan + 2 + stream.readUInt16BE(scan + 2)
    : stream.indexOf(Buffer.from('ff93', 'hex')) + 2;
}

const compressed = ['jpeg-50-u8', 'jpeg-51-u12', 'jpeg-57-i16', 'jpeg-70-i16', 'jpeg-ls-80-i16'];
const wavelets = ['jpeg-2000-90-i16', 'jpeg-2000-91-i16', 'htj2k-201-i16'];

describe('a compressed file', () => {
  test.each([...compressed, ...wavelets].flatMap((name) => ['cut', 'ended'].map((how) => [name, how])))(
    '%s whose stream is %s in its middle is refused',
    async (name, how) => {
      const file = readDicom(readFixture(dicomFixture(name)), name, defaultLimits);
      const pixels = file.dataSet.find(({ tag }) => tag === '7fe00010')!.value as Encapsulated;
      const stream = Buffer.concat(pixels.fragments);
      const from = dataStart(stream);
      const half = Math.floor((from + stream.length) / 4) * 2;
      const end = how === 'ended' ? [0xff, 0xd9] : [];
      const value = encapsulate([Buffer.concat([stream.subarray(0, half), Uint8Array.from(end)])]);
      const dataSet = file.dataSet
        .filter(({ tag }) => !tag.startsWith('0002'))
        .map((element) =>
          element.tag === '7fe00010' ? ({ tag: element.tag, vr: 'OB', value } as const) : element,
        );
      const bad = encodePart10(dataSet, { ...about, transferSyntax: file.transferSyntax });
      expect(await codes(readDicom(bad, name, defaultLimits).pixels())).toMatch(
        /^NII_(MALFORMED|TRUNCATED)$/,
      );
    },
  );
});

describe('an encoded frame', () => {
  const shape = shapeOf({ rows: 64, columns: 64 });
  const samples = new Uint8Array(64 * 64 * 2).fill(3);

  test('is believed when it decodes to what went in', async () => {
    expect(await encodeVerified(losslessCodecs['jpeg-ls'], samples, shape)).toBeDefined();
  });

  test.each(['jpeg-ls', 'jpeg-lossless'] as const)(
    'of %s is not believed when its encoder loses one sample',
    async (name) => {
      const codec = losslessCodecs[name];
      const lastPixelLost: LosslessCodec = {
        ...codec,
        encode: (frame, of) => codec.encode(frame.slice().fill(0, frame.length - 2), of),
      };
      expect(await encodeVerified(codec, samples, shape)).toBeDefined();
      expect(await encodeVerified(lastPixelLost, samples, shape)).toBeUndefined();
    },
  );

  test('is not believed when its decoder loses one sample', async () => {
    const { encode, decode, ...takes } = losslessCodecs['jpeg-ls'];
    const lastPixelLost: LosslessCodec = {
      ...takes,
      encode,
      decode: async (...frame) => {
        const { bytes, lossy } = await decode(...frame);
        return { bytes: bytes.fill(0, bytes.length - 2), lossy };
      },
    };
    expect(await encodeVerified(lastPixelLost, samples, shape)).toBeUndefined();
  });
});

describe('an RLE frame', () => {
  const shape = shapeOf({ rows: 2, columns: 4, bitsAllocated: 8, bitsStored: 8 });
  const frame = (offsets: readonly number[], ...body: readonly number[]) => {
    const header = new Uint32Array(16);
    header.set([offsets.length, ...offsets]);
    return Buffer.concat([new Uint8Array(header.buffer), Uint8Array.from(body)]);
  };

  test('mixes literal runs, repeated bytes and no-operations', async () => {
    const { bytes } = await decodeRle(frame([64], 2, 1, 2, 3, 128, 253, 9, 0, 5, 0), shape, 'frame');
    expect([...bytes]).toEqual([1, 2, 3, 9, 9, 9, 9, 5]);
  });

  test.each([
    ['ends before its last sample', frame([64], 3, 1, 2, 3, 4)],
    ['runs past its last sample', frame([64], 8, 1, 2, 3, 4, 5, 6, 7, 8, 9)],
    ['has no segment', frame([])],
    ['has a segment too many', frame([64, 66], 7, 1, 2, 3, 4, 5, 6, 7, 8)],
    ['has a segment outside itself', frame([6400], 7, 1, 2, 3, 4, 5, 6, 7, 8)],
    ['is empty', new Uint8Array()],
  ])('that %s is refused', async (_, bytes) => {
    expect(await codes(decodeRle(bytes, shape, 'frame'))).toMatch(/^NII_(MALFORMED|TRUNCATED)$/);
  });
});
