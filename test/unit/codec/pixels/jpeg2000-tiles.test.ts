import { expect, test } from 'vitest';
import { decodeHtJpeg2000, encodeHtJpeg2000 } from '../../../../src/codec/pixels/native-codecs.ts';
import { endlessHtj2k } from '../../../support/inputs/endless-htj2k.ts';

const shape = {
  rows: 12,
  columns: 40,
  samplesPerPixel: 1,
  bitsAllocated: 16,
  bitsStored: 16,
  signed: false,
};

/** Offsets of the marker segment SIZ (ITU-T T.800 A.5.1) in a codestream. */
const fields = { tileWidth: 24, tileHeight: 28, tileLeft: 32, tileTop: 36 } as const;

async function changed(field: keyof typeof fields, value: number): Promise<Uint8Array> {
  const samples = new Uint8Array(Uint16Array.from({ length: 480 }, (_, i) => i * 131).buffer);
  const stream = Buffer.from(await encodeHtJpeg2000(samples, shape));
  stream.writeUInt32BE(value, fields[field]);
  return stream;
}

const malformed = { code: 'NII_MALFORMED', message: expect.stringContaining('tiles') };

test('a stream on which OpenJPH never ends is rejected by its header: rows of the image lie in no tile', async () => {
  await expect(decodeHtJpeg2000(endlessHtj2k, shape, 'endless')).rejects.toMatchObject(malformed);
});

test.each([
  ['tileTop', 1],
  ['tileTop', 0xffff_ffff],
  ['tileLeft', 1],
  ['tileWidth', 0],
  ['tileHeight', 0],
] as const)('tiles that do not cover the image are rejected: %s %d', async (field, value) => {
  await expect(decodeHtJpeg2000(await changed(field, value), shape, 'changed')).rejects.toMatchObject(
    malformed,
  );
});

test('more tiles than their number can tell are rejected', async () => {
  const large = { ...shape, rows: 300, columns: 300 };
  const stream = Buffer.from(await encodeHtJpeg2000(new Uint8Array(300 * 300 * 2), large));
  stream.writeUInt32BE(1, fields.tileWidth);
  stream.writeUInt32BE(1, fields.tileHeight);
  await expect(decodeHtJpeg2000(stream, large, 'many')).rejects.toMatchObject(malformed);
});
