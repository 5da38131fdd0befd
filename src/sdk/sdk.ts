import type { ByteReader } from '../codec/bytes.ts';
import type { DataSet } from '../codec/dicom/data-set.ts';
import type { NiiRecord } from '../codec/dicom/nii-block.ts';
import type { toChannelPlane } from '../codec/dicom/pixels/plane.ts';
import type { DicomFile } from '../codec/dicom/read/read.ts';
import type { PlaneStream, Strides } from '../codec/gather.ts';
import type { Npy, NpyHeader } from '../codec/npy.ts';
import type { Raster } from '../codec/raster/read.ts';
import type { DecodedText } from '../codec/text.ts';
import type { XmlDocument, XmlNode } from '../codec/xml/xml.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { RadiationRecord } from '../core/radiation/radiation.ts';
import type { ConverterDefaults } from '../core/scan/defaults.ts';
import type {
  Acquired,
  Channel,
  Completeness,
  ContainerNumber,
  ImportedReport,
  InspectionUnit,
  Json,
  Operation,
  Purpose,
  Source,
  View,
  Warning,
} from '../core/scan/scan.ts';
import type { Section } from '../core/scan/sections.ts';
import type { storedCorner } from '../core/scan/turn.ts';
import type { CodeKind } from '../core/trade/codes.ts';
import type { Consignment } from '../core/trade/consignment.ts';
import type { Control } from '../core/trade/control.ts';
import type { WarningCode } from '../core/warnings.ts';

export type { DataSet } from '../codec/dicom/data-set.ts';
export type { NiiRecord, ScanFacts } from '../codec/dicom/nii-block.ts';
export type { DicomPixels } from '../codec/dicom/pixels/pixels.ts';
export type { DicomFile } from '../codec/dicom/read/read.ts';
export type { PlaneStream } from '../codec/gather.ts';
export type { Raster } from '../codec/raster/read.ts';
export type { XmlDocument, XmlNode } from '../codec/xml/xml.ts';
export type {
  AlarmCategory,
  DoseRate,
  EnergyCalibration,
  GrossCounts,
  MeasurementClass,
  Nuclide,
  RadiationAlarm,
  RadiationDetector,
  RadiationFault,
  RadiationInstrument,
  RadiationKind,
  RadiationProfile,
  RadiationRecord,
  RadiationSpectrum,
} from '../core/radiation/radiation.ts';
export type {
  Acquired,
  Channel,
  Completeness,
  ContainerNumber,
  ImportedReport,
  InspectionUnit,
  Json,
  Operation,
  Purpose,
  Source,
  View,
  Warning,
} from '../core/scan/scan.ts';
export type { Section as SectionOfChannel } from '../core/scan/sections.ts';
export type { CodeKind } from '../core/trade/codes.ts';
export type { Consignment } from '../core/trade/consignment.ts';
export type { Control } from '../core/trade/control.ts';
export type { WarningCode } from '../core/warnings.ts';

/**
 * Version of what a reader gets and returns. A minor one adds tools and optional fields, and existing readers still work;
 * anything else is a major one (docs/reference/versions.md).
 */
export const SDK_VERSION = '1.0';

/** A channel as a reader returns it; bytes and hash are measured by the service. */
export type ConvertedChannel = Omit<Channel, 'bytes' | 'sha256'>;
export type ConvertedView = Omit<View, 'channels'> & { readonly channels: readonly ConvertedChannel[] };

/** A rendered picture as a channel for people. */
export interface Rendered {
  readonly channel: ConvertedChannel;
  readonly samples: Uint8Array;
  /** Compressed with loss before it came here. */
  readonly lossy: boolean;
}

/** A file that is kept with the scan and is not a channel; `name` is that of a ConverterFile. */
export interface ConvertedAttachment {
  readonly name: string;
  readonly kind: string;
  readonly mediaType: string;
}

