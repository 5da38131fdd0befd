import Type, { type Static } from 'typebox';

/** Where in the image a verdict sees something. */

const closed = { additionalProperties: false } as const;
const Sample = Type.Integer({ minimum: 0, maximum: 4_294_967_295 });
const Length = Type.Integer({ minimum: 1, maximum: 4_294_967_295 });
const place = {
  view: Type.String({ minLength: 1, maxLength: 64, description: 'Id of the view' }),
  channel: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'That alone shows it; all of the view unless given',
    }),
  ),
};

const BoxRegion = Type.Object(
  { ...place, x: Sample, y: Sample, width: Length, height: Length },
  { ...closed, description: 'x counts columns and y rows of the stored samples, from 0' },
);

const Corner = Type.Object({ x: Sample, y: Sample }, closed);
const PolygonRegion = Type.Object(
  { ...place, points: Type.Array(Corner, { minItems: 3, maxItems: 64 }) },
  { ...closed, description: 'Corners at the edges of stored samples: 0 is before the first one' },
);

export const Region = Type.Union([BoxRegion, PolygonRegion]);
export type Region = Static<typeof Region>;

export const Regions = Type.Array(Region, {
  maxItems: 32,
  description: 'In stored samples of the revision that was claimed',
});
