import Type, { type Static } from 'typebox';
import { SampleFormat, View } from '../../core/scan/scan.ts';
import { LayoutChannel } from './channel.ts';
import { Endian } from './field.ts';
import { MappedLayout } from './mapped.ts';

/** A TIFF, PNG or JPEG with a JSON sidecar that says what its pages or samples are. */
export const RasterLayout = Type.Object(
  {
    kind: Type.Literal('raster'),
    manufacturer: Type.Optional(Type.String({ maxLength: 256 })),
    model: Type.Optional(Type.String({ maxLength: 256 })),
    pitch: Type.Optional(
      Type.Object(
        { rowMm: Type.Number({ exclusiveMinimum: 0 }), columnMm: Type.Number({ exclusiveMinimum: 0 }) },
        { additionalProperties: false },
      ),
    ),
    eightBits: Type.Optional(
      Type.Literal('display', {
        description:
          'Greys of up to 8 bits that nothing describes are a rendered picture, not measured values',
      }),
    ),
  },
  { additionalProperties: false },
);
export type RasterLayout = Static<typeof RasterLayout>;

const closed = { additionalProperties: false } as const;
/** Numbers in headers. */
export const HeaderNumber = Type.Enum(['u8', 'u16le', 'u16be', 'u32le', 'u32be']);

/** A constant, or the name of a header field. */
const Amount = Type.Union([Type.Integer({ minimum: 0 }), Type.String({ minLength: 1, maxLength: 64 })]);
export type Amount = Static<typeof Amount>;

const Pitch = Type.Object(
  { rowMm: Type.Number({ exclusiveMinimum: 0 }), columnMm: Type.Number({ exclusiveMinimum: 0 }) },
  closed,
);

const common = {
  manufacturer: Type.Optional(Type.String({ maxLength: 256 })),
  model: Type.Optional(Type.String({ maxLength: 256 })),
  display: Type.Optional(View.properties.display),
  pitch: Type.Optional(Pitch),
};

/** NumPy arrays [rows, columns] or [rows, columns, channels] with a sidecar that names the channels. */
const NpyLayout = Type.Object({ kind: Type.Literal('npy'), ...common }, closed);

/** One file: a header with fields, then samples. */
const RawLayout = Type.Object(
  {
    kind: Type.Literal('raw'),
    ...common,
    fields: Type.Record(
      Type.String({ maxLength: 64 }),
      Type.Object({ at: Type.Integer({ minimum: 0 }), type: HeaderNumber }, closed),
    ),
    rows: Amount,
    columns: Amount,
    dataOffset: Amount,
    bits: Type.Union([Type.Enum([8, 16, 32]), Type.String({ minLength: 1, maxLength: 64 })]),
    endian: Endian,
    sampleFormat: Type.Optional(SampleFormat),
    order: Type.Enum(['planar', 'interleaved', 'side-by-side'], {
      description:
        'Channels one after the other; sample by sample; or as panels of one row (columns counts one panel)',
    }),
    channels: Type.Array(LayoutChannel, { minItems: 1, maxItems: 16 }),
  },
  closed,
);

/** A reader without code. */
export const Layout = Type.Union([NpyLayout, RawLayout, MappedLayout, RasterLayout]);
export type Layout = Static<typeof Layout>;
export type NpyLayout = Static<typeof NpyLayout>;
export type RawLayout = Static<typeof RawLayout>;
