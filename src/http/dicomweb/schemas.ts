import Type, { type TSchema } from 'typebox';
import { purposes } from '../../core/scan/circumstances.ts';

/** What DICOMweb requests and answers carry. */

const Uid = Type.String({ pattern: '^[0-9.]{1,64}$' });

export const StudyParams = Type.Object({ study: Uid });
export const SeriesParams = Type.Object({ study: Uid, series: Uid });
export const InstanceParams = Type.Object({ study: Uid, series: Uid, instance: Uid });
export const FramesParams = Type.Object({
  study: Uid,
  series: Uid,
  instance: Uid,
  frames: Type.String({
    pattern: '^[1-9][0-9]{0,8}(,[1-9][0-9]{0,8}){0,4095}$',
    description: 'Numbers from 1, separated by commas',
  }),
});
export const BulkParams = Type.Object({
  study: Uid,
  series: Uid,
  instance: Uid,
  tag: Type.String({ pattern: '^[0-9A-Fa-f]{8}$' }),
});

const open = { additionalProperties: Type.Unknown() } as const;

export const SearchQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.Unknown({ description: 'Results in one response, at most 1000. Default: 100' }),
    ),
    offset: Type.Optional(Type.Unknown({ description: 'Number of results to skip' })),
    includefield: Type.Optional(
      Type.Unknown({ description: 'Attributes to add, by keyword or tag, separated by commas; or all' }),
    ),
    fuzzymatching: Type.Optional(Type.Unknown({ description: 'Not supported; the response has a Warning' })),
  },
  { ...open, description: 'Any attribute, by keyword or tag, is a search key' },
);

export const AcceptQuery = Type.Object({
  accept: Type.Optional(Type.String({ maxLength: 1024, description: 'Instead of the Accept header' })),
});

export const PictureQuery = Type.Object({
  accept: Type.Optional(Type.String({ maxLength: 1024, description: 'image/jpeg or image/png' })),
  window: Type.Optional(
    Type.String({ maxLength: 128, description: 'center,width,function: linear, linear-exact or sigmoid' }),
  ),
  viewport: Type.Optional(
    Type.String({
      maxLength: 128,
      description: 'width,height and, for a part only, its x,y,width,height',
    }),
  ),
  quality: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'For JPEG. Default: 90' })),
});

export const StoreQuery = Type.Object(
  {
    site: Type.Optional(
      Type.String({ maxLength: 63, description: "Must be the key's own unless it is for any" }),
    ),
    scanner: Type.Optional(Type.String({ maxLength: 128 })),
    lane: Type.Optional(Type.String({ maxLength: 128 })),
    purpose: Type.Optional(Type.Enum(purposes)),
  },
  { additionalProperties: false },
);

/** A data set in the DICOM JSON model, keyed by tag. */
const DataSetJson = Type.Record(Type.String({ pattern: '^[0-9A-F]{8}$' }), Type.Unknown());

interface Answer {
  readonly description: string;
  readonly content: Record<string, { readonly schema: TSchema }>;
}

export function dicomJson(description: string): Answer {
  return { description, content: { 'application/dicom+json': { schema: DataSetJson } } };
}

export function dicomJsonList(description: string): Answer {
  return { description, content: { 'application/dicom+json': { schema: Type.Array(DataSetJson) } } };
}

const Bytes = Type.String({ format: 'binary' });

export function bytesOf(description: string, ...types: readonly string[]): Answer {
  return { description, content: Object.fromEntries(types.map((type) => [type, { schema: Bytes }])) };
}
