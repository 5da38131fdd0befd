import Type, { type Static } from 'typebox';

/** A TIFF, PNG or JPEG with a JSON sidecar that says what its pages or samples are. */
export const RasterLayout = Type.Object(
  {
    kind: Type.Literal('raster'),
    manufacturer: Type.Optional(Type.String({ maxLength: 256 })),
    model: Type.Optional(Type.String({ maxLength: 256 })),
    pitch: Type.Optional(
      Type.Object(
        { rowMm: Type.Number({ exclusiveMinimum: 0 }), columnMm: Type.Number({ exclusiveMinimum: 0 }) },
        { additionalProperties: false },
      ),
    ),
    eightBits: Type.Optional(
      Type.Literal('display', {
        description:
          'Greys of up to 8 bits that nothing describes are a rendered picture, not measured values',
      }),
    ),
  },
  { additionalProperties: false },
);
export type RasterLayout = Static<typeof RasterLayout>;
