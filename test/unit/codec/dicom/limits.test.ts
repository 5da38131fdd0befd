import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { DataSet, DicomElement } from '../../../../src/codec/dicom/data-set.ts';
import { readDicom } from '../../../../src/codec/dicom/read/read.ts';
import { encodePart10, type Part10 } from '../../../../src/codec/dicom/write/part10.ts';
import { encapsulate, encodeDataSet } from '../../../../src/codec/dicom/write/write.ts';
import { isNiiError } from '../../../../src/core/errors.ts';
import { defaultLimits } from '../../../../src/core/limits.ts';

const about: Part10 = {
  sopClass: '1.2.840.10008.5.1.4.1.1.501.2.2',
  sopInstance: '2.25.1',
  transferSyntax: '1.2.840.10008.1.2.1',
  implementationClass: '2.25.2',
  implementationVersion: 'TEST',
};
const us = (tag: string, value: number): DicomElement => ({ tag, vr: 'US', value: [value] });
const image = (part: readonly DicomElement[] = []): DataSet => {
  const own = new Set(part.map(({ tag }) => tag));
  const all: DataSet = [
    us('00280002', 1),
    us('00280010', 4),
    us('00280011', 5),
    us('00280100', 16),
    us('00280101', 16),
    us('00280102', 15),
    us('00280103', 0),
    { tag: '7fe00010', vr: 'OW', value: Uint8Array.from({ length: 40 }, (_, i) => i) },
  ];
  return [...all.filter(({ tag }) => !own.has(tag)), ...part];
};
const pixels = (dataSet: DataSet, part: Partial<Part10> = {}, limits = defaultLimits) =>
  readDicom(encodePart10(dataSet, { ...about, ...part }), 'file', limits).pixels();
const codeOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return isNiiError(error) ? error.code : error;
  }
  return 'read';
};

describe('a file that claims more than it holds', () => {
  test('is refused for more pixels than the limit, before anything is allocated', async () => {
    const huge = image([
      us('00280010', 65535),
      us('00280011', 65535),
      { tag: '00280008', vr: 'IS', value: ['100000'] },
    ]);
    await expect(pixels(huge)).rejects.toMatchObject({ code: 'NII_LIMIT_PIXELS' });
  });

  test('is refused for fewer bytes than its dimensions say', async () => {
    await expect(pixels(image([us('00280010', 5)]))).rejects.toMatchObject({ code: 'NII_TRUNCATED' });
  });

  test.each([
    ['no rows', us('00280010', 0), 'NII_MALFORMED'],
    ['bits stored above bits allocated', us('00280101', 17), 'NII_MALFORMED'],
    ['containers of 12 bits', us('00280100', 12), 'NII_UNSUPPORTED_VARIANT'],
    [
      'a number of frames that is no number',
      { tag: '00280008', vr: 'IS', value: ['1A'] } as const,
      'NII_MALFORMED',
    ],
  ])('is refused for %s', async (_, element, code) => {
    await expect(pixels(image([element]))).rejects.toMatchObject({ code });
  });

  test('is refused when its deflated data set expands beyond the limit', () => {
    const start = encodePart10([], { ...about, transferSyntax: '1.2.840.10008.1.2.1.99' });
    const zeros: DicomElement = { tag: '00091010', vr: 'OB', value: new Uint8Array(8 * 1024 * 1024) };
    const packed = deflateRawSync(encodeDataSet([zeros]));
    const file = Buffer.concat([start, packed]);
    expect(codeOf(() => readDicom(file, 'file', defaultLimits))).toBe('NII_LIMIT_EXPANSION');
    expect(codeOf(() => readDicom(file, 'file', { ...defaultLimits, expansionRatio: 5000 }))).toBe('read');
    const cut = file.subarray(0, file.length - 20);
    expect(codeOf(() => readDicom(cut, 'file', { ...defaultLimits, expansionRatio: 5000 }))).toBe(
      'NII_TRUNCATED',
    );
  });

  test.each([40, 20_000])('is refused when its sequences are nested %i deep', (depth) => {
    const open = Buffer.from([0x09, 0x00, 0x10, 0x10, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff]);
    const item = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff]);
    const shut = Buffer.from([0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0, 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
    const levels = Array.from({ length: depth });
    const nested = [...levels.flatMap(() => [open, item]), ...levels.map(() => shut)];
    const file = Buffer.concat([encodePart10([], about), ...nested]);
    expect(codeOf(() => readDicom(file, 'file', defaultLimits))).toBe('NII_LIMIT_DEPTH');
  });
});

describe('the quirks of DICOS files', () => {
  test('are read: Number of Frames as US, 32-bit samples in (7FE0,0011), floats in (7FE0,0013)', async () => {
    const frames = image([us('00280008', 2), us('00280010', 2)]);
    expect((await pixels(frames)).frames).toBe(2);
    const without = image([
      us('00280100', 32),
      us('00280101', 32),
      us('00280102', 31),
      us('00280010', 2),
    ]).filter(({ tag }) => tag !== '7fe00010');
    const value = new Uint8Array(40);
    const wide = await pixels([...without, { tag: '7fe00011', vr: 'OL', value }]);
    expect([wide.bitsAllocated, wide.sampleFormat]).toEqual([32, 'unsigned']);
    const floats = await pixels([...without, { tag: '7fe00013', vr: 'OF', value }]);
    expect(floats.sampleFormat).toBe('float');
  });

  test.each([
    ['integers', 0x12, new BigUint64Array([1n, 2n, 3n, 4n, 5n, 6n]), 'unsigned'],
    ['floats', 0x09, new Float64Array([0.5, -1, 2e300, 3, 4, 5]), 'float'],
  ])('are read: 64-bit %s whose header lacks its two reserved bytes', async (_, element, values, format) => {
    const dataSet = [us('00280010', 2), us('00280011', 3), us('00280100', 64), us('00280101', 64)];
    const start = encodePart10([us('00280002', 1), ...dataSet, us('00280102', 63)], about);
    const samples = new Uint8Array(values.buffer);
    const header = Buffer.from([0xe0, 0x7f, element, 0x00, 0x4f, 0x44, 48, 0, 0, 0]);
    const file = Buffer.concat([start, header, samples]);
    const read = await readDicom(file, 'file', defaultLimits).pixels();
    expect(read.sampleFormat).toBe(format);
    expect(Buffer.compare(read.bytes, samples)).toBe(0);
  });

  test('are read: encapsulated pixels of VR OW, and frames found without an offset table', async () => {
    const { encode } = (await import('../../../../src/codec/pixels/lossless.ts')).losslessCodecs['jpeg-ls'];
    const shape = {
      rows: 4,
      columns: 5,
      samplesPerPixel: 1,
      bitsAllocated: 16,
      bitsStored: 16,
      signed: false,
    };
    const planes = [new Uint8Array(40).fill(7), Uint8Array.from({ length: 40 }, (_, i) => i)];
    const streams = await Promise.all(planes.map((plane) => encode(plane, shape)));
    const halves = streams.flatMap((stream) => [stream.subarray(0, 20), stream.subarray(20)]);
    const value = { ...encapsulate(halves), offsets: [] };
    const syntax = { transferSyntax: '1.2.840.10008.1.2.4.80' };
    const read = await pixels(image([us('00280008', 2), { tag: '7fe00010', vr: 'OW', value }]), syntax);
    expect(Buffer.compare(read.bytes, Buffer.concat(planes))).toBe(0);
    const three = pixels(image([us('00280008', 3), { tag: '7fe00010', vr: 'OW', value }]), syntax);
    await expect(three).rejects.toMatchObject({ code: 'NII_MALFORMED' });
  });
});
