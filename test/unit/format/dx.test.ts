import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { itemsOf, numberOf, textOf, textsOf } from '../../../src/codec/dicom/data-set.ts';
import { niiRecordOf, writtenOf } from '../../../src/codec/dicom/nii-block.ts';
import { toChannelPlane } from '../../../src/codec/dicom/pixels/plane.ts';
import { readDicom } from '../../../src/codec/dicom/read/read.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import type { Channel, NiiScan } from '../../../src/core/scan/scan.ts';
import { encodeDx } from '../../../src/format/dicos/dx.ts';
import { dicosIds } from '../../../src/format/dicos/ids.ts';
import type { DxCodec } from '../../../src/format/dicos/pixel-module.ts';
import { channelOf, ids, noise, scanOf, smooth } from '../../support/scan.ts';
import { runs } from '../../support/search-size.ts';

const codecs: readonly DxCodec[] = ['jpeg-lossless', 'jpeg-ls', 'rle', 'none'];

const write = (scan: NiiScan, channel: Channel, plane: Uint8Array, codec?: DxCodec) =>
  encodeDx({ scan, viewId: 'side', channelId: channel.id, plane, ids }, codec === undefined ? {} : { codec });

async function readBack(bytes: Uint8Array, channel: Channel): Promise<Uint8Array> {
  const file = readDicom(bytes, 'dx', defaultLimits);
  return toChannelPlane(channel, await file.pixels(), writtenOf(file.dataSet));
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('a DX instance', () => {
  test.each(codecs)('gives back the samples of a 16-bit channel, stored as %s', async (codec) => {
    const channel = channelOf({ rows: 64, columns: 1024 });
    const plane = smooth(channel);
    const { bytes, transferSyntax } = await write(scanOf([channel]), channel, plane, codec);
    expect(sha256(await readBack(bytes, channel))).toBe(sha256(plane));
    if (codec !== 'none') expect(transferSyntax).not.toBe('1.2.840.10008.1.2.1');
  });

  test('gives back every kind of channel, whatever its samples are', { timeout: 120_000 }, async () => {
    const kinds = fc.constantFrom<Partial<Channel>>(
      { bitsAllocated: 1, bitsStored: 1 },
      { bitsAllocated: 8, bitsStored: 8 },
      { bitsAllocated: 8, bitsStored: 8, sampleFormat: 'signed' },
      { bitsAllocated: 16, bitsStored: 16 },
      { bitsAllocated: 16, bitsStored: 12 },
      { bitsAllocated: 16, bitsStored: 10, sampleFormat: 'signed' },
      { bitsAllocated: 16, bitsStored: 16, sampleFormat: 'signed' },
      { bitsAllocated: 32, bitsStored: 32 },
      { bitsAllocated: 32, bitsStored: 32, sampleFormat: 'signed' },
      { bitsAllocated: 64, bitsStored: 64 },
      { bitsAllocated: 32, bitsStored: 32, sampleFormat: 'float' },
      { bitsAllocated: 64, bitsStored: 64, sampleFormat: 'float' },
      { bitsAllocated: 8, bitsStored: 8, samplesPerPixel: 3, kind: 'display', polarity: 'none' },
      { bitsAllocated: 8, bitsStored: 8, samplesPerPixel: 3, planar: true, kind: 'display' },
      { bitsAllocated: 16, bitsStored: 16, samplesPerPixel: 4, kind: 'unknown' },
      { bitsAllocated: 8, bitsStored: 8, samplesPerPixel: 2, photometric: 'YBR_FULL_422', columns: 4 },
      { bitsAllocated: 16, bitsStored: 16, frames: 3 },
    );
    const side = fc.integer({ min: 1, max: 24 });
    const cases = fc.tuple(kinds, side, side, fc.constantFrom(...codecs), fc.boolean(), fc.string());
    await fc.assert(
      fc.asyncProperty(cases, async ([kind, rows, columns, codec, isFlat, seed]) => {
        const channel = channelOf({ rows, columns, ...kind });
        const plane = isFlat ? new Uint8Array(channel.bytes) : noise(channel.bytes, seed);
        const { bytes } = await write(scanOf([channel]), channel, plane, codec);
        expect(Buffer.compare(await readBack(bytes, channel), plane)).toBe(0);
      }),
      { numRuns: runs(400) },
    );
  });

  test('is the same bytes for the same input, and other UIDs for another revision', async () => {
    const channel = channelOf();
    const input = { scan: scanOf([channel]), viewId: 'side', channelId: 'high', plane: smooth(channel), ids };
    const first = await encodeDx(input);
    const again = await encodeDx(structuredClone(input));
    const later = await encodeDx({ ...input, ids: { ...ids, revision: 2 } });
    expect(Buffer.compare(first.bytes, again.bytes)).toBe(0);
    expect(later.sopInstanceUid).not.toBe(first.sopInstanceUid);
    expect(first.sopInstanceUid).toMatch(/^2\.25\.[1-9]\d{0,38}$/);
  });

  test('is named by its record, so that a report finds it by the name of its instance', async () => {
    const channels = [channelOf(), channelOf({ id: 'low', energy: 'low' })];
    const scan = scanOf(channels);
    const low = channels[1] ?? channelOf();
    const { sopInstanceUid } = await write(scan, low, smooth(low));
    const found = dicosIds.referenceOf(scan, { ...ids, revision: 1 }, 'side-low', true);
    expect(found.map((reference) => reference.sopInstance)).toEqual([sopInstanceUid]);
    expect(dicosIds.referenceOf(scan, { ...ids, revision: 1 }, 'side-medium', true)).toEqual([]);
  });

  test('names the object, the scan, the energy and the scanner', async () => {
    const channel = channelOf();
    const { bytes } = await write(scanOf([channel]), channel, smooth(channel));
    const { dataSet } = readDicom(bytes, 'dx', defaultLimits);
    expect(textOf(dataSet, '00080016')).toBe('1.2.840.10008.5.1.4.1.1.501.2.2');
    expect(textOf(dataSet, '00020004')).toBe('V03');
    expect(textsOf(dataSet, '00080008')).toEqual(['ORIGINAL', 'HIGH ENERGY']);
    expect(textOf(dataSet, '00100020')).toBe('CSQU3054383');
    expect(textOf(dataSet, '40101042')).toBe('CARGO');
    expect(textOf(dataSet, '40101048')).toBe('OPERATIONAL');
    expect(textOf(dataSet, '40101044')).toBe('SUCCESSFUL');
    expect(textOf(dataSet, '00080020')).toBe('20260304');
    expect(textOf(dataSet, '00080030')).toBe('040506.250');
    expect(textOf(dataSet, '00080070')).toBe('Fabrik');
    expect(numberOf(dataSet, '00180060')).toBe(6000);
    // The view is shown turned by a quarter, so the pitch between columns is that between the rows of the file
    expect(textsOf(dataSet, '00181164')).toEqual(['5', '4.5']);
    expect(numberOf(dataSet, '00280120')).toBe(0);
    expect(textOf(dataSet, '00281040')).toBe('LIN');
  });

  const headOf = async (channel: Channel, part: Partial<NiiScan>) => {
    const { bytes } = await write(scanOf([channel], part), channel, smooth(channel));
    return readDicom(bytes, 'dx', defaultLimits).dataSet;
  };

  test('gives a number in the form of ISO 6346 to the BIC, and every other id to the administration', async () => {
    const issuersOf = async (...containers: NiiScan['units'][number]['containers']) => {
      const units = scanOf([]).units.map((unit) => ({ ...unit, containers }));
      const dataSet = await headOf(channelOf(), { units });
      return [dataSet, ...itemsOf(dataSet, '00101002')].map((item) => textOf(item, '00100021'));
    };
    const first = { value: 'CSQU3054383', state: 'valid', source: 'ocr' } as const;
    const unread = { value: 'CSQU30543?3', state: 'unread-characters', source: 'ocr' } as const;
    expect(await issuersOf(first, unread)).toEqual(['BIC', 'north']);
    expect(await issuersOf(unread, first)).toEqual(['north', 'BIC']);
    expect(await issuersOf()).toEqual(['north']);
  });

  test('states a zone only where the file did, and says where the receipt stands for the scan', async () => {
    const utc = '2026-03-04T04:05:06Z';
    const stated = await headOf(channelOf(), { acquired: { utc, zone: 'stated' } });
    const assumed = await headOf(channelOf(), { acquired: { utc, zone: 'assumed-utc' } });
    const unknown = await headOf(channelOf(), { acquired: { zone: 'unknown' } });
    expect([stated, assumed, unknown].map((one) => textOf(one, '00080201'))).toEqual([
      '+0000',
      undefined,
      undefined,
    ]);
    expect(textOf(stated, '00204000')).toBeUndefined();
    expect(textOf(unknown, '00204000')).toContain('those at which the files were received');
  });

  test('takes voltage and calibration from the register of scanners where the file names none', async () => {
    const { nominalEnergyMev: _, ...high } = channelOf();
    const source: NiiScan['source'] = {
      format: 'x',
      scanner: { energiesMev: [6, 3.5], calibratedAt: { utc: '2026-01-02T03:04:05Z', zone: 'stated' } },
    };
    const known = await headOf(high, { source });
    expect(numberOf(known, '00180060')).toBe(6000);
    expect(numberOf(await headOf({ ...high, energy: 'low' }, { source }), '00180060')).toBe(3500);
    expect([textOf(known, '00181200'), textOf(known, '00181201')]).toEqual(['20260102', '030405.000']);
    expect(numberOf(await headOf(high, {}), '00180060')).toBe(0);
  });

  test.each([
    ['Harbour', undefined],
    ['Zoë', 'ISO_IR 100'],
    ['Świnoujście', 'ISO_IR 101'],
    ['Выборг', 'ISO_IR 144'],
    ['Πειραιάς', 'ISO_IR 126'],
    ['Zoë Выборг', 'ISO_IR 192'],
    ['宁波', 'ISO_IR 192'],
  ])('names for %s the character set %s and reads the same text back', async (manufacturer, set) => {
    const dataSet = await headOf(channelOf(), { source: { format: 'x', manufacturer } });
    expect(textOf(dataSet, '00080005')).toBe(set);
    expect(textOf(dataSet, '00080070')).toBe(manufacturer);
    expect(JSON.parse(niiRecordOf(dataSet) ?? '').scan.source.manufacturer).toBe(manufacturer);
  });

  test('has every attribute of type 1 with a value, for a record that knows nothing', async () => {
    const channel = channelOf({ kind: 'unknown', polarity: 'unknown' });
    const {
      energy: _,
      nominalEnergyMev: __,
      pitch: ___,
      openBeam: ____,
      invalidValue: _____,
      ...bare
    } = channel;
    const scan = scanOf([bare], { source: { format: 'x' }, acquired: { zone: 'unknown' } });
    const { bytes } = await write(scan, bare, smooth(channel));
    const { dataSet } = readDicom(bytes, 'dx', defaultLimits);
    const type1 =
      '00100020 00100021 00100022 40101042 0020000d 00080020 00080030 00200010 40101048 0020000e 00080021 00080031 ' +
      '00080060 40101044 00080070 00081090 00181000 00181020 00080080 00080081 00081010 00181200 00181201 00080016 ' +
      '00080018 00080012 00080013 4010103a 00080068 00080008 00080023 00080033 00200013 00280002 00280004 20500020 ' +
      '00280010 00280011 00280100 00280101 00280102 00280103 00281041 00281052 00281053 00281054 00280301 ' +
      '00282110 00180060 00188151 00200032 00200037 43000902';
    expect(type1.split(' ').filter((tag) => textOf(dataSet, tag) === undefined)).toEqual([]);
    const tags = dataSet.map(({ tag }) => tag);
    expect(['40101064', '00187004', '00400555'].filter((tag) => !tags.includes(tag))).toEqual([]);
  });

  test('says of a class map that it is one, in words, and never calls it an effective atomic number', async () => {
    const legend = [{ from: 1, to: 3, label: 'organic' }];
    const channel = channelOf({
      kind: 'class-map',
      bitsAllocated: 8,
      bitsStored: 8,
      polarity: 'none',
      legend,
    });
    const { bytes } = await write(scanOf([channel]), channel, noise(channel.bytes, 'classes'));
    const { dataSet } = readDicom(bytes, 'dx', defaultLimits);
    expect(textsOf(dataSet, '00080008')).toEqual(['DERIVED', 'INTENSITY']);
    expect(textOf(dataSet, '00280004')).toBe('PALETTE COLOR');
    expect(textOf(dataSet, '00204000')).toContain('1-3 organic');
  });

  test('carries the channel of the record, and text of any script', async () => {
    const channel = channelOf();
    const scan = scanOf([channel], {
      source: { format: 'x', manufacturer: '同方威视', site: 'Świnoujście\\1' },
    });
    const { bytes } = await write(scan, channel, smooth(channel));
    const { dataSet } = readDicom(bytes, 'dx', defaultLimits);
    expect(textOf(dataSet, '00080070')).toBe('同方威视');
    expect(textOf(dataSet, '00080080')).toBe('Świnoujście 1');
    expect(JSON.parse(niiRecordOf(dataSet) ?? '')).toMatchObject({
      channel,
      view: { id: 'side' },
      revision: 1,
    });
  });

  test('is refused when the samples are not those of the channel', async () => {
    const channel = channelOf();
    const short = smooth(channel).subarray(2);
    await expect(write(scanOf([channel]), channel, short)).rejects.toMatchObject({
      code: 'NII_CONVERTER_INCONSISTENT',
    });
  });
});
