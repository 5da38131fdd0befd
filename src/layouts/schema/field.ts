import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;
export const FieldName = Type.String({ minLength: 1, maxLength: 64 });
export const BlockName = Type.String({ minLength: 1, maxLength: 64 });
export const FileRole = Type.String({ minLength: 1, maxLength: 64 });

/** A whole number: a constant, the value of a field, or one multiplication, division and sum of such. */
const Term = Type.Union([Type.Integer({ minimum: 0 }), FieldName]);
export const MappedAmount = Type.Union([
  Term,
  Type.Object(
    {
      product: Type.Array(Term, { minItems: 1, maxItems: 6 }),
      dividedBy: Type.Optional(Term),
      plus: Type.Optional(Term),
      minus: Type.Optional(Term),
    },
    { ...closed, description: 'Product, divided and rounded up, plus, minus' },
  ),
]);
export type MappedAmount = Static<typeof MappedAmount>;

/** Where bytes are: a file by its role (image unless given), or a block of one. */
const place = { file: Type.Optional(FileRole), in: Type.Optional(BlockName) };

export const Endian = Type.Enum(['little', 'big']);

export const NumberType = Type.Enum([
  'u8',
  'i8',
  'u16le',
  'u16be',
  'i16le',
  'i16be',
  'u32le',
  'u32be',
  'i32le',
  'i32be',
  'u64le',
  'u64be',
  'i64le',
  'i64be',
  'f32le',
  'f32be',
  'f64le',
  'f64be',
]);
export type NumberType = Static<typeof NumberType>;

export const Block = Type.Union([
  Type.Object(
    {
      ...place,
      at: MappedAmount,
      length: Type.Optional(MappedAmount),
      optional: Type.Optional(Type.Boolean()),
    },
    { ...closed, description: 'Bytes from an offset, to the end unless a length is given' },
  ),
  Type.Object(
    {
      ...place,
      after: Type.String({ pattern: '^([0-9a-f]{2})+$', maxLength: 128 }),
      from: Type.Optional(MappedAmount),
      length: Type.Optional(MappedAmount),
      optional: Type.Optional(Type.Boolean()),
    },
    { ...closed, description: 'Bytes after the first occurrence of these bytes' },
  ),
  Type.Object(
    {
      chunk: Type.String({ maxLength: 64, description: 'Tag; a number in decimal' }),
      nth: Type.Optional(Type.Integer({ minimum: 0, description: '0 is the first with this tag' })),
      optional: Type.Optional(Type.Boolean()),
    },
    { ...closed, description: 'Data of one chunk of the container that `chunks` describes' },
  ),
]);
export type Block = Static<typeof Block>;

export const Chunks = Type.Object(
  {
    ...place,
    at: Type.Optional(MappedAmount),
    tag: Type.Union([NumberType, Type.Object({ text: Type.Integer({ minimum: 1, maximum: 64 }) }, closed)], {
      description: 'Type of the tag, or how many characters it has',
    }),
    length: NumberType,
    lengthFirst: Type.Optional(Type.Boolean()),
    lengthCounts: Type.Optional(Type.Enum(['data', 'chunk'], { description: 'Default: only the data' })),
    align: Type.Optional(Type.Enum([1, 2, 4, 8], { description: 'Each chunk begins at a multiple of it' })),
    end: Type.Optional(Type.String({ maxLength: 64, description: 'The chunk with this tag is the last' })),
  },
  { ...closed, description: 'A file that is a sequence of tag, length and data' },
);
export type Chunks = Static<typeof Chunks>;

const Plain = Type.Union([Type.String({ maxLength: 1024 }), Type.Number()]);

/** What is done to a value once it is found, in this order. */
const treatment = {
  decode: Type.Optional(Type.Literal('base64', { description: 'Of text, whatever its encoding' })),
  pattern: Type.Optional(
    Type.String({
      maxLength: 512,
      description: 'Regular expression: its group `value`, or all that it matches; no match is no value',
    }),
  ),
  none: Type.Optional(Type.Array(Plain, { maxItems: 32, description: 'Values that mean: there is none' })),
  only: Type.Optional(
    Type.Array(Plain, {
      minItems: 1,
      maxItems: 64,
      description: 'Any other value is an unsupported variant',
    }),
  ),
  usual: Type.Optional(
    Type.Array(Plain, { minItems: 1, maxItems: 64, description: 'Any other is NII_W_HEADER_CONSTANT' }),
  ),
  map: Type.Optional(Type.Record(Type.String(), Plain, { description: 'Value as written -> value' })),
  otherwise: Type.Optional(Plain),
  scale: Type.Optional(Type.Number({ description: 'Numbers are multiplied by it' })),
  default: Type.Optional(Plain),
  required: Type.Optional(Type.Boolean({ description: 'Required for a scan' })),
  optional: Type.Optional(Type.Boolean({ description: 'A file may end before it' })),
};

/** One value of a file. */
export const MappedField = Type.Union([
  Type.Object({ ...place, at: MappedAmount, type: NumberType, ...treatment }, closed),
  Type.Object(
    {
      ...place,
      at: MappedAmount,
      text: Type.Enum(['ascii', 'latin-1', 'utf-8', 'utf-16le', 'utf-16be']),
      length: MappedAmount,
      ...treatment,
    },
    { ...closed, description: 'Text of this many bytes, up to its first NUL' },
  ),
  Type.Object(
    {
      ...place,
      key: Type.String({ minLength: 1, maxLength: 128 }),
      separator: Type.Optional(
        Type.String({ minLength: 1, maxLength: 8, description: '= or : unless given' }),
      ),
      ...treatment,
    },
    { ...closed, description: 'A text of lines `key = value`' },
  ),
  Type.Object(
    {
      ...place,
      line: Type.Integer({ minimum: 1, maximum: 100_000 }),
      from: Type.Optional(Type.Integer({ minimum: 1, description: 'Column of the first character, from 1' })),
      to: Type.Optional(Type.Integer({ minimum: 1, description: 'Column of the last character' })),
      ...treatment,
    },
    { ...closed, description: 'A text in fixed columns' },
  ),
  Type.Object(
    { ...place, json: Type.String({ maxLength: 256, description: 'JSON pointer' }), ...treatment },
    closed,
  ),
  Type.Object(
    {
      ...place,
      xml: Type.String({
        minLength: 1,
        maxLength: 256,
        description:
          "Path below the root by local names: a/b, //b, b[@name='x'], b[Child='x'], b/@name; the first that is there",
      }),
      all: Type.Optional(Type.Boolean({ description: 'Every one that is there, one a line' })),
      ...treatment,
    },
    closed,
  ),
  Type.Object(
    { file: Type.Optional(FileRole), fileName: Type.Literal(true), ...treatment },
    { ...closed, description: 'The name of the file itself' },
  ),
  Type.Object(
    { first: Type.Array(FieldName, { minItems: 1, maxItems: 16 }), ...treatment },
    { ...closed, description: 'The first of these fields that is there' },
  ),
  Type.Object(
    {
      join: Type.Array(FieldName, { minItems: 1, maxItems: 16 }),
      with: Type.Optional(Type.String({ maxLength: 16 })),
      ...treatment,
    },
    { ...closed, description: 'Values of other fields, joined; missing ones are skipped' },
  ),
]);
export type MappedField = Static<typeof MappedField>;
