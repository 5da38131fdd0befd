import Type, { type Static } from 'typebox';
import { ContainerState } from '../check-digits.ts';
import { commercial, personal, personalAndCommercial, technical, wco } from '../disclosure/field-class.ts';
import { RadiationRecord, radiationLimits } from '../radiation/radiation.ts';
import { Code } from '../trade/codes.ts';
import { CONSIGNMENTS_CEILING, Consignment } from '../trade/consignment.ts';
import { Control } from '../trade/control.ts';
import { Seal } from '../trade/seal.ts';
import { ChannelEnergy, ChannelKind, polarities } from './channel-kinds.ts';
import { Acquired, Purpose, Visit } from './circumstances.ts';
import { Completeness } from './completeness.ts';
import { Place } from './place.ts';
import { ScannerFacts } from './scanner-facts.ts';

/**
 * The one in-memory model, and the published record (`scan.json`).
 * Field names are the trade's; the schema is emitted to schemas/scan-1.2.json.
 */
export const SCAN_SCHEMA_VERSION = '1.2';

const Text = Type.String({ maxLength: 4096 });
/** Vendors write numbers of containers and plates into names of files. */
const FileName = Type.String({ minLength: 1, maxLength: 1024, ...personalAndCommercial });
const Id = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,63}$',
  description: 'Lower-case letters, digits and hyphens',
});
export const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Count = Type.Integer({ minimum: 0 });
const Mass = Type.Number({ minimum: 0, description: 'Kilograms' });
/** Of people, and of what may lead to one. */
const PersonalText = Type.String({ maxLength: 4096, ...personal });
/** As somebody wrote it: anything may stand there. */
const FreeText = Type.String({ maxLength: 4096, ...personalAndCommercial });
const Dimension = Type.Integer({ minimum: 1, maximum: 4_294_967_295 });

export { Acquired, ChannelKind, Completeness, Purpose };

export const Source = Type.Object(
  {
    format: Type.String({ description: 'Observed layout, for example nuctech-fs6000' }),
    manufacturer: Type.Optional(Text),
    model: Type.Optional(Text),
    serial: Type.Optional(Text),
    software: Type.Optional(Text),
    scannerId: Type.Optional(Text),
    site: Type.Optional(Text),
    lane: Type.Optional(Text),
    visit: Type.Optional(Visit),
    place: Type.Optional(Place),
    scanner: Type.Optional(ScannerFacts),
  },
  { additionalProperties: false },
);
export type Source = Static<typeof Source>;

/** Who says a number of a container. */
export const numberSources = ['operator', 'ocr', 'manifest', 'declaration', 'scanner', 'unknown'] as const;

export const ContainerNumber = Type.Object(
  {
    value: Type.String({ maxLength: 64, description: 'Normalised: capital letters, no spaces' }),
    written: Type.Optional(Text),
    state: ContainerState,
    source: Type.Enum(numberSources, {
      description: 'Source of the value',
    }),
    confidence: Type.Optional(
      Type.Number({ minimum: 0, maximum: 100, description: 'OCR confidence in percent' }),
    ),
    sizeType: Type.Optional(Code('size-type', wco('TransportEquipment/CharacteristicCode'))),
  },
  { additionalProperties: false, ...commercial, ...wco('TransportEquipment/ID') },
);
export type ContainerNumber = Static<typeof ContainerNumber>;

/** The direction in which something lies along an image. */
export const Axis = Type.Enum(['columns', 'rows']);
export type Axis = Static<typeof Axis>;

export const Extent = Type.Object(
  {
    view: Id,
    axis: Axis,
    from: Count,
    to: Type.Integer({ minimum: 1, description: 'Exclusive' }),
    estimated: Type.Optional(
      Type.Object(
        {
          uncertainty: Type.Integer({ minimum: 0, description: 'Uncertainty of the end position, in lines' }),
        },
        {
          additionalProperties: false,
          description: 'The file does not state it: found by the gap between two containers in the image',
        },
      ),
    ),
  },
  { additionalProperties: false, description: 'Position of the unit, in stored samples' },
);
export type Extent = Static<typeof Extent>;

export const UnitKind = Type.Enum([
  'container',
  'trailer',
  'wagon',
  'tractor',
  'cab',
  'vehicle',
  'bag',
  'parcel',
  'unknown',
]);

