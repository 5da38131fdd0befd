import { describe, expect, it } from 'vitest';
import type { DataSet } from '../../../src/codec/dicom/data-set.ts';
import { sequence, text } from '../../../src/codec/dicom/write/build.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import type { NiiScan } from '../../../src/core/scan/scan.ts';
import { outcomeOf } from '../../../src/tools/contract/subject.ts';
import { imageFile } from '../../support/inputs/dicom-files.ts';
import { type TiffOrder, tiffFile } from '../../support/inputs/tiff-file.ts';
import { installed, type NamedBytes, sha256, temporaryFolder } from '../../support/staging.ts';

type Tags = NonNullable<TiffOrder['tags']>;

const folder = temporaryFolder();

async function recordOf(...files: readonly NamedBytes[]): Promise<NiiScan> {
  const outcome = await outcomeOf({ all: installed, folder, limits: defaultLimits }, files);
  if (outcome.kind !== 'scan') throw new Error(outcome.kind);
  return outcome.result.scan;
}

async function statedBy(order: TiffOrder) {
  const { views, warnings } = await recordOf({ name: 'a.tif', bytes: tiffFile(order) });
  const channels = views.flatMap((view) => view.channels);
  const malformed = warnings.filter(({ code }) => code === 'NII_W_FIELD_MALFORMED');
  return { stated: channels.map(({ label, rescale }) => ({ label, rescale })), malformed };
}

const imageJ = (...lines: readonly string[]) => ['ImageJ=1.54f', 'unit=mm', ...lines, ''].join('\n');
const gdal = (...items: readonly string[]) => `<GDALMetadata>\n${items.join('\n')}\n</GDALMetadata>`;
const item = (role: string, text: string, sample = 0) =>
  `<Item name="${role.toUpperCase()}" sample="${sample}" role="${role}">${text}</Item>`;

