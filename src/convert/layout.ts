import { NiiError } from '../core/errors.ts';
import type { Json } from '../core/scan.ts';
import { gather, type Strides } from './gather.ts';
import type { Amount, Layout, LayoutChannel, NpyLayout, RawLayout } from './layout-schema.ts';
import type { Converted, ConvertedChannel, ConverterFile, InspectionUnit, Read, Sdk } from './sdk.ts';
import { type NumpySidecar, parseSidecar } from './sidecar.ts';
import { headNumber } from './sniff.ts';

const CHANNELS_CEILING = 64;
const VIEW = 'main';
const upright = { flipRows: false, rotate: 0, flipColumns: false } as const;

/** The reader that a declarative layout stands for. */
export function layoutReader(layout: Layout, format: string): Read {
  return (files, sdk) =>
    layout.kind === 'npy' ? readNpy(layout, format, files, sdk) : readRaw(layout, format, files, sdk);
}

/* ---- NumPy arrays ---------------------------------------------------------------------------------------- */

interface Shape {
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
}

function readNpy(layout: NpyLayout, format: string, files: readonly ConverterFile[], sdk: Sdk): Converted {
  const file = onlyImage(files, sdk);
  const npy = sdk.npy(file);
  const shape = shapeOf(npy.shape, sdk);
  sdk.pixels(shape.rows, shape.columns);
  const { sidecar, vendor, unused } = sidecarOf(files, sdk);
  const channels = npyChannels(shape, sidecar, sdk);
  const strides = (channel: number) => npyStrides(npy, shape, channel);
  const described = channels.map((channel) => ({
    ...channel,
    ...samplesOf(npy.type.kind, npy.type.bytes),
    ...pitchOf(layout, sidecar),
  }));
  if (described.some(({ pitch }) => pitch === undefined)) sdk.warn('NII_W_PITCH_UNKNOWN');
  return {
    source: sourceOf(layout, format, sidecar),
    acquired: acquiredOf(sidecar, sdk),
    ...(sidecar?.purpose === undefined ? {} : { purpose: sidecar.purpose }),
    units: unitsOf(sidecar, sdk),
    views: [
      {
        id: VIEW,
        display: layout.display ?? upright,
        channels: described.map((channel) => ({ ...channel, rows: shape.rows, columns: shape.columns })),
      },
    ],
    planes: new Map(channels.map(({ id }, i) => [sdk.planeKey(VIEW, id), gather(npy.data, strides(i))])),
    attachments: unused.map(({ name }) => ({ name, kind: 'metadata', mediaType: 'application/json' })),
    vendor: {
      ...vendor,
      [file.name]: { descr: npy.descr, fortranOrder: npy.fortranOrder, shape: npy.shape },
    },
  };
}

function onlyImage(files: readonly ConverterFile[], sdk: Sdk): ConverterFile {
  const images = files.filter(({ role }) => role === 'image');
  const [file] = images;
  if (file === undefined) throw sdk.error('NII_TRUNCATED', 'the file with the samples has not come');
  if (images.length > 1)
    throw sdk.error('NII_MALFORMED', 'more than one file with samples has the same name');
  return file;
}

function shapeOf(shape: readonly number[], sdk: Sdk): Shape {
  const [rows, columns, channels = 1] = shape;
  if (
    rows === undefined ||
    columns === undefined ||
    shape.length > 3 ||
    channels < 1 ||
    channels > CHANNELS_CEILING
  ) {
    throw sdk.error(
      'NII_UNSUPPORTED_VARIANT',
      `an array of shape [${shape.join(', ')}]; [rows, columns] or [rows, columns, channels] with at most ${CHANNELS_CEILING} channels is read`,
    );
  }
  return { rows, columns, channels };
}

function npyStrides(
  npy: ReturnType<Sdk['npy']>,
  { rows, columns, channels }: Shape,
  channel: number,
): Strides {
  const item = npy.type.bytes;
  const bigEndian = npy.type.order === 'big';
  const order = npy.fortranOrder
    ? { row: item, column: rows * item, first: channel * rows * columns * item }
    : { row: columns * channels * item, column: channels * item, first: channel * item };
  return { rows, columns, item, bigEndian, ...order };
}

