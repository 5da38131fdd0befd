import Type, { type Static } from 'typebox';
import { channelKinds } from './channel-kinds.ts';
import { purposeFacts } from './circumstances.ts';
import { channelsOf, type NiiScan } from './scan.ts';

/** Scans that are no analysts' case: nobody could decide by what they show. They are listed for a supervisor. */

export const NotAnalysedReason = Type.Enum([
  'failed',
  'report-alone',
  'image-unread',
  'no-image',
  'other-field',
]);
export type NotAnalysedReason = Static<typeof NotAnalysedReason>;

interface NotAnalysedFacts {
  /** After "not to be analysed, because". */
  readonly inWords: string;
  /** Files that come later may bring the image. */
  readonly awaitsImage: boolean;
}

export const notAnalysedReasons: Readonly<Record<NotAnalysedReason, NotAnalysedFacts>> = {
  failed: { inWords: 'its files cannot be read', awaitsImage: false },
  'report-alone': { inWords: 'only a report has arrived, without an image', awaitsImage: true },
  'image-unread': { inWords: 'its image has an unsupported layout', awaitsImage: true },
  'no-image': { inWords: 'its files hold no image', awaitsImage: true },
  'other-field': {
    inWords: 'it is an image from another field, such as a CT of a patient',
    awaitsImage: false,
  },
};

/** Why an operational scan is for no analyst; undefined where it is, and for what is not looked at anyway. */
export function whyNotAnalysed(scan: NiiScan): Exclude<NotAnalysedReason, 'failed'> | undefined {
  const { views, radiation = [], reports = [], attachments } = scan;
  if (!purposeFacts[scan.purpose].isQueued) return undefined;
  if (views.length > 0) return isOfOtherField(scan) ? 'other-field' : undefined;
  if (radiation.length > 0) return undefined;
  if (attachments.some(({ kind }) => kind === 'undecoded')) return 'image-unread';
  return reports.length > 0 ? 'report-alone' : 'no-image';
}

/** Modality (0008,0060) of images that are no projection of X-rays, PS3.3 C.7.3.1.1.1. */
const otherModalities: ReadonlySet<unknown> = new Set(['CT', 'MR', 'PT', 'NM', 'US']);

/** DICOM that is not DICOS, of another modality, with no channel that a cargo scanner is known to have measured. */
function isOfOtherField(scan: NiiScan): boolean {
  if (scan.source.format !== 'dicom') return false;
  const isMeasured = channelsOf(scan).some(({ channel }) => channelKinds[channel.kind].measured === 'yes');
  return !isMeasured && Object.values(scan.vendor).some((file) => otherModalities.has(modalityIn(file)));
}

/** Of a file, as the DICOM converter keeps its elements: tag to `vr` and `value`. */
function modalityIn(file: unknown): unknown {
  const { value } = Object(Object(file)['00080060']);
  return Array.isArray(value) ? String(value[0]).trim() : undefined;
}
