import { NiiError } from '../core/errors.ts';
import { gather, type Strides } from './gather.ts';
import { described, onlyImage, pitchOf, sourceOf, upright, VIEW } from './layout-parts.ts';
import type { Amount, RawLayout } from './layout-schema.ts';
import type { Converted, ConvertedChannel, ConverterFile, Sdk } from './sdk.ts';
import { headNumber } from './sniff.ts';

/** Reads a header with fields, then samples, as the layout says. */
export function readRaw(
  layout: RawLayout,
  format: string,
  files: readonly ConverterFile[],
  sdk: Sdk,
): Converted {
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