function samplesOf(
  kind: ReturnType<Sdk['npy']>['type']['kind'],
  bytes: 1 | 2 | 4 | 8,
): Pick<ConvertedChannel, 'bitsAllocated' | 'bitsStored' | 'sampleFormat'> {
  const bits = { 1: 8, 2: 16, 4: 32, 8: 64 } as const;
  const sampleFormat = kind === 'boolean' ? 'unsigned' : kind;
  return { bitsAllocated: bits[bytes], bitsStored: bits[bytes], sampleFormat };
}

function sidecarOf(
  files: readonly ConverterFile[],
  sdk: Sdk,
): {
  readonly sidecar: NumpySidecar | undefined;
  readonly vendor: Readonly<Record<string, Json>>;
  readonly unused: readonly ConverterFile[];
} {
  const read = files
    .filter(({ role }) => role === 'sidecar')
    .map((file) => ({ file, json: sdk.json(file) }))
    .map(({ file, json }) => ({ file, json, sidecar: parseSidecar(json, file.name) }));
  const sidecars = read.filter(({ sidecar }) => sidecar !== undefined);
  if (sidecars.length > 1) throw sdk.error('NII_MALFORMED', 'more than one sidecar for one array');
  const unused = read.filter(({ sidecar }) => sidecar === undefined).map(({ file }) => file);
  for (const { name } of unused) sdk.warn('NII_W_FILE_UNUSED', { field: name });
  return {
    sidecar: sidecars[0]?.sidecar,
    vendor: Object.fromEntries(read.map(({ file, json }) => [file.name, json])),
    unused,
  };
}

type Described = Omit<ConvertedChannel, 'rows' | 'columns' | 'bitsAllocated' | 'bitsStored' | 'sampleFormat'>;
const still = { frames: 1, samplesPerPixel: 1, planar: false } as const;

function npyChannels(shape: Shape, sidecar: NumpySidecar | undefined, sdk: Sdk): readonly Described[] {
  if (sidecar === undefined) return unknownChannels(shape.channels, sdk);
  if (sidecar.channels.length !== shape.channels) {
    throw sdk.error(
      'NII_MALFORMED',
      `the sidecar names ${sidecar.channels.length} channels and the array holds ${shape.channels}`,
    );
  }
  return sidecar.channels.map((channel) => described(channel, sdk));
}

function unknownChannels(count: number, sdk: Sdk): readonly Described[] {
  return Array.from({ length: count }, (_, i) => described({ id: `ch${i}`, kind: 'unknown' }, sdk));
}

function described(channel: LayoutChannel, sdk: Sdk): Described {
  if (channel.kind === 'unknown') sdk.warn('NII_W_CHANNEL_UNKNOWN', { field: channel.id });
  return { ...still, ...channel, polarity: channel.polarity ?? usualPolarity(channel) };
}

function usualPolarity({ kind }: LayoutChannel): ConvertedChannel['polarity'] {
  if (kind === 'transmission') return 'high-is-transparent';
  return kind === 'unknown' || kind === 'backscatter' ? 'unknown' : 'none';
}

function pitchOf(layout: Layout, sidecar?: NumpySidecar): Pick<ConvertedChannel, 'pitch'> {
  if (sidecar?.pixelPitchMm !== undefined) {
    const { row, column } = sidecar.pixelPitchMm;
    return { pitch: { rowMm: row, columnMm: column, source: 'sidecar' } };
  }
  return layout.pitch === undefined ? {} : { pitch: { ...layout.pitch, source: 'configured' } };
}

function sourceOf(layout: Layout, format: string, sidecar?: NumpySidecar): Converted['source'] {
  const manufacturer = sidecar?.manufacturer ?? layout.manufacturer;
  const model = sidecar?.model ?? layout.model;
  return {
    format,
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(model === undefined ? {} : { model }),
    ...(sidecar?.scanner === undefined ? {} : { scannerId: sidecar.scanner }),
    ...(sidecar?.site === undefined ? {} : { site: sidecar.site }),
  };
}

function acquiredOf(sidecar: NumpySidecar | undefined, sdk: Sdk): Converted['acquired'] {
  const acquired = sidecar?.acquired;
  if (acquired === undefined) return { zone: 'unknown' };
  return typeof acquired === 'string' ? sdk.timeText(acquired) : acquired;
}

