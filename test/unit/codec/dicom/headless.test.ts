import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDicom } from '../../../../src/codec/dicom/read/read.ts';
import { fileStart } from '../../../../src/codec/dicom/read/start.ts';
import { defaultLimits } from '../../../../src/core/limits.ts';
import { dicomFixture, readFixture } from '../../../support/inputs/dicom-fixtures.ts';
import { runs } from '../../../support/search-size.ts';
import { hasSharedData, readShared } from '../../../support/shared-data.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const PREFIX_END = 132;

/** Behind the file meta information, whose length stands in its first element. */
function metaEnd(file: Uint8Array): number {
  return PREFIX_END + 12 + Buffer.from(file).readUInt32LE(PREFIX_END + 8);
}

async function samples(bytes: Uint8Array): Promise<string> {
  return sha256((await readDicom(bytes, 'file', defaultLimits).pixels()).bytes);
}

const quirksOf = (bytes: Uint8Array) =>
  readDicom(bytes, 'file', defaultLimits).quirks.map(({ quirk }) => quirk);

interface Whole {
  readonly name: string;
  readonly bytes: () => Uint8Array;
}

const ours: readonly Whole[] = [
  'explicit-i16',
  'big-endian-i16',
  'implicit-i16',
  'big-endian-u32-in-ow',
  'rle-i16',
  'jpeg-2000-90-i16',
  'jpeg-ls-80-i16',
].map((name) => ({ name, bytes: () => readFixture(dicomFixture(name)) }));

const theirs: readonly Whole[] = [
  'MR_small',
  'MR_small_bigendian',
  'MR_small_implicit',
  'rtdose_expb_1frame',
  'CT_small',
  'MR_small_RLE',
  'MR_small_jp2klossless',
  'MR_small_jpeg_ls_lossless',
].map((name) => ({ name, bytes: () => readShared(`dicom/pydicom__pydicom/${name}.dcm`) }));

const withShared = hasSharedData('dicom');

describe('a file that lost its head', () => {
  test.each([...ours, ...(withShared ? theirs : [])])(
    '$name gives the same samples without preamble and meta',
    async ({ bytes }) => {
      const whole = bytes();
      const bare = whole.subarray(metaEnd(whole));
      expect(await samples(bare)).toBe(await samples(whole));
      expect(quirksOf(bare)).toEqual(expect.arrayContaining(['no-preamble', 'no-meta']));
      const unprefixed = whole.subarray(PREFIX_END);
      expect(await samples(unprefixed)).toBe(await samples(whole));
      expect(quirksOf(unprefixed)).toContain('no-preamble');
      expect(quirksOf(unprefixed)).not.toContain('no-meta');
    },
  );

  test.runIf(withShared)('whose first byte is of what was cut off is read, its samples are not', async () => {
    const bytes = readShared('dicom/pydicom__pydicom/no_meta.dcm');
    const file = readDicom(bytes, 'file', defaultLimits);
    expect(file.dataSet.length).toBeGreaterThan(100);
    await expect(file.pixels()).rejects.toMatchObject({ code: 'NII_UNSUPPORTED_VARIANT' });
  });

  test('whose transfer syntax is another than its meta says is read as it is written', async () => {
    const whole = readFixture(dicomFixture('implicit-i16'));
    const explicit = readFixture(dicomFixture('explicit-i16'));
    const mislabelled = Buffer.concat([
      explicit.subarray(0, metaEnd(explicit)),
      whole.subarray(metaEnd(whole)),
    ]);
    expect(await samples(mislabelled)).toBe(await samples(whole));
    expect(quirksOf(mislabelled)).toContain('syntax-mislabelled');
  });
});

test('no random bytes are taken for DICOM', () => {
  const bytes = fc.uint8Array({ minLength: 0, maxLength: 400 });
  fc.assert(
    fc.property(bytes, (random) => {
      expect(fileStart(random)).toBeUndefined();
    }),
    { numRuns: runs(5000) },
  );
});

test.each([
  'plain text of some length, with (0008,0005) in it',
  '{"a": 1}',
  '<?xml version="1.0"?><a/>',
  '\0'.repeat(400),
])('no other text is: %j', (text) => {
  expect(fileStart(Buffer.from(text))).toBeUndefined();
});