/** What a reader returns. */
export interface Converted {
  readonly source: Source;
  readonly acquired: Acquired;
  /** Operational unless given. */
  readonly purpose?: Purpose;
  readonly units: readonly InspectionUnit[];
  readonly views: readonly ConvertedView[];
  /** Samples by `sdk.planeKey(view, channel)`: little-endian, row-major, no padding. */
  readonly planes: ReadonlyMap<string, Uint8Array>;
  /** Samples of channels that are not among `planes`, by the same keys. */
  readonly streams?: ReadonlyMap<string, PlaneStream>;
  /** Judged from the channels unless given. */
  readonly completeness?: Completeness;
  readonly attachments?: readonly ConvertedAttachment[];
  /** What the vendor's system did before, oldest first. */
  readonly history?: readonly Operation[];
  /** Verdicts and threat reports that came with the files. */
  readonly reports?: readonly ImportedReport[];
  /** Occupancies of a radiation portal; a file of them alone has no views. */
  readonly radiation?: readonly RadiationRecord[];
  /** What is carried, with traders, documents, means of transport and route. */
  readonly consignments?: readonly Consignment[];
  /** Why the goods were chosen, and the chain of controls. */
  readonly control?: Control;
  /** Added to those of `sdk.warn`. */
  readonly warnings?: readonly Warning[];
  /** Metadata as the vendor wrote it, one entry per file or header. */
  readonly vendor: Readonly<Record<string, Json>>;
}

/** A date and time without a zone, as scanners write it. */
export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** All that a reader may use; it imports nothing but types. */
export interface Sdk {
  readonly limits: Limits;
  readonly defaults: ConverterDefaults;
  reader(file: NamedBytes): ByteReader;
  /** Keeps a warning with the scan. */
  warn(code: WarningCode, context?: { field?: string; value?: string; message?: string }): void;
  /** An expected failure, to be thrown. */
  error(code: ErrorCode, detail: string, offset?: number): Error;
  planeKey(view: string, channel: string): string;
  /** Rows times columns after checking them against the ceiling. @throws NII_LIMIT_PIXELS, NII_MALFORMED when 0 */
  pixels(rows: number, columns: number): number;
  /** One channel out of samples that lie among those of others: row-major, little-endian. @throws NII_TRUNCATED */
  gather(bytes: Uint8Array, strides: Strides): Uint8Array;
  /** The same out of a file, a few MiB at a time; offsets count from its first byte. @throws NII_TRUNCATED */
  gatherStream(file: ConverterFile, strides: Strides): PlaneStream;
  /** Big-endian 16-bit samples to little-endian, in new memory. */
  swap16(bytes: Uint8Array): Uint8Array;
  text(file: NamedBytes): DecodedText;
  /** Reads an XML text; a wrong encoding or a repair becomes a warning. @throws NII_MALFORMED */
  xml(file: NamedBytes): XmlDocument;
  /** First descendant of that local name, in document order. */
  find(node: XmlNode, name: string): XmlNode | undefined;
  toJson(node: XmlNode): Json;
  npy(file: NamedBytes): Npy;
  /** What its header states, after comparing that with the bytes there are. @throws NII_TRUNCATED, NII_LIMIT_PIXELS */
  npyHeader(file: ConverterFile): NpyHeader;
  /** Tools for DICOM, loaded only for who asks: they take longer to load than most files to read. */
  dicom(): Promise<DicomTools>;
  /**
   * A TIFF, PNG or JPEG with its samples as they were stored; the decoders are loaded with the first.
   * @throws NII_MALFORMED, NII_TRUNCATED, NII_UNSUPPORTED_VARIANT, NII_LIMIT_PIXELS, NII_LIMIT_EXPANSION
   */
  raster(file: NamedBytes): Promise<Raster>;
  /**
   * The first page of a rendered picture as a channel of kind display. One that cannot be read is undefined, with a
   * warning: what came beside it is worth more.
   */
  rendered(file: NamedBytes, channel: string): Promise<Rendered | undefined>;
  /** Splits, normalises and judges container numbers; each bad one becomes a warning. */
  containers(written: string, source: ContainerNumber['source'], field: string): readonly ContainerNumber[];
  /** Number of a railway wagon without blanks and hyphens; one whose check digit does not fit becomes a warning. */
  wagon(written: string, field: string): string;
  /** A code in the form of its kind; one that is not in it is undefined, with a warning. */
  code(kind: CodeKind, written: string, field: string): string | undefined;
  /** One unit of kind container for each number, or one unknown unit where there is none. */
  units(containers: readonly ContainerNumber[]): readonly InspectionUnit[];
  /** A local time without zone is taken as UTC, with a warning; one that is no time gives no UTC. */
  localTime(time: LocalTime): Acquired;
  /** A text with date and time: with a zone it is stated, without it is taken as UTC. */
  timeText(written: string): Acquired;
  /** At most 4096 characters, as fields of the record allow. */
  clip(text: string): string;
  /** @throws NII_MALFORMED when it is not JSON or nested too deeply */
  json(file: NamedBytes): Json;
  /** SHA-256, lower-case hexadecimal digits. */
  sha256(bytes: Uint8Array): string;
  /** Lower-case hexadecimal digits. */
  hex(bytes: Uint8Array): string;
}

