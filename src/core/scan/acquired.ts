import Type, { type Static } from 'typebox';

/** A time as a file has it: what was written, and the instant where one can be told. */
export const Acquired = Type.Object(
  {
    written: Type.Optional(Type.String({ maxLength: 64, description: 'As the scanner wrote it' })),
    utc: Type.Optional(Type.String({ format: 'date-time', description: 'RFC 3339 in UTC' })),
    zone: Type.Enum(['stated', 'assumed-utc', 'unknown'], {
      description: 'Certainty of the zone; assumed-utc: the file has no zone, and UTC was assumed',
    }),
  },
  { additionalProperties: false },
);
export type Acquired = Static<typeof Acquired>;