export const InspectionUnit = Type.Object(
  {
    id: Id,
    kind: UnitKind,
    extent: Type.Optional(Extent),
    containers: Type.Array(ContainerNumber, { maxItems: 16 }),
    plates: Type.Array(Text, { maxItems: 16, ...personal }),
    plateDetails: Type.Optional(
      Type.Array(
        Type.Object(
          { number: Text, country: Type.Optional(Code('country')) },
          { additionalProperties: false },
        ),
        { maxItems: 16, ...personal, description: 'Details of plates whose country is known' },
      ),
    ),
    declarations: Type.Array(Text, {
      maxItems: 64,
      ...commercial,
      description: 'References as written in the file',
    }),
    seals: Type.Array(Text, { maxItems: 64, ...commercial }),
    sealDetails: Type.Optional(
      Type.Array(Seal, { maxItems: 64, description: 'Details of seals, if more than the number is known' }),
    ),
    tareKg: Type.Optional(Mass),
    verifiedGrossMassKg: Type.Optional(
      Type.Number({ minimum: 0, description: 'SOLAS verified gross mass', ...commercial }),
    ),
    unNumbers: Type.Optional(
      Type.Array(Code('un-number'), { maxItems: 64, description: 'Dangerous goods in it' }),
    ),
    description: Type.Optional(Type.String({ maxLength: 4096, ...personalAndCommercial })),
  },
  { additionalProperties: false },
);
export type InspectionUnit = Static<typeof InspectionUnit>;

/** Where a pixel pitch comes from. */
export const PitchSource = Type.Enum(['file', 'sidecar', 'configured', 'assumed']);

export const SampleFormat = Type.Enum(['unsigned', 'signed', 'float']);
export type SampleFormat = Static<typeof SampleFormat>;

export const PixelPitch = Type.Object(
  {
    rowMm: Type.Number({ exclusiveMinimum: 0, description: 'Between the centres of neighbouring rows' }),
    columnMm: Type.Number({
      exclusiveMinimum: 0,
      description: 'Between the centres of neighbouring columns',
    }),
    source: PitchSource,
  },
  { additionalProperties: false },
);
export type PixelPitch = Static<typeof PixelPitch>;

export const ClassLabel = Type.Object(
  { from: Count, to: Count, label: Text },
  { additionalProperties: false, description: 'Values from..to, both inclusive' },
);

export const Rescale = Type.Object(
  {
    slope: Type.Number({ not: { const: 0 }, description: 'Not 0' }),
    intercept: Type.Number(),
    units: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: 'Unit of the value, as written in the file' }),
    ),
  },
  {
    additionalProperties: false,
    description: 'Scale that the file states: value = slope × sample + intercept. The samples are as stored',
  },
);

export const ChannelLabel = Type.String({
  minLength: 1,
  maxLength: 256,
  description: 'Channel name in the file',
  ...personalAndCommercial,
});

/** Most ranges of lines that one channel names. */
export const LINE_RANGES_CEILING = 4096;

const Lines = Type.Array(
  Type.Object(
    { from: Count, to: Type.Integer({ minimum: 1, description: 'Exclusive' }) },
    { additionalProperties: false },
  ),
  { maxItems: LINE_RANGES_CEILING },
);

export const NotMeasured = Type.Object(
  { rows: Lines, columns: Lines },
  {
    additionalProperties: false,
    description:
      'Rows and columns of stored samples that hold no measurement, in all frames: dead detector elements, lines that were lost',
  },
);
export type NotMeasured = Static<typeof NotMeasured>;

export const Channel = Type.Object(
  {
    id: Id,
    kind: ChannelKind,
    energy: Type.Optional(ChannelEnergy),
    nominalEnergyMev: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 20 })),
    rows: Dimension,
    columns: Dimension,
    frames: Dimension,
    samplesPerPixel: Type.Integer({ minimum: 1, maximum: 4 }),
    planar: Type.Boolean({ description: 'True if the samples of a pixel are stored in separate planes' }),
    bitsAllocated: Type.Enum([1, 8, 16, 32, 64]),
    bitsStored: Type.Integer({ minimum: 1, maximum: 64 }),
    sampleFormat: SampleFormat,
    polarity: Type.Enum(polarities, {
      description: 'Meaning of a high value; absent for class maps and pictures',
    }),
    photometric: Type.Optional(
      Type.String({ maxLength: 16, description: 'DICOM photometric interpretation, as read' }),
    ),
    openBeam: Type.Optional(Type.Number({ description: 'Value of the unobstructed beam, if stated' })),
    invalidValue: Type.Optional(Type.Number({ description: 'Value of samples that were not measured' })),
    notMeasured: Type.Optional(NotMeasured),
    opaqueSamples: Type.Optional(
      Type.Integer({
        minimum: 0,
        description:
          'Measured samples at the opaque end of the range (0, or the highest value if high means opaque), where the image cannot show a denser object',
      }),
    ),
    rescale: Type.Optional(Rescale),
    label: Type.Optional(ChannelLabel),
    pitch: Type.Optional(PixelPitch),
    legend: Type.Optional(Type.Array(ClassLabel, { maxItems: 256 })),
    bytes: Type.Integer({ minimum: 0, description: 'Length of the samples, little-endian, without padding' }),
    sha256: Type.Optional(Sha256),
  },
  { additionalProperties: false },
);
export type Channel = Static<typeof Channel>;