describe('the scale of a TIFF', () => {
  it.each<readonly [string, Tags, unknown]>([
    [
      'a straight line of ImageJ',
      { 270: imageJ('cf=0', 'c0=-32768.0', 'c1=1.5', 'vunit=HU') },
      { slope: 1.5, intercept: -32768, units: 'HU' },
    ],
    [
      'GDAL',
      { 42112: gdal(item('scale', '0.01'), item('offset', '-3'), item('unittype', 'g/cm2')) },
      { slope: 0.01, intercept: -3, units: 'g/cm2' },
    ],
    [
      'GDAL, of which one is left out',
      { 42112: gdal(item('scale', '2e-3')) },
      { slope: 0.002, intercept: 0 },
    ],
    [
      'a range that 16-bit integers cannot have',
      { 340: { doubles: [-1] }, 341: { doubles: [1] } },
      { slope: 2 / 65_535, intercept: -1 },
    ],
  ])('of %s is in the record', async (_, tags, rescale) => {
    const { stated, malformed } = await statedBy({ tags });
    expect(stated).toEqual([{ label: undefined, rescale }]);
    expect(malformed).toEqual([]);
  });

  it('of signed samples begins at the lowest of them', async () => {
    const tags = { 340: { doubles: [0.5] }, 341: { doubles: [2.5] } };
    const [{ rescale } = {}] = (await statedBy({ signed: true, tags })).stated;
    expect(rescale!.slope * -32_768 + rescale!.intercept).toBeCloseTo(0.5, 12);
    expect(rescale!.slope * 32_767 + rescale!.intercept).toBeCloseTo(2.5, 12);
  });

  it('is that of each sample of a pixel', async () => {
    const tags = { 42112: gdal(item('scale', '2', 0), item('description', 'low', 1), item('scale', '3', 1)) };
    expect((await statedBy({ samplesPerPixel: 2, tags })).stated).toEqual([
      { label: undefined, rescale: { slope: 2, intercept: 0 } },
      { label: 'low', rescale: { slope: 3, intercept: 0 } },
    ]);
  });

  it.each<readonly [string, Tags]>([
    ['a range of the samples themselves', { 340: { shorts: [12] }, 341: { shorts: [4000] } }],
    ['another function of ImageJ', { 270: imageJ('cf=21', 'c0=1', 'c1=2') }],
    ['nothing', {}],
  ])('is not made up from %s', async (_, tags) => {
    expect(await statedBy({ tags })).toEqual({ stated: [{}], malformed: [] });
  });

  it.each<readonly [string, Tags, string]>([
    ['a slope of 0', { 42112: gdal(item('scale', '0')) }, 'slope 0, intercept 0'],
    ['a slope that is no number', { 270: imageJ('cf=0', 'c0=0', 'c1=1,5') }, 'slope 1,5, intercept 0'],
    ['a slope out of range', { 270: imageJ('cf=0', 'c0=0', 'c1=1e999') }, 'slope 1e999, intercept 0'],
  ])('is left out with a warning that names %s', async (_, tags, value) => {
    const { stated, malformed } = await statedBy({ tags });
    expect(stated).toEqual([{}]);
    expect(malformed).toMatchObject([{ value }]);
  });

  it('is left out with a warning where the XML of GDAL is none', async () => {
    const { stated, malformed } = await statedBy({ tags: { 42112: '<GDALMetadata><Item' } });
    expect(stated).toEqual([{}]);
    expect(malformed).toMatchObject([{ field: 'GDAL_METADATA' }]);
  });

  it('changes no sample', async () => {
    const plain = await recordOf({ name: 'a.tif', bytes: tiffFile() });
    const scaled = await recordOf({
      name: 'a.tif',
      bytes: tiffFile({ tags: { 42112: gdal(item('scale', '7')) } }),
    });
    const hashOf = ({ views }: NiiScan) => views[0]?.channels[0]?.sha256;
    expect(hashOf(scaled)).toBe(hashOf(plain));
    expect(hashOf(plain)).toBe(sha256(new Uint8Array(Uint16Array.of(1000, 1001, 1002, 1003).buffer)));
  });
});

describe('the label of a channel', () => {
  it.each<readonly [string, Tags, string | undefined]>([
    ['the name of the page', { 285: 'Lane 3, high', 270: 'something else' }, 'Lane 3, high'],
    ['one line of description', { 270: ' high energy, filtered ' }, 'high energy, filtered'],
    ['no JSON', { 270: '{"shape": [2, 2]}' }, undefined],
    ['no list of settings', { 270: 'kV=160\nmA=2' }, undefined],
    ['no text longer than a label', { 270: 'x'.repeat(257) }, undefined],
  ])('is %s', async (_, tags, label) => {
    expect((await statedBy({ tags })).stated).toEqual([{ label, rescale: undefined }]);
  });
});

describe('a sidecar', () => {
  const sidecar = (channel: object): NamedBytes => ({
    name: 'a.json',
    bytes: Buffer.from(
      JSON.stringify({ niiSidecar: '1.1', channels: [{ id: 'c', kind: 'transmission', ...channel }] }),
    ),
  });
  const picture = {
    name: 'a.tif',
    bytes: tiffFile({ tags: { 42112: gdal(item('scale', '7')), 285: 'page' } }),
  };

  it('states label and scale, and stands above what the file says', async () => {
    const stated = { label: 'density', rescale: { slope: 2, intercept: 1, units: 'g/cm2' } };
    expect((await recordOf(picture, sidecar(stated))).views[0]?.channels).toMatchObject([stated]);
    const kept = { label: 'page', rescale: { slope: 7, intercept: 0 } };
    expect((await recordOf(picture, sidecar({}))).views[0]?.channels).toMatchObject([kept]);
  });

  it('whose slope is 0 is rejected', async () => {
    const files = [picture, sidecar({ rescale: { slope: 0, intercept: 1 } })];
    const outcome = await outcomeOf({ all: installed, folder, limits: defaultLimits }, files);
    expect(outcome).toMatchObject({ kind: 'rejected', code: 'NII_MALFORMED' });
  });

  it('gives no scale to a picture that was drawn for people', async () => {
    const [channel] = (await recordOf(picture, sidecar({ kind: 'display' }))).views[0]!.channels;
    expect(channel?.rescale).toBeUndefined();
  });
});