/** What a reader module exports as `read`. */
export type Read = (files: readonly ConverterFile[], sdk: Sdk) => Converted | Promise<Converted>;

/** Reading DICOM, for readers: files, elements by tag, and what our own writer left. */
export interface DicomTools {
  /** @throws NII_UNSUPPORTED_VARIANT, NII_MALFORMED, NII_TRUNCATED, NII_LIMIT_EXPANSION, NII_LIMIT_DEPTH */
  readonly read: (file: ConverterFile) => DicomFile;
  readonly text: (dataSet: DataSet, tag: string) => string | undefined;
  readonly texts: (dataSet: DataSet, tag: string) => readonly string[];
  readonly number: (dataSet: DataSet, tag: string) => number | undefined;
  /** A value of VR US, also where an implicit file of a tag that PS3.6 lacks leaves it UN. */
  readonly short: (dataSet: DataSet, tag: string) => number | undefined;
  readonly numbers: (dataSet: DataSet, tag: string) => readonly number[];
  readonly items: (dataSet: DataSet, tag: string) => readonly DataSet[];
  readonly bytes: (dataSet: DataSet, tag: string) => Uint8Array | undefined;
  readonly toJson: (dataSet: DataSet) => { readonly [tag: string]: Json };
  /** Undefined in files of others; `malformed` where the block is there and is not by our schema. */
  readonly niiRecord: (dataSet: DataSet) => NiiRecord | 'malformed' | undefined;
  /** The samples as the record has them: what our writer did to them is undone. */
  readonly channelPlane: typeof toChannelPlane;
  /** A corner in a picture that our writer turned upright, in stored samples. */
  readonly storedCorner: typeof storedCorner;
  /** The part of a channel that a section of our own holds; undefined where it does not lie in the channel, or bits are packed in bytes. */
  readonly sectionChannel: (channel: Channel, section: Section) => Channel | undefined;
  /** The whole out of all its sections; undefined where they are not all there, once each. */
  readonly joinSections: (
    channel: Omit<Channel, 'bytes' | 'sha256'>,
    parts: readonly { readonly section: Section; readonly samples: Uint8Array }[],
  ) => Uint8Array | undefined;
}

/** Bytes under a name, which failures speak of. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** One file of a scan as a reader gets it. */
export interface ConverterFile extends NamedBytes {
  /** By the manifest: from the name's part, the rule that claimed it, or the sidecar. */
  readonly role: string;
  /** False: shorter than its own header says. */
  readonly complete: boolean;
  /** All of it, read into memory when first asked for; views of it may be returned as planes. */
  readonly bytes: Uint8Array;
  /** Bytes there are. */
  readonly size: number;
  /** A part, for files that do not fit into memory: from `from` up to, not including, `to`. @throws NII_TRUNCATED */
  slice(from: number, to: number): Uint8Array;
}
