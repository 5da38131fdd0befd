import type { DataSet } from '../codec/dicom/data-set.ts';
import type { NiiRecord } from '../codec/dicom/nii-block.ts';
import type { toChannelPlane } from '../codec/dicom/pixels/plane.ts';
import type { DicomFile } from '../codec/dicom/read/read.ts';
import type { Channel, Json } from '../core/scan/scan.ts';
import type { Section } from '../core/scan/sections.ts';
import type { storedCorner } from '../core/scan/turn.ts';
import type { ConverterFile } from './file.ts';

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
