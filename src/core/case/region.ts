import Type, { type Static } from 'typebox';

/** Where in the image a verdict sees something. */

const closed = { additionalProperties: false } as const;
const Sample = Type.Integer({ minimum: 0, maximum: 4_294_967_295 });
const Length = Type.Integer({ minimum: 1, maximum: 4_294_967_295 });
export const place = {
  view: Type.String({ minLength: 1, maxLength: 64, description: 'Id of the view' }),
  channel: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'Only channel that shows it. Default: all channels of the view',
    }),
  ),
};

export const AnnotationText = Type.String({
  minLength: 1,
  maxLength: 500,
  pattern: '^[^\\u0000-\\u001f\\u007f]*$',
  description: 'Text of the reader, without control characters',
});
const said = { text: Type.Optional(AnnotationText) };

const BoxRegion = Type.Object(
  { ...place, ...said, x: Sample, y: Sample, width: Length, height: Length },
  { ...closed, description: 'x counts columns and y rows of the stored samples, from 0' },
);

export const Corner = Type.Object({ x: Sample, y: Sample }, closed);
export const MOST_CORNERS = 64;
const PolygonRegion = Type.Object(
  { ...place, ...said, points: Type.Array(Corner, { minItems: 3, maxItems: MOST_CORNERS }) },
  { ...closed, description: 'Corners at the edges of stored samples: 0 is before the first one' },
);

export const Region = Type.Union([BoxRegion, PolygonRegion]);
export type Region = Static<typeof Region>;

export const MOST_REGIONS = 32;
export const Regions = Type.Array(Region, {
  maxItems: MOST_REGIONS,
  description: 'In stored samples of the revision that was claimed',
});