export const View = Type.Object(
  {
    id: Id,
    name: Type.Optional(Type.String({ maxLength: 64, description: 'Side, top, …, as written in the file' })),
    display: Type.Object(
      {
        flipRows: Type.Boolean({ description: 'First step: flip the stored rows' }),
        rotate: Type.Enum([0, 90, 180, 270], {
          description: 'Second step: degrees counter-clockwise',
        }),
        flipColumns: Type.Boolean({ description: 'Last step: mirror left to right' }),
      },
      { additionalProperties: false, description: 'From stored samples to an upright landscape picture' },
    ),
    channels: Type.Array(Channel, { minItems: 1, maxItems: 64 }),
  },
  { additionalProperties: false },
);
export type View = Static<typeof View>;

const Original = Type.Object(
  {
    name: FileName,
    role: Type.String({
      maxLength: 64,
      description: 'Role of the file in the scan: high, low, material, metadata, …',
    }),
    bytes: Count,
    sha256: Sha256,
    complete: Type.Boolean({ description: 'False if the file is shorter than its own header states' }),
  },
  { additionalProperties: false },
);
export type Original = Static<typeof Original>;

export const Attachment = Type.Object(
  {
    name: FileName,
    kind: Type.String({
      maxLength: 64,
      description: 'snapshot, ocr, radiation, picture, metadata, undecoded, …',
    }),
    mediaType: Type.String({ maxLength: 128 }),
    bytes: Count,
    sha256: Sha256,
  },
  { additionalProperties: false },
);
export type Attachment = Static<typeof Attachment>;

export const Warning = Type.Object(
  {
    code: Type.String({ pattern: '^NII_W_[A-Z0-9_]+$' }),
    field: Type.Optional(FreeText),
    value: Type.Optional(FreeText),
    message: FreeText,
  },
  { additionalProperties: false },
);
export type Warning = Static<typeof Warning>;

export const OperationKind = Type.Enum(['acquisition', 'analysis', 'search', 'other']);

/** One step in the life of the scan before it came here, as the vendor's system recorded it. */
export const Operation = Type.Object(
  {
    kind: OperationKind,
    type: Type.Optional(Type.String({ maxLength: 64, description: 'As written in the file' })),
    start: Type.Optional(Acquired),
    end: Type.Optional(Acquired),
    operator: Type.Optional(PersonalText),
    workstation: Type.Optional(PersonalText),
    system: Type.Optional(Text),
    site: Type.Optional(Text),
    verdict: Type.Optional(Type.String({ maxLength: 256, description: 'As written in the file' })),
    marks: Type.Optional(Type.Integer({ minimum: 0, description: 'Number of places marked in the image' })),
  },
  { additionalProperties: false },
);
export type Operation = Static<typeof Operation>;

const Coordinate = Type.Number({ description: 'In stored samples of the referenced image' });

/** A potential threat object as somebody else's report describes it. */
const ReportedObject = Type.Object(
  {
    id: Type.Optional(Count),
    category: Type.Optional(Type.String({ maxLength: 64 })),
    description: Type.Optional(FreeText),
    assessment: Type.Optional(Type.String({ maxLength: 64 })),
    probability: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    regions: Type.Array(
      Type.Object(
        {
          references: Type.Array(Type.String({ maxLength: 64 }), {
            maxItems: 64,
            description: 'SOP instance UIDs of the images',
          }),
          base: Type.Optional(Type.Array(Coordinate, { minItems: 3, maxItems: 3 })),
          extents: Type.Optional(Type.Array(Coordinate, { minItems: 3, maxItems: 3 })),
          polygon: Type.Optional(Type.Array(Coordinate, { maxItems: 3072, description: 'Triples x, y, z' })),
          bitmapSha256: Type.Optional(Sha256),
          massGrams: Type.Optional(Type.Number()),
          densityGramsPerCc: Type.Optional(Type.Number()),
          zeff: Type.Optional(Type.Number()),
        },
        { additionalProperties: false },
      ),
      { maxItems: 64 },
    ),
  },
  { additionalProperties: false },
);

/** What a threat report concludes, in DICOS's words. */
export const AlarmDecision = Type.Enum(['ALARM', 'CLEAR', 'UNKNOWN']);
export type AlarmDecision = Static<typeof AlarmDecision>;

