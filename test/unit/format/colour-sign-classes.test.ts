import { describe, expect, test } from 'vitest';
import { numberOf, textOf, textsOf } from '../../../src/codec/dicom/data-set.ts';
import { readDicom } from '../../../src/codec/dicom/read/read.ts';
import { runInProcess } from '../../../src/convert/run.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { type Channel, channelsOf } from '../../../src/core/scan/scan.ts';
import { classColours } from '../../../src/format/class-colours.ts';
import { encodeDx } from '../../../src/format/dicos/dx.ts';
import { dicosIds } from '../../../src/format/dicos/ids.ts';
import { encodeMedical } from '../../../src/format/medical/medical.ts';
import { channelOf, ids, noise, scanOf } from '../../support/scan.ts';
import { converterOf, onlyGroup, stage, temporaryFolder, toConvert } from '../../support/staging.ts';

const folder = temporaryFolder();
const legend = [
  { from: 0, to: 0, label: 'background' },
  { from: 1, to: 99, label: 'organic' },
];
const colour = {
  kind: 'display',
  polarity: 'none',
  samplesPerPixel: 3,
  bitsAllocated: 8,
  bitsStored: 8,
} as const;
const signed = { kind: 'unknown', polarity: 'unknown', sampleFormat: 'signed' } as const;
const classes = { kind: 'class-map', polarity: 'none', bitsAllocated: 8, bitsStored: 8, legend } as const;

/** A channel as a converter makes it: energies and open beam belong to transmission. */
function oddChannel(part: Partial<Channel>): Channel {
  const { energy: _, nominalEnergyMev: __, openBeam: ___, invalidValue: ____, ...rest } = channelOf();
  return channelOf({ ...rest, rows: 6, columns: 4, ...part });
}

async function readBack(bytes: Uint8Array) {
  const group = onlyGroup(stage(folder, [{ name: 'a.dcs', bytes }]));
  const files = toConvert(group);
  return runInProcess({ converter: converterOf(group), files, limits: defaultLimits });
}

const colours: readonly (readonly [string, Partial<Channel>])[] = [
  ['colour', colour],
  ['colour by plane', { ...colour, planar: true }],
  ['colour in two frames', { ...colour, frames: 2 }],
  ['colour with shared chroma', { ...colour, samplesPerPixel: 2, photometric: 'YBR_FULL_422' }],
];
const signs: readonly (readonly [string, Partial<Channel>])[] = [
  ['signed samples', signed],
  ['signed samples of 8 bits', { ...signed, bitsAllocated: 8, bitsStored: 8 }],
  ['signed samples of 12 in 16 bits', { ...signed, bitsStored: 12 }],
  ['signed samples in two frames', { ...signed, frames: 2 }],
];
const wide: readonly (readonly [string, Partial<Channel>])[] = [
  ['signed samples of 32 bits', { ...signed, bitsAllocated: 32, bitsStored: 32 }],
  ['signed samples of 64 bits', { ...signed, bitsAllocated: 64, bitsStored: 64 }],
  ['colour of 16 bits', { ...colour, bitsAllocated: 16, bitsStored: 16 }],
  ['colour of 16 bits by plane', { ...colour, bitsAllocated: 16, bitsStored: 16, planar: true }],
  ['colour and transparency', { ...colour, samplesPerPixel: 4 }],
  ['signed colour in two frames', { ...colour, sampleFormat: 'signed', frames: 2 }],
];
const materials: readonly (readonly [string, Partial<Channel>])[] = [
  ['a class map', classes],
  ['a class map of 16 bits', { ...classes, bitsAllocated: 16, bitsStored: 16 }],
  ['a class map in two frames', { ...classes, frames: 2 }],
];

describe.each([
  ['DICOS', encodeDx, [...colours, ...signs, ...wide, ...materials]],
  ['medical DICOM', encodeMedical, [...colours, ...signs, ...materials]],
] as const)('as %s', (_, encode, kinds) => {
  test.each(kinds)(
    '%s is unsigned, no DX where it has colours, and reads back as the same channel',
    async (__, part) => {
      const channel = oddChannel(part);
      const plane = noise(channel.bytes, 'odd');
      const { bytes } = await encode({
        scan: scanOf([channel]),
        viewId: 'side',
        channelId: 'high',
        plane,
        ids,
      });
      const { dataSet } = readDicom(bytes, 'file', defaultLimits);
      expect(numberOf(dataSet, '00280103')).toBe(0);
      const isCapture = textOf(dataSet, '00080016')?.startsWith('1.2.840.10008.5.1.4.1.1.7') === true;
      expect(isCapture || numberOf(dataSet, '00280002') === 1).toBe(true);
      const { scan, planes } = await readBack(bytes);
      expect(Buffer.compare(planes.get('side-high') ?? new Uint8Array(), plane)).toBe(0);
      const {
        sha256: ___,
        notMeasured: ____,
        opaqueSamples: _____,
        ...read
      } = scan.views[0]?.channels[0] ?? {};
      expect(read).toEqual(channel);
      expect(scan.warnings.map(({ code }) => code)).not.toContain('NII_W_FIELD_MALFORMED');
    },
  );
});

