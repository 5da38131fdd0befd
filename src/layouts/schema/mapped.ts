import Type, { type Static } from 'typebox';
import { packings } from '../../codec/unpack12.ts';
import { numberSources, OperationKind, SampleFormat, View } from '../../core/scan/scan.ts';
import { LayoutChannel } from './channel.ts';
import { Block, BlockName, Chunks, Endian, FieldName, FileRole, MappedAmount, MappedField } from './field.ts';

const closed = { additionalProperties: false } as const;
const Id = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' });

/** A text: a constant, or the value of a field. */
const Words = Type.Union([
  Type.String({ minLength: 1, maxLength: 1024 }),
  Type.Object({ field: FieldName }, closed),
]);
export type Words = Static<typeof Words>;

const Figure = Type.Union([Type.Number(), Type.Object({ field: FieldName }, closed)]);
export type Figure = Static<typeof Figure>;

/** Where the samples of channels lie. Paddings and headers count bytes. */
const samples = {
  file: Type.Optional(FileRole),
  in: Type.Optional(BlockName),
  at: Type.Optional(MappedAmount),
  rows: Type.Optional(MappedAmount),
  columns: Type.Optional(MappedAmount),
  bits: Type.Optional(
    Type.Union([MappedAmount], { description: '8, 16, 32 or 64; 12: packed, as `packing` says' }),
  ),
  bitsStored: Type.Optional(MappedAmount),
  sampleFormat: Type.Optional(SampleFormat),
  endian: Type.Optional(Endian),
  packing: Type.Optional(Type.Enum(packings, { description: 'Of 12-bit samples in 3 bytes' })),
  order: Type.Optional(
    Type.Enum(['planar', 'interleaved', 'by-line', 'side-by-side'], {
      description:
        'Channels one after the other; sample by sample; line by line; or as panels of one line (columns counts one panel)',
    }),
  ),
  lines: Type.Optional(
    Type.Enum(['rows', 'columns'], {
      description: 'Order of the lines in the file. Default: rows',
    }),
  ),
  pixelBytes: Type.Optional(MappedAmount),
  lineHeader: Type.Optional(MappedAmount),
  linePadding: Type.Optional(MappedAmount),
  planeHeader: Type.Optional(MappedAmount),
  planePadding: Type.Optional(MappedAmount),
};
export const Samples = Type.Object(samples, closed);
export type Samples = Static<typeof Samples>;

const Pitch = Type.Object({ rowMm: Figure, columnMm: Figure }, closed);

const MappedChannel = Type.Object(
  {
    ...LayoutChannel.properties,
    openBeam: Type.Optional(Figure),
    invalidValue: Type.Optional(Figure),
    nominalEnergyMev: Type.Optional(Figure),
    pitch: Type.Optional(Pitch),
    samples: Type.Optional(
      Type.Object(samples, {
        ...closed,
        description:
          'Samples of this channel alone, where they lie apart from those of the view; what it leaves out is as in the view',
      }),
    ),
    picture: Type.Optional(
      Type.Object(
        {
          file: Type.Optional(FileRole),
          in: Type.Optional(BlockName),
          page: Type.Optional(
            Type.Integer({ minimum: 0, maximum: 1023, description: '0, the first, unless given' }),
          ),
        },
        { ...closed, description: 'A JPEG, PNG or TIFF picture' },
      ),
    ),
    optional: Type.Optional(Type.Boolean({ description: 'It may be absent without a warning' })),
  },
  closed,
);
export type MappedChannel = Static<typeof MappedChannel>;

const MappedView = Type.Object(
  {
    id: Id,
    name: Type.Optional(Words),
    display: Type.Optional(View.properties.display),
    samples: Type.Optional(Samples),
    pitch: Type.Optional(Pitch),
    copies: Type.Optional(
      Type.Object(
        { count: MappedAmount, stride: MappedAmount },
        {
          ...closed,
          description: 'The same `count` times, each at this distance in bytes: views id, id-2, …',
        },
      ),
    ),
    each: Type.Optional(
      Type.Union([FileRole], {
        description: 'One view for each file of this role, in order of name: id, id-2, …',
      }),
    ),
    channels: Type.Array(MappedChannel, { minItems: 1, maxItems: 16 }),
  },
  closed,
);
export type MappedView = Static<typeof MappedView>;

