import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { NiiError } from '../../core/errors.ts';
import { Completeness, Sha256 } from '../../core/scan/scan.ts';

const closed = { additionalProperties: false } as const;
const Texts = Type.Array(Type.String());

const ExpectedChannel = Type.Object(
  {
    rows: Type.Integer({ minimum: 1 }),
    columns: Type.Integer({ minimum: 1 }),
    bits: Type.Integer({ minimum: 1, maximum: 64, description: 'Allocated' }),
    kind: Type.String(),
    sha256: Type.Union([Sha256, Type.Null()], {
      description:
        'Of the samples, little-endian, by row, no padding; null where decoders may differ by rounding',
    }),
  },
  closed,
);

/** `expected.json` of a fixture: written by a generator that does not use the reader. */
export const Expected = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    groupKey: Type.String({ description: 'Key by which later files join the scan' }),
    roles: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'File -> role' })),
    incomplete: Type.Optional(Texts),
    refused: Type.Optional(Type.String({ description: 'Code of the rejection; there is no record' })),
    completeness: Type.Optional(Completeness),
    acquired: Type.Optional(Type.String({ description: 'RFC 3339, UTC' })),
    containers: Type.Optional(
      Type.Array(Type.Tuple([Type.String(), Type.String()]), { description: 'Number and state, in order' }),
    ),
    units: Type.Optional(Type.Integer({ minimum: 1, description: 'One for each container unless given' })),
    description: Type.Optional(Type.String()),
    plates: Type.Optional(Texts),
    warnings: Type.Optional(Type.Array(Type.String(), { description: 'Every code, once' })),
    channels: Type.Optional(
      Type.Record(Type.String(), ExpectedChannel, { description: '<view>-<channel> -> its samples' }),
    ),
    record: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'JSON pointer into the record -> the value there',
      }),
    ),
  },
  {
    ...closed,
    $id: 'https://nii-hub.org/schemas/expected-1.0.json',
    title: 'What a fixture of a converter must become',
  },
);
export type Expected = Static<typeof Expected>;
export type ExpectedChannel = Static<typeof ExpectedChannel>;

/** @throws NII_CONFIG naming the first thing that is wrong */
export function parseExpected(value: unknown, where: string): Expected {
  if (Value.Check(Expected, value)) return value;
  const [first] = Value.Errors(Expected, value);
  throw new NiiError('NII_CONFIG', `${where}: ${first?.instancePath || '/'} ${first?.message ?? 'is wrong'}`);
}
