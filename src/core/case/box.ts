import Type, { type Static } from 'typebox';

const Coordinate = Type.Integer({ minimum: 0 });

export const Box = Type.Object(
  {
    view: Type.String(),
    rowFrom: Coordinate,
    rowTo: Type.Integer({ minimum: 1, description: 'Exclusive' }),
    columnFrom: Coordinate,
    columnTo: Type.Integer({ minimum: 1, description: 'Exclusive' }),
  },
  { additionalProperties: false, description: 'In stored samples of the view' },
);
export type Box = Static<typeof Box>;
