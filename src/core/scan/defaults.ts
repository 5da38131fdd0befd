import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;

/** What a converter's manifest says of every scan of its format that does not say it itself. */
export const ConverterDefaults = Type.Object(
  {
    assumedHeightMm: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description:
          'Field of view across the detector, from which inference assumes a pitch where none is known',
      }),
    ),
    nominalEnergyMev: Type.Optional(Type.Object({ high: Type.Number(), low: Type.Number() }, closed)),
  },
  closed,
);
export type ConverterDefaults = Static<typeof ConverterDefaults>;
