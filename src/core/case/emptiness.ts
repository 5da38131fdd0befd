import Type, { type Static } from 'typebox';
import { Box } from './box.ts';

/** What the picture says of a hold, without any model. */
const looks = ['empty', 'loaded', 'not-certain'] as const;

/** Why the check is not certain. */
export const doubts = [
  'no-channel',
  'no-hold',
  'dense-walls',
  'noise',
  'dense-end',
  'little',
  'not-measured',
] as const;
export type Doubt = (typeof doubts)[number];

export const UnitEmptiness = Type.Object(
  {
    unitId: Type.String(),
    looks: Type.Enum([...looks]),
    doubt: Type.Optional(
      Type.Enum([...doubts], {
        description:
          'Why it is not certain: no-channel, nothing measures transmission and there is no picture; no-hold, no roof and floor were found; dense-walls, all of the box absorbs more than two thin walls; noise; dense-end, one end is dense from floor to roof, as a cooling unit is, or goods; little, something is there that an empty box may have, too; not-measured, half of the hold or more',
      }),
    ),
    walls: Type.Optional(
      Type.Number({
        description: 'Absorption of the walls together, as -ln of the transmission; absent for a picture',
      }),
    ),
    largest: Type.Optional(
      Type.Object(
        {
          box: Box,
          areaMm2: Type.Number({ minimum: 0 }),
          excess: Type.Number({
            minimum: 0,
            description:
              '-ln of the transmission above that of the box itself, times the area in m2; 0.01 is about 2.5 kg of most goods at 6 to 9 MeV. In a picture an estimate from its greys',
          }),
        },
        {
          additionalProperties: false,
          description: 'The largest connected part that absorbs more than the box',
        },
      ),
    ),
  },
  { additionalProperties: false },
);
export type UnitEmptiness = Static<typeof UnitEmptiness>;

/** Whether the hold of each object of inspection looks empty. */
export const Emptiness = Type.Object(
  {
    method: Type.String({ description: 'Name and version of the check' }),
    basis: Type.Optional(
      Type.Enum(['transmission', 'picture'], {
        description: 'picture: greys of a display image; absent if there was nothing to check',
      }),
    ),
    view: Type.Optional(Type.String()),
    channel: Type.Optional(Type.String()),
    units: Type.Array(UnitEmptiness),
    milliseconds: Type.Number({ minimum: 0 }),
  },
  {
    additionalProperties: false,
    description: 'Whether each hold looks empty, by absorption alone, without a model',
  },
);
export type Emptiness = Static<typeof Emptiness>;