describe('the rescale of a DICOM file', () => {
  const rescale = (slope: string, intercept: string, type: string): DataSet => [
    text('00281052', 'DS', intercept),
    text('00281053', 'DS', slope),
    text('00281054', 'LO', type),
  ];
  const scanOf = (more: DataSet, frames = 1) =>
    recordOf({ name: 'a.dcm', bytes: imageFile({ study: '1.2.3', instance: '1.2.3.4', frames, more }) });
  const channelOf = async (more: DataSet, frames = 1) => (await scanOf(more, frames)).views[0]!.channels[0]!;
  const group = (slope: string, intercept = '-1024') => [
    sequence('00289145', rescale(slope, intercept, 'HU')),
  ];
  const shared = (slope: string) => sequence('52009229', group(slope));
  const perFrame = (...groups: readonly DataSet[]) => sequence('52009230', ...groups);

  it('is in the record with its type as units', async () => {
    expect((await channelOf(rescale('2', '-1024', 'HU'))).rescale).toEqual({
      slope: 2,
      intercept: -1024,
      units: 'HU',
    });
    expect((await channelOf(rescale('0.5', '3', 'US'))).rescale).toEqual({ slope: 0.5, intercept: 3 });
  });

  it('is not where it says nothing: 1 and 0 in no unit', async () => {
    expect((await channelOf(rescale('1', '0', 'US'))).rescale).toBeUndefined();
    expect((await channelOf([])).rescale).toBeUndefined();
  });

  it.each<readonly [string, DataSet]>([
    ['all frames share', [shared('2')]],
    ['every frame repeats', [perFrame(group('2'), group('2'))]],
    ['one frame repeats and the others share', [shared('2'), perFrame(group('2'), [])]],
    ['one group repeats and a frame without group shares', [shared('2'), perFrame(group('2'))]],
    ['stands at the top too, where the groups say another', [...rescale('2', '-1024', 'HU'), shared('7')]],
  ])('is read from functional groups: the one that %s', async (_, groups) => {
    const { views, warnings } = await scanOf(groups, 2);
    expect(views[0]!.channels[0]!.rescale).toEqual({ slope: 2, intercept: -1024, units: 'HU' });
    expect(warnings.map(({ code }) => code)).not.toContain('NII_W_RESCALE_PER_FRAME');
  });

  it.each<readonly [string, DataSet]>([
    ['differ by slope', [perFrame(group('2'), group('3'))]],
    ['differ by intercept', [perFrame(group('2'), group('2', '0'))]],
    ['have one for the first frame alone', [perFrame(group('2'), [])]],
    ['end before the last frame', [perFrame(group('2'))]],
    ['differ from the shared one', [shared('3'), perFrame(group('2'), [])]],
  ])('is not made of scales of frames that %s: a warning names the file', async (_, groups) => {
    const { views, warnings } = await scanOf(groups, 2);
    expect(views[0]!.channels[0]!.rescale).toBeUndefined();
    expect(warnings).toContainEqual(
      expect.objectContaining({ code: 'NII_W_RESCALE_PER_FRAME', field: 'a.dcm', value: '2 scales' }),
    );
  });

  it('of slope 0 in functional groups is malformed, as at the top', async () => {
    const { views, warnings } = await scanOf([shared('0')], 2);
    expect(views[0]!.channels[0]!.rescale).toBeUndefined();
    expect(warnings.map(({ code }) => code)).toContain('NII_W_FIELD_MALFORMED');
  });
});