const Zone = Type.String({
  pattern: '^(Z|[+-][0-9]{2}:[0-9]{2})$',
  description: 'Where the files state none',
});

/** A point in time: a field, with the pattern in which it is written where that is not ISO 8601; or its parts. */
const Moment = Type.Union([
  Type.Object(
    {
      field: FieldName,
      pattern: Type.Optional(
        Type.String({
          maxLength: 64,
          description:
            'YYYY YY MM DD hh mm ss fff and what stands between; or unix-seconds, unix-milliseconds',
        }),
      ),
      zone: Type.Optional(Zone),
    },
    closed,
  ),
  Type.Object(
    {
      parts: Type.Object(
        {
          year: FieldName,
          month: FieldName,
          day: FieldName,
          hour: FieldName,
          minute: FieldName,
          second: Type.Optional(FieldName),
        },
        closed,
      ),
      zone: Type.Optional(Zone),
    },
    closed,
  ),
]);
export type Moment = Static<typeof Moment>;

const Step = Type.Object(
  {
    when: Type.Optional(
      Type.Object(
        { field: FieldName, atLeast: Type.Optional(Type.Number()) },
        { ...closed, description: 'Only where the field is there, and as large' },
      ),
    ),
    kind: OperationKind,
    type: Type.Optional(Words),
    start: Type.Optional(Moment),
    end: Type.Optional(Moment),
    operator: Type.Optional(Words),
    workstation: Type.Optional(Words),
    system: Type.Optional(Words),
    site: Type.Optional(Words),
    verdict: Type.Optional(Words),
    marks: Type.Optional(Figure),
  },
  closed,
);
export type Step = Static<typeof Step>;

const NumberSource = Type.Enum(numberSources);
const Fields = Type.Array(FieldName, { minItems: 1, maxItems: 16 });

/** What of the record the fields fill. */
const MappedRecord = Type.Object(
  {
    manufacturer: Type.Optional(Words),
    model: Type.Optional(Words),
    serial: Type.Optional(Words),
    software: Type.Optional(Words),
    scannerId: Type.Optional(Words),
    site: Type.Optional(Words),
    lane: Type.Optional(Words),
    visit: Type.Optional(Words),
    acquired: Type.Optional(Moment),
    purpose: Type.Optional(Words),
    containers: Type.Optional(
      Type.Array(Type.Object({ field: FieldName, source: NumberSource }, closed), {
        maxItems: 16,
        description: 'Each number is a unit of its own; a field may hold several',
      }),
    ),
    unitKind: Type.Optional(Words),
    plates: Type.Optional(Fields),
    declarations: Type.Optional(Fields),
    seals: Type.Optional(Fields),
    description: Type.Optional(Fields),
    history: Type.Optional(Type.Array(Step, { maxItems: 32 })),
  },
  closed,
);
export type MappedRecord = Static<typeof MappedRecord>;

/** Files of any layout: fields, blocks, samples and pictures, and what of the record they fill. */
export const MappedLayout = Type.Object(
  {
    kind: Type.Literal('mapped'),
    blocks: Type.Optional(Type.Record(BlockName, Block)),
    chunks: Type.Optional(Chunks),
    fields: Type.Optional(Type.Record(FieldName, MappedField)),
    views: Type.Optional(Type.Array(MappedView, { maxItems: 16 })),
    record: Type.Optional(MappedRecord),
    names: Type.Optional(
      Type.Object(
        { file: FileRole, xml: Type.String({ minLength: 1, maxLength: 256 }) },
        {
          ...closed,
          description: 'Place in an index file that names the files of its scan: missing files are reported',
        },
      ),
    ),
  },
  closed,
);
export type MappedLayout = Static<typeof MappedLayout>;