function unitsOf(sidecar: NumpySidecar | undefined, sdk: Sdk): readonly InspectionUnit[] {
  const numbers = (written: readonly string[]) => sdk.containers(written.join(','), 'manifest', 'containers');
  if (sidecar?.units === undefined) return sdk.units(numbers(sidecar?.containers ?? []));
  return sidecar.units.map(({ container, columns, ...unit }, i) => ({
    id: `unit-${i + 1}`,
    kind: unit.kind ?? (container === undefined ? 'unknown' : 'container'),
    extent: { view: VIEW, axis: 'columns', ...columns },
    containers: container === undefined ? [] : [...numbers([container])],
    plates: unit.plates ?? [],
    declarations: unit.declarations ?? [],
    seals: unit.seals ?? [],
  }));
}

/* ---- A header with fields, then samples ------------------------------------------------------------------- */

function readRaw(layout: RawLayout, format: string, files: readonly ConverterFile[], sdk: Sdk): Converted {
  const file = onlyImage(files, sdk);
  const fields = fieldsOf(layout, file, sdk);
  const rows = amountOf(layout.rows, fields, sdk);
  const columns = amountOf(layout.columns, fields, sdk);
  sdk.pixels(rows, columns);
  const bits = bitsOf(layout, fields, sdk);
  const item = bits / 8;
  const samples = sdk.reader(file).seek(amountOf(layout.dataOffset, fields, sdk));
  const data = samples.take(rows * columns * item * layout.channels.length);
  if (samples.remaining > 0)
    sdk.warn('NII_W_TRAILING_BYTES', { field: file.name, value: String(samples.remaining) });
  if (layout.pitch === undefined) sdk.warn('NII_W_PITCH_UNKNOWN');
  const channels = layout.channels.map(
    (channel): ConvertedChannel => ({
      ...described(channel, sdk),
      rows,
      columns,
      bitsAllocated: bits,
      bitsStored: bits,
      sampleFormat: layout.sampleFormat ?? 'unsigned',
      ...pitchOf(layout),
    }),
  );
  const bigEndian = layout.endian === 'big';
  const strides = (i: number) => ({
    rows,
    columns,
    item,
    bigEndian,
    ...orderOf(layout, rows, columns, item, i),
  });
  return {
    source: sourceOf(layout, format),
    acquired: { zone: 'unknown' },
    units: sdk.units([]),
    views: [{ id: VIEW, display: layout.display ?? upright, channels }],
    planes: new Map(channels.map(({ id }, i) => [sdk.planeKey(VIEW, id), gather(data, strides(i))])),
    vendor: { [file.name]: Object.fromEntries(fields) },
  };
}

type Fields = ReadonlyMap<string, number>;

function fieldsOf(layout: RawLayout, file: ConverterFile, sdk: Sdk): Fields {
  return new Map(
    Object.entries(layout.fields).map(([name, field]) => {
      const value = headNumber(file.bytes, field);
      if (value === undefined) throw sdk.error('NII_TRUNCATED', `the header ends before ${name}`, field.at);
      return [name, value];
    }),
  );
}

function amountOf(amount: Amount, fields: Fields, sdk: Sdk): number {
  if (typeof amount === 'number') return amount;
  const value = fields.get(amount);
  if (value === undefined) throw sdk.error('NII_CONFIG', `the layout has no field ${amount}`);
  return value;
}

function bitsOf(layout: RawLayout, fields: Fields, sdk: Sdk): 8 | 16 | 32 {
  const bits = amountOf(layout.bits, fields, sdk);
  if (bits === 8 || bits === 16 || bits === 32) return bits;
  throw sdk.error('NII_UNSUPPORTED_VARIANT', `samples of ${bits} bits`);
}

function orderOf(
  { order, channels: { length: count } }: RawLayout,
  rows: number,
  columns: number,
  item: number,
  channel: number,
): Pick<Strides, 'first' | 'row' | 'column'> {
  const line = columns * item;
  switch (order) {
    case 'planar':
      return { first: channel * rows * line, row: line, column: item };
    case 'interleaved':
      return { first: channel * item, row: line * count, column: item * count };
    case 'side-by-side':
      return { first: channel * line, row: line * count, column: item };
    default:
      throw new NiiError('NII_CONFIG', `unknown order ${String(order)}`);
  }
}