test('signed samples are their values again after the rescale of the file', async () => {
  const channel = oddChannel({ ...signed, rows: 1, columns: 4, invalidValue: -5 });
  const values = [-32_768, -5, 0, 32_767];
  const plane = new Uint8Array(Int16Array.from(values).buffer);
  const scan = { ...scanOf([channel]), views: scanOf([channel]).views.map((view) => ({ ...view, display })) };
  const { bytes } = await encodeDx({ scan, viewId: 'side', channelId: 'high', plane, ids });
  const file = readDicom(bytes, 'file', defaultLimits);
  const stored = new Uint16Array(new Uint8Array((await file.pixels()).bytes).buffer);
  const intercept = numberOf(file.dataSet, '00281052') ?? 0;
  expect([...stored].map((sample) => sample + intercept)).toEqual(values);
  expect((numberOf(file.dataSet, '00280120') ?? 0) + intercept).toBe(-5);
});
const display = { flipRows: false, rotate: 0, flipColumns: false } as const;

test('a report names the class that an instance has', async () => {
  const channels = [
    channelOf(),
    oddChannel({ ...colour, id: 'picture' }),
    oddChannel({ ...signed, id: 'signed' }),
  ];
  const scan = scanOf(channels);
  const classesOf = dicosIds.dxReferences(scan, ids).map(({ sopClass }) => sopClass);
  const written = channels.map(async (channel) => {
    const plane = noise(channel.bytes, 'class');
    const { bytes } = await encodeDx({ scan, viewId: 'side', channelId: channel.id, plane, ids });
    return textOf(readDicom(bytes, 'file', defaultLimits).dataSet, '00080016');
  });
  expect(classesOf).toEqual(await Promise.all(written));
  expect(new Set(classesOf).size).toBe(2);
});

test('a file whose offset is not that of its samples is read as one of others, with a warning', async () => {
  const channel = oddChannel(signed);
  const plane = noise(channel.bytes, 'forged');
  const { bytes } = await encodeDx({
    scan: scanOf([channel]),
    viewId: 'side',
    channelId: 'high',
    plane,
    ids,
  });
  const forged = Buffer.from(bytes).toString('latin1').replace('"offset":32768', '"offset":32767');
  const { scan } = await readBack(new Uint8Array(Buffer.from(forged, 'latin1')));
  expect(channelsOf(scan).map(({ channel: read }) => read.sampleFormat)).toEqual(['unsigned']);
  expect(scan.warnings.map(({ code }) => code)).toContain('NII_W_FIELD_MALFORMED');
});

test('classes have the colours of the trade: organic orange, inorganic and mixed green, metal blue', () => {
  const labels = ['Organic', 'inorganic', 'mixed', 'light metal', 'metal', 'air', 'noise'];
  const named = labels.map((label, i) => ({ from: 2 * i, to: 2 * i, label }));
  const shown = classColours(oddChannel({ ...classes, legend: named }));
  const [orange, green, blue, white, grey, none] = [
    [255, 140, 0],
    [0, 160, 0],
    [0, 70, 200],
    [255, 255, 255],
    [128, 128, 128],
    [200, 200, 200],
  ];
  expect(labels.map((_, i) => shown?.of(2 * i))).toEqual([orange, green, green, green, blue, white, grey]);
  expect(shown?.of(1)).toEqual(none);
  expect(classColours(oddChannel({ ...classes, legend: [] }))).toBeUndefined();
});

test('a class map without a legend stays grey, and is no spectral image', async () => {
  const { legend: _, ...bare } = classes;
  const channel = oddChannel(bare);
  const plane = noise(channel.bytes, 'grey');
  const { bytes } = await encodeDx({
    scan: scanOf([channel]),
    viewId: 'side',
    channelId: 'high',
    plane,
    ids,
  });
  const { dataSet } = readDicom(bytes, 'file', defaultLimits);
  expect(textOf(dataSet, '00280004')).toBe('MONOCHROME2');
  expect(textsOf(dataSet, '00080008')).toEqual(['DERIVED', 'INTENSITY']);
});
