import Type, { type Static, type TSchema } from 'typebox';
import { Role } from '../../core/access.ts';
import { DeclarationBody } from '../../core/case/declaration.ts';
import { Analysis, AnomalyPercentile } from '../../core/case/finding.ts';
import { VendorReport } from '../../core/case/vendor-report.ts';
import { ConformanceReport } from '../../core/conformance/conformance.ts';
import { errorTable, isErrorCode } from '../../core/errors.ts';
import { RadiationLink } from '../../core/radiation/hold.ts';
import { HoldState } from '../../core/radiation/hold-states.ts';
import { ModelState } from '../../core/rules/model-choice.ts';
import { Visit } from '../../core/scan/circumstances.ts';
import { channelChangeKinds } from '../../core/scan/difference.ts';
import { Axis, Completeness, InspectionUnit, Purpose, Sha256, Warning } from '../../core/scan/scan.ts';
import { ScanState } from '../../core/scan/scan-states.ts';
import { acceptResults } from '../../core/upload.ts';
import { containmentKinds } from '../../runtime/contain/containment.ts';
import { closed } from './requests.ts';

/** What answers carry. Tests check every answer that they get against these. */

const Time = Type.String({ format: 'date-time' });
const Address = Type.String({ description: 'Path on this service' });
const errorCodes = Object.keys(errorTable).filter(isErrorCode);

const VendorReports = Type.Optional(
  Type.Array(VendorReport, {
    description:
      'Results of vendor algorithms that came with the scan; absent if there are none, and for scanner and lane keys',
  }),
);

export const ErrorCode = Type.Enum([...errorCodes], { description: 'Stable; match this, never the text' });

