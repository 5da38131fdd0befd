import Type, { type Static } from 'typebox';
import { ChannelEnergy, ChannelKind, polarities } from '../../core/scan/channel-kinds.ts';
import { ChannelLabel, ClassLabel, NotMeasured, Rescale } from '../../core/scan/scan.ts';

const closed = { additionalProperties: false } as const;

/** What the values of a channel mean. */
export const LayoutChannel = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }),
    kind: ChannelKind,
    energy: Type.Optional(ChannelEnergy),
    nominalEnergyMev: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 20 })),
    polarity: Type.Optional(Type.Enum(polarities)),
    openBeam: Type.Optional(Type.Number()),
    invalidValue: Type.Optional(Type.Number()),
    notMeasured: Type.Optional(NotMeasured),
    rescale: Type.Optional(Rescale),
    label: Type.Optional(ChannelLabel),
    legend: Type.Optional(Type.Array(ClassLabel, { maxItems: 256 })),
  },
  closed,
);
export type LayoutChannel = Static<typeof LayoutChannel>;
