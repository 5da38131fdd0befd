import Type, { type TProperties } from 'typebox';
import { maskedClasses } from '../../core/disclosure/field-class.ts';
import { LEVELS_CEILING } from '../../core/samples/reduce.ts';
import { purposes, Visit } from '../../core/scan/circumstances.ts';
import { Milestone } from '../../core/scan/scan-states.ts';
import { exportFormats, syntaxNames } from '../../queries/export.ts';

/** What requests carry; each is checked before a handler sees it. */
export const closed = { additionalProperties: false } as const;

export const DEFAULT_PAGE = 50;

/** Bytes that no schema checks. */
export const BinaryBody = Type.String({ format: 'binary' });

/** The media types of a body that is read as a stream, for the description. */
export function binaryContent(...types: readonly string[]) {
  return Object.fromEntries(types.map((type) => [type, { schema: BinaryBody }]));
}

const ScanId = Type.String({ minLength: 1, maxLength: 64, description: 'Opaque, permanent' });
const RevisionNumber = Type.String({
  pattern: '^(latest|[1-9][0-9]{0,8})$',
  description: 'A number from 1, or latest',
});
const Part = Type.String({ minLength: 1, maxLength: 64 });

export const ScanParams = Type.Object({ scanId: ScanId });
export const RevisionParams = Type.Object({ scanId: ScanId, n: RevisionNumber });
export const ChannelParams = Type.Object({ scanId: ScanId, n: RevisionNumber, view: Part, channel: Part });
export const ReportParams = Type.Object({
  scanId: ScanId,
  n: RevisionNumber,
  name: Type.String({ pattern: '^[A-Za-z0-9._-]{1,255}$' }),
});
export const OriginalParams = Type.Object({
  scanId: ScanId,
  n: RevisionNumber,
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
});
export const CaseParams = Type.Object({ caseId: Type.String({ minLength: 1, maxLength: 64 }) });
export const DeclarationParams = Type.Object({ ref: Type.String({ minLength: 1, maxLength: 128 }) });

const paging = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 200, description: `Rows of a page. Default: ${DEFAULT_PAGE}` }),
  ),
  cursor: Type.Optional(Type.String({ maxLength: 512, description: '`next` of the previous page' })),
};

/** Query of a list: its filters, and the page. */
export function pageQuery<Properties extends TProperties>(filters: Properties) {
  return Type.Object({ ...filters, ...paging }, closed);
}

export const UploadQuery = Type.Object(
  {
    name: Type.Optional(
      Type.String({ minLength: 1, maxLength: 255, description: 'File name of a single body' }),
    ),
    sha256: Type.Optional(
      Type.String({ pattern: '^[0-9a-fA-F]{64}$', description: 'SHA-256 of a single body; checked' }),
    ),
    site: Type.Optional(Type.String({ maxLength: 63 })),
    scanner: Type.Optional(Type.String({ maxLength: 128 })),
    lane: Type.Optional(Type.String({ maxLength: 128 })),
    visit: Type.Optional(Visit),
    purpose: Type.Optional(Type.Enum(purposes)),
    wait: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 60,
        description: 'Seconds to delay the response until the scans are converted',
      }),
    ),
    until: Type.Optional(Milestone),
  },
  closed,
);

export const ChangeQuery = pageQuery({
  wait: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 30,
      description: 'Seconds to wait for a change if there is none',
    }),
  ),
});

export const AgainQuery = Type.Object(
  {
    dryRun: Type.Optional(Type.Boolean({ description: 'Return the changes without making them' })),
  },
  closed,
);

export const RecordQuery = Type.Object(
  {
    without: Type.Optional(
      Type.Array(Type.Enum(maskedClasses), {
        minItems: 1,
        maxItems: 2,
        uniqueItems: true,
        description: 'Omit fields of these classes; docs/reference/record.md lists the class of each field',
      }),
    ),
  },
  closed,
);

const ModelName = Type.Optional(Type.String({ pattern: '^[a-z0-9-]+@[0-9.]+$', description: 'id@version' }));

export const PreviewQuery = Type.Object(
  {
    of: Type.Optional(
      Type.Enum(['scan', 'material'], {
        description: 'material: in material colours, if the scan has material data. Default: scan',
      }),
    ),
  },
  closed,
);

const Stretch = Type.String({ pattern: '^[0-9]{1,7}-[0-9]{1,7}$' });

export const SamplesQuery = Type.Object(
  {
    level: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: LEVELS_CEILING,
        description:
          'One sample for each 2^level x 2^level samples: their rounded mean, or the most frequent class. Default: 0',
      }),
    ),
    rows: Type.Optional({
      ...Stretch,
      description: 'At this level: from-to, end exclusive. Default: all',
    }),
    columns: Type.Optional({ ...Stretch, description: 'The same for columns' }),
    as: Type.Optional(
      Type.Enum(['samples', 'differences'], {
        description: 'differences: small numbers that compress well. Default: samples',
      }),
    ),
  },
  closed,
);

export const MapQuery = Type.Object(
  {
    model: ModelName,
    as: Type.Optional(
      Type.Enum(['stored', 'overlay'], {
        description:
          'overlay: upright and as large as the preview, in colours, transparent where the map is empty, with the boxes of the findings. Default: stored',
      }),
    ),
  },
  closed,
);

export const MapLegendQuery = Type.Object({ model: ModelName }, closed);

export const ExportQuery = Type.Object(
  {
    format: Type.Enum([...exportFormats]),
    syntax: Type.Optional(
      Type.Enum([...syntaxNames], { description: 'For DICOM formats. Default: lossless JPEG' }),
    ),
    section: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65_535,
        description: 'For a channel with several DICOM instances',
      }),
    ),
  },
  closed,
);

/** Of a request that changes something. */
export const CommandHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'The same key with the same request returns the first response',
    }),
  ),
  'if-match': Type.Optional(
    Type.String({
      pattern: '^(\\*|"[0-9a-f]{1,12}")$',
      description: 'ETag of the version that the sender read',
    }),
  ),
});

export const SiteParams = Type.Object({
  site: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$', description: 'As in keys and scans' }),
});