export const Problem = Type.Object(
  {
    type: Type.String({ description: 'https://nii-hub.org/problems/<code>' }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String(),
    code: ErrorCode,
    instance: Type.String({ description: 'Id of the request, as in the log' }),
    offset: Type.Optional(Type.Integer({ description: 'Byte offset of the failure in the file' })),
    field: Type.Optional(Type.String()),
  },
  {
    $id: 'https://nii-hub.org/schemas/problem-1.0.json',
    ...closed,
    description: 'RFC 9457 problem document',
  },
);

export const KeptProblem = Type.Object(
  {
    code: ErrorCode,
    title: Type.String(),
    detail: Type.String(),
    offset: Type.Optional(Type.Integer()),
    field: Type.Optional(Type.String()),
  },
  { ...closed, description: 'Reason why the revision failed' },
);

export function pageOf<Item extends TSchema>(item: Item) {
  return Type.Object(
    {
      items: Type.Array(item),
      next: Type.Optional(Type.String({ description: 'Cursor; absent on the last page' })),
    },
    closed,
  );
}

export function listOf<Item extends TSchema>(item: Item) {
  return Type.Object({ items: Type.Array(item) }, closed);
}

export const Scan = Type.Object(
  {
    id: Type.String(),
    administration: Type.String(),
    site: Type.String(),
    converter: Type.String(),
    state: ScanState,
    revision: Type.Integer({ minimum: 1, description: 'The newest' }),
    purpose: Purpose,
    receivedAt: Time,
    acquiredAt: Type.Optional(Time),
    completeness: Type.Optional(Completeness),
    containers: Type.Array(Type.String()),
    visit: Type.Optional(Visit),
    href: Address,
  },
  closed,
);
export type Scan = Static<typeof Scan>;

const Original = Type.Object(
  {
    name: Type.String(),
    role: Type.String(),
    bytes: Type.Integer(),
    sha256: Sha256,
    complete: Type.Boolean({ description: 'False if the file is shorter than its own header states' }),
    href: Address,
  },
  closed,
);
export const OriginalList = listOf(Original);

export const StoredFile = Type.Object(
  {
    name: Type.String(),
    kind: Type.String(),
    bytes: Type.Integer(),
    sha256: Sha256,
    contentType: Type.String(),
    producer: Type.String({ description: 'Converter, model or step that created it, with its version' }),
    parentSha256: Type.Optional(Sha256),
    href: Address,
  },
  closed,
);
export type StoredFile = Static<typeof StoredFile>;

export const Revision = Type.Object(
  {
    scanId: Type.String(),
    revision: Type.Integer({ minimum: 1 }),
    state: ScanState,
    contentHash: Sha256,
    receivedAt: Time,
    uploader: Type.String({ description: 'Key id' }),
    meta: Type.Record(Type.String(), Type.String()),
    converter: Type.Object({ id: Type.String(), version: Type.String() }, closed),
    originals: Type.Array(Original),
    problem: Type.Optional(KeptProblem),
    href: Address,
  },
  closed,
);
export type Revision = Static<typeof Revision>;

const Radiation = Type.Object(
  {
    ...RadiationLink.properties,
    hold: Type.Optional(Type.Object({ id: Type.String(), state: HoldState }, closed)),
    href: Address,
  },
  { ...closed, description: 'An occupancy of a radiation portal, and its joined X-ray scan' },
);

export const ScanDetails = Type.Object(
  {
    ...Scan.properties,
    revisions: Type.Array(Revision),
    radiation: Type.Array(Radiation, {
      description: 'Occupancies in this scan, and those that belong or may belong to it',
    }),
  },
  closed,
);

export const RevisionDetails = Type.Object(
  {
    ...Revision.properties,
    completeness: Type.Optional(Completeness),
    warnings: Type.Array(Warning),
    masked: Type.Optional(
      Type.Array(
        Type.Object(
          {
            view: Type.String(),
            axis: Axis,
            from: Type.Integer({ minimum: 0 }),
            to: Type.Integer({ minimum: 1, description: 'Exclusive' }),
            of: Type.Integer({ minimum: 1, description: 'Number of lines of the picture along this axis' }),
          },
          closed,
        ),
        {
          description:
            'Lines of stored samples that show the cab of a truck, which the policy masks now; absent where it masks nothing',
        },
      ),
    ),
    channels: Type.Array(
      Type.Object(
        {
          view: Type.String(),
          channel: Type.String(),
          kind: Type.String(),
          rows: Type.Integer(),
          columns: Type.Integer(),
          bitsStored: Type.Integer(),
          samples: Address,
          dicos: Address,
        },
        closed,
      ),
    ),
    files: Type.Array(StoredFile),
    analyses: Type.Optional(Type.Array(Analysis, { description: 'Omitted for scanner and lane keys' })),
    vendorReports: VendorReports,
  },
  closed,
);

export const AcceptedScans = Type.Object(
  {
    scans: Type.Array(
      Type.Object(
        {
          scanId: Type.String(),
          revision: Type.Integer({ minimum: 1 }),
          state: ScanState,
          result: Type.Enum(acceptResults),
          converter: Type.String(),
          files: Type.Array(
            Type.Object({ name: Type.String(), role: Type.String(), complete: Type.Boolean() }, closed),
          ),
          href: Address,
          revisionHref: Address,
          laneInstructionHref: Address,
          conformanceHref: Address,
          conformance: Type.Optional(ConformanceReport.properties.verdict),
          problem: Type.Optional(KeptProblem),
        },
        closed,
      ),
    ),
  },
  closed,
);

export const Reconverted = Type.Object(
  { scanId: Type.String(), revision: Type.Integer({ minimum: 1 }), href: Address },
  closed,
);

/** The report as JSON, or as a page where the sender asks for HTML. */
export const ConformanceAnswer = {
  description: 'The conformance report',
  content: {
    'application/json': { schema: ConformanceReport },
    'text/html': { schema: Type.String({ description: 'The same as HTML' }) },
  },
};

/** What converting again would change. */
export const ReconversionTrial = Type.Object(
  {
    scanId: Type.String(),
    revision: Type.Integer({ minimum: 1, description: 'The newest, which is the reference' }),
    converter: Type.Object({ id: Type.String(), was: Type.String(), now: Type.String() }, closed),
    same: Type.Boolean(),
    before: Type.String({ description: 'Completeness, or the code of the failure' }),
    after: Type.String(),
    fields: Type.Array(
      Type.Object(
        { path: Type.String(), before: Type.Optional(Type.Unknown()), after: Type.Optional(Type.Unknown()) },
        closed,
      ),
      { description: 'Fields of the record, at most 1000' },
    ),
    omitted: Type.Integer({ minimum: 0, description: 'Number of differing fields that are not listed' }),
    channels: Type.Array(
      Type.Object(
        {
          channel: Type.String(),
          change: Type.Enum(channelChangeKinds),
          fields: Type.Array(
            Type.Object(
              {
                path: Type.String(),
                before: Type.Optional(Type.Unknown()),
                after: Type.Optional(Type.Unknown()),
              },
              closed,
            ),
            { description: 'Differences in its description, by path from the channel' },
          ),
        },
        closed,
      ),
    ),
  },
  closed,
);

export const UnitList = listOf(InspectionUnit);
export const FindingList = Type.Object(
  {
    items: Type.Array(Analysis),
    vendorReports: VendorReports,
  },
  closed,
);

const Pixel = Type.Integer({ minimum: 0 });
const Colour = Type.String({ pattern: '^#[0-9a-f]{6}$' });

export const MapLegend = Type.Object(
  {
    model: Type.String({ description: 'id@version' }),
    view: Type.String(),
    rows: Type.Integer({ minimum: 1, description: 'Size of the preview and of the map on it' }),
    columns: Type.Integer({ minimum: 1 }),
    bands: Type.Array(
      Type.Object(
        {
          from: Type.Integer({ minimum: 0, maximum: 255, description: 'Range of the stored map' }),
          to: Type.Integer({ minimum: 0, maximum: 255, description: 'Inclusive' }),
          colour: Colour,
          opacity: Type.Number({ minimum: 0, maximum: 1 }),
        },
        { additionalProperties: false },
      ),
      { description: 'Lower values are transparent' },
    ),
    boxColour: Colour,
    boxes: Type.Array(
      Type.Object(
        {
          finding: Type.String({ description: 'Id of the finding' }),
          label: Type.String(),
          score: Type.Number(),
          anomalyPercentile: Type.Optional(AnomalyPercentile),
          rowFrom: Pixel,
          rowTo: Pixel,
          columnFrom: Pixel,
          columnTo: Pixel,
        },
        { additionalProperties: false },
      ),
      { description: 'In pixels of the preview; the ends are exclusive' },
    ),
  },
  { additionalProperties: false },
);
export const FileList = listOf(StoredFile);

export const DeclarationAnswer = Type.Object(
  {
    ref: Type.String(),
    administration: Type.String(),
    version: Type.Integer({ minimum: 1 }),
    updatedAt: Time,
    body: DeclarationBody,
  },
  closed,
);

const ofScan = {
  scanId: Type.String(),
  site: Type.String(),
  receivedAt: Time,
  acquiredAt: Type.Optional(Time),
  scanHref: Address,
};
const maybeOfScan = Type.Partial(Type.Object(ofScan));
const Container = Type.String({ description: 'As named in the declaration' });

/** A declaration with the scans of its containers. */
export const DeclarationDetails = Type.Object(
  {
    ...DeclarationAnswer.properties,
    joined: Type.Optional(
      Type.Array(Type.Object({ container: Container, caseId: Type.String(), ...ofScan }, closed), {
        description: 'Scans whose case lists this declaration; not for analysts',
      }),
    ),
    notJoined: Type.Optional(
      Type.Array(
        Type.Object({ container: Container, because: Type.String(), ...maybeOfScan.properties }, closed),
        { description: 'Containers without a scan, and scans that were not joined' },
      ),
    ),
  },
  closed,
);

export const ChangePage = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        {
          cursor: Type.String(),
          at: Time,
          administration: Type.String(),
          site: Type.String(),
          kind: Type.String(),
          subject: Type.String(),
          revision: Type.Optional(Type.Integer()),
        },
        closed,
      ),
    ),
    cursor: Type.String({ description: 'Use this cursor for the next request' }),
    more: Type.Boolean({ description: 'True: more changes are available' }),
  },
  closed,
);

