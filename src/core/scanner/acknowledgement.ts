import Type, { type Static } from 'typebox';

const Features = Type.Immutable(Type.Array(Type.String()));

/** Why the alarm of a scanner was put out, and by whom. Kept as an object, so that a rebuilt database knows it. */
export const Acknowledgement = Type.Object(
  {
    administration: Type.String(),
    site: Type.String(),
    id: Type.String(),
    at: Type.String({ format: 'date-time' }),
    by: Type.String({ description: 'Key id' }),
    why: Type.String(),
    alarm: Type.Object(
      { since: Type.String(), scanId: Type.String(), appeared: Features, vanished: Features },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
export type Acknowledgement = Static<typeof Acknowledgement>;
