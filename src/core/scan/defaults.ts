import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;

/** What a converter's manifest says of every scan of its format that does not say it itself. */
export const ConverterDefaults = Type.Object(
  {
    assumedHeightMm: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description: 'Field of view across the detector, used to estimate an unknown pitch',
      }),
    ),
    nominalEnergyMev: Type.Optional(Type.Object({ high: Type.Number(), low: Type.Number() }, closed)),
  },
  closed,
);
export type ConverterDefaults = Static<typeof ConverterDefaults>;