export const AuditPage = pageOf(
  Type.Object(
    {
      seq: Type.String(),
      at: Time,
      actor: Type.Object(
        {
          keyId: Type.String(),
          person: Type.Optional(Type.String({ description: 'Id of the person with this key' })),
          role: Role,
          administration: Type.String(),
          site: Type.String(),
          sender: Type.Optional(Type.String()),
          address: Type.Optional(Type.String({ description: 'Address of the client, or of its proxy' })),
        },
        closed,
      ),
      action: Type.String(),
      subject: Type.String(),
      detail: Type.Record(Type.String(), Type.Unknown()),
    },
    closed,
  ),
);

export const ModelList = listOf(
  Type.Object(
    {
      id: Type.String(),
      version: Type.String(),
      title: Type.String(),
      task: Type.String(),
      sha256: Sha256,
      licence: Type.String(),
      state: ModelState,
      reference: Type.Object(
        { population: Type.String(), count: Type.Integer() },
        { ...closed, description: 'Source of percentiles' },
      ),
    },
    closed,
  ),
);

export const ConverterList = listOf(
  Type.Object(
    { id: Type.String(), version: Type.String(), title: Type.String(), formats: Type.Array(Type.String()) },
    closed,
  ),
);

export const Live = Type.Object({ live: Type.Literal(true), version: Type.String() }, closed);
const Answers = Type.Enum(['ok', 'away']);
export type Answers = Static<typeof Answers>;
const ArchiveHealth = Type.Enum(['ok', 'failing'], {
  description:
    'Whether changes of the database reach its archive; absent without one. The service is ready either way',
});
export type ArchiveHealth = Static<typeof ArchiveHealth>;
export const Ready = Type.Object(
  {
    ready: Type.Boolean(),
    store: Answers,
    database: Answers,
    archive: Type.Optional(ArchiveHealth),
    contained: Type.Enum([...containmentKinds], {
      description:
        'How the processes that read uploaded files are contained; each kind proved it at the start',
    }),
  },
  closed,
);

const NotReadyProblem = Type.Object(
  { ...Problem.properties, store: Answers, database: Answers },
  { ...closed, description: 'Problem document that also names the part that does not respond' },
);

export const NotReady = {
  description: 'The part that does not respond',
  content: { 'application/problem+json': { schema: NotReadyProblem } },
};

const notModified = Type.Null({ description: 'Not modified (If-None-Match)' });

/** A stored document: whole it is as its schema says, a range of it is bytes. */
export function storedJson(schema: TSchema, description: string) {
  const type = 'application/json';
  return { ...storedBytes(type, description), 200: { description, content: { [type]: { schema } } } };
}

/** Answers of an address that serves stored bytes. */
export function storedBytes(mediaType: string | readonly string[], description: string) {
  return {
    200: bytesOf(mediaType, description),
    206: bytesOf(mediaType, 'The bytes of the range that was asked for'),
    304: notModified,
  };
}

/** A body that is not JSON. */
export function bytesOf(mediaType: string | readonly string[], description: string) {
  const schema = Type.String({ format: 'binary' });
  const content = Object.fromEntries([mediaType].flat().map((one) => [one, { schema }]));
  return { description, content };
}