/** What a person or an algorithm elsewhere said of the scan; never a verdict of this service. */
export const ImportedReport = Type.Object(
  {
    source: Type.String({
      maxLength: 1024,
      description: 'File that contains the value',
      ...personalAndCommercial,
    }),
    type: Type.Enum([
      'MACHINE',
      'OPERATOR',
      'GROUND TRUTH',
      'AGGREGATE',
      'MOD_AGGREGATE',
      'UNDEFINED',
      'STRUCTURED REPORT',
    ]),
    decision: AlarmDecision,
    verdict: Type.Optional(Type.String({ maxLength: 256, description: 'As written in the file' })),
    abortReason: Type.Optional(Type.String({ maxLength: 64 })),
    at: Type.Optional(Acquired),
    by: Type.Optional(
      Type.String({ maxLength: 1024, description: 'Operator, or algorithm and version', ...personal }),
    ),
    sopInstanceUid: Type.Optional(Type.String({ maxLength: 64 })),
    references: Type.Array(Type.String({ maxLength: 64 }), {
      maxItems: 1024,
      description: 'SOP instance UIDs of the images that the report refers to',
    }),
    objects: Type.Array(ReportedObject, { maxItems: 1024 }),
    text: Type.Optional(FreeText),
  },
  { additionalProperties: false },
);
export type ImportedReport = Static<typeof ImportedReport>;

/** Anything JSON, as the vendor wrote it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
const VendorMetadata = Type.Record(Type.String(), Type.Unknown(), {
  description:
    'Original vendor metadata, one entry for each source file or header. Values with a field of their own above are left out',
  ...personalAndCommercial,
});

/** Most entries of the lists that grow with what a file says. */
export const recordLimits = {
  units: 1024,
  attachments: 1024,
  history: 256,
  reports: 256,
  radiation: radiationLimits.records,
  consignments: CONSIGNMENTS_CEILING,
} as const;

export const NiiScan = Type.Object(
  {
    schemaVersion: Type.Literal(SCAN_SCHEMA_VERSION),
    source: Source,
    acquired: Acquired,
    purpose: Purpose,
    completeness: Completeness,
    units: Type.Array(InspectionUnit, { minItems: 1, maxItems: recordLimits.units }),
    views: Type.Array(View, { maxItems: 16 }),
    attachments: Type.Array(Attachment, { maxItems: recordLimits.attachments }),
    originals: Type.Array(Original, { minItems: 1, maxItems: 1024 }),
    converter: Type.Object(
      { id: Id, version: Type.String({ maxLength: 32 }) },
      { additionalProperties: false },
    ),
    warnings: Type.Array(Warning, { maxItems: 1024 }),
    history: Type.Optional(
      Type.Array(Operation, {
        maxItems: recordLimits.history,
        description: "Operations of the vendor's system, oldest first",
      }),
    ),
    reports: Type.Optional(
      Type.Array(ImportedReport, {
        maxItems: recordLimits.reports,
        description: 'Reports that came with the scan',
      }),
    ),
    radiation: Type.Optional(
      Type.Array(RadiationRecord, {
        maxItems: recordLimits.radiation,
        description: 'Occupancies of a radiation portal, in the order of the file',
      }),
    ),
    consignments: Type.Optional(
      Type.Array(Consignment, {
        maxItems: recordLimits.consignments,
        description: 'Goods as described in the files of the scan; declarations are stored separately',
      }),
    ),
    control: Type.Optional(Control),
    vendor: VendorMetadata,
  },
  {
    $id: 'https://nii-hub.org/schemas/scan-1.2.json',
    ...technical,
    title: 'NII scan record',
    description:
      'One scan by a non-intrusive inspection system: what was inspected, by what, and the channels that were measured. Sample values are stored beside it, never in it.',
    additionalProperties: false,
  },
);
export type NiiScan = Static<typeof NiiScan>;

/** Samples by `planeKey`: little-endian, row-major, frames joined, no padding. */
export type Planes = ReadonlyMap<string, Uint8Array>;

/** A record with its samples. */
export interface ScanWithPlanes {
  readonly scan: NiiScan;
  readonly planes: Planes;
}

/** Names one channel of one view, in plane maps, file names and addresses. */
export function planeKey(viewId: string, channelId: string): string {
  return `${viewId}-${channelId}`;
}

/** Bytes that the samples of a channel take; the one place where its dimensions are multiplied. */
export function planeBytes(
  channel: Pick<Channel, 'rows' | 'columns' | 'frames' | 'samplesPerPixel' | 'bitsAllocated'>,
): number {
  const samples = channel.rows * channel.columns * channel.frames * channel.samplesPerPixel;
  return channel.bitsAllocated === 1 ? Math.ceil(samples / 8) : samples * (channel.bitsAllocated / 8);
}

/** Every channel with its view, in the record's order. */
export function channelsOf(
  scan: NiiScan,
): readonly { readonly view: View; readonly channel: Channel; readonly key: string }[] {
  return scan.views.flatMap((view) =>
    view.channels.map((channel) => ({ view, channel, key: planeKey(view.id, channel.id) })),
  );
}
