import type { DataSet } from '../../codec/dicom/data-set.ts';
import { decimalString, numbers, sequence, text } from '../../codec/dicom/write/build.ts';
import type { Channel, NiiScan } from '../../core/scan/scan.ts';
import { calibratedAt, issuerElement, takenAt, zoneElements } from '../dicos/common.ts';
import {
  commentElements,
  intensityRelationship,
  lossyElements,
  nominalEnergyOf,
  rescaleElements,
} from '../dicos/dx-image.ts';
import { type DicosIds, type DxIntent, scanUid } from '../dicos/ids.ts';
import { free, type Moment, momentOf } from '../dicos/values.ts';
import type { Carrier } from './carrier.ts';

/** The object of inspection in the patient's place: the first container number, else the scan. */
export function patientModule(scan: NiiScan, ids: DicosIds): DataSet {
  const [container] = scan.units.flatMap(({ containers }) => containers);
  const id = container?.value ?? ids.scanId;
  return [
    text('00100010', 'PN', personName(id)),
    free('00100020', 'LO', id),
    issuerElement(container, ids),
    text('00100030', 'DA'),
    text('00100040', 'CS'),
  ];
}

/** A number as a family name: what PN takes for separators becomes a blank (PS3.5 6.2.1). */
function personName(value: string): string {
  return value.replace(/[\\^=]/g, ' ').slice(0, 64);
}

export function studyModule(scan: NiiScan, ids: DicosIds): DataSet {
  const { date, time } = takenAt(scan, ids);
  return [
    text('0020000d', 'UI', scanUid(ids)),
    text('00080020', 'DA', date),
    text('00080030', 'TM', time),
    text('00080050', 'SH'),
    text('00080090', 'PN'),
    free('00200010', 'SH', ids.scanId),
    free('00081030', 'LO', `${ids.scanId} revision ${ids.revision}`),
  ];
}

export interface MedicalSeries {
  readonly uid: string;
  readonly number: number;
  readonly description: string;
}

export function seriesModule(series: MedicalSeries, isDx: boolean, at: Moment): DataSet {
  return [
    text('0020000e', 'UI', series.uid),
    text('00200011', 'IS', String(series.number)),
    text('00080021', 'DA', at.date),
    text('00080031', 'TM', at.time),
    text('00080060', 'CS', isDx ? 'DX' : 'OT'),
    free('0008103e', 'LO', series.description),
  ];
}

/** The scanner; attributes of type 2 are empty where nobody knows. */
export function equipmentModule(scan: NiiScan, ids: DicosIds): DataSet {
  const { source } = scan;
  const known = (tag: string, value: string | undefined) =>
    value === undefined ? [] : [free(tag, 'LO', value)];
  return [
    source.manufacturer === undefined ? text('00080070', 'LO') : free('00080070', 'LO', source.manufacturer),
    ...known('00081090', source.model),
    ...known('00181000', source.serial),
    ...known('00181020', source.software),
    free('00080080', 'LO', source.site ?? ids.site),
    ...(source.scannerId === undefined ? [] : [free('00081010', 'SH', source.scannerId)]),
    ...calibrationElements(scan),
  ];
}

function calibrationElements(scan: NiiScan): DataSet {
  const calibrated = calibratedAt(scan);
  if (calibrated === undefined) return [];
  return [text('00181200', 'DA', calibrated.date), text('00181201', 'TM', calibrated.time)];
}

export interface MedicalInstance {
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly number: number;
}

export function instanceElements(scan: NiiScan, ids: DicosIds, instance: MedicalInstance): DataSet {
  const created = momentOf(ids.receivedAt);
  const content = takenAt(scan, ids);
  return [
    text('00080016', 'UI', instance.sopClass),
    text('00080018', 'UI', instance.sopInstance),
    text('00080012', 'DA', created.date),
    text('00080013', 'TM', created.time),
    ...zoneElements(scan),
    ...(scan.acquired.utc === undefined
      ? []
      : [text('00080022', 'DA', content.date), text('00080032', 'TM', content.time)]),
    text('00080023', 'DA', content.date),
    text('00080033', 'TM', content.time),
    text('00200013', 'IS', String(instance.number)),
    ...lossyElements(scan),
  ];
}

/**
 * Imager Pixel Spacing is of type 1 in DX and most scanners do not state theirs. One metre a pixel stands for *not
 * known*: nobody takes a length measured with it for real.
 */
const unknownSpacing = ['1000', '1000'] as const;

/** DX series, anatomy, image, detector and acquisition context (PS3.3 A.26.3). */
export function dxElements(scan: NiiScan, channel: Channel, intent: DxIntent): DataSet {
  const opaque = channel.polarity === 'high-is-opaque';
  const spacing = spacingOf(channel);
  return [
    text('00080068', 'CS', intent === 'presentation' ? 'FOR PRESENTATION' : 'FOR PROCESSING'),
    text('00080008', 'CS', 'ORIGINAL', 'PRIMARY', ''),
    text('00200020', 'CS', 'L', 'F'),
    text('00200062', 'CS', 'U'),
    text('00185100', 'CS'),
    sequence('00082218'),
    text('00181508', 'CS', 'NONE'),
    text('00187004', 'CS'),
    text('00181164', 'DS', ...(spacing ?? unknownSpacing)),
    ...(spacing === undefined
      ? [free('00204000', 'LT', unknownSpacingText(scan, channel))]
      : commentElements(scan, channel)),
    text('00281040', 'CS', intensityRelationship(channel) ?? ''),
    numbers('00281041', 'SS', opaque ? -1 : 1),
    text('20500020', 'CS', opaque ? 'INVERSE' : 'IDENTITY'),
    ...rescaleElements({}),
    text('00280301', 'CS', 'NO'),
    ...voltageElements(scan, channel),
    sequence('00400555'),
  ];
}

function spacingOf({ pitch }: Channel): readonly string[] | undefined {
  if (pitch === undefined || pitch.source === 'assumed') return undefined;
  return [decimalString(pitch.rowMm), decimalString(pitch.columnMm)];
}

function unknownSpacingText(scan: NiiScan, channel: Channel): string {
  const known = commentElements(scan, channel).find(({ tag }) => tag === '00204000')?.value;
  const comment = Array.isArray(known) ? known.join(' ') : '';
  return `The pixel spacing is not known; 1000 mm stands for that. ${comment}`;
}

function voltageElements(scan: NiiScan, channel: Channel): DataSet {
  const energy = nominalEnergyOf(scan, channel);
  return energy === undefined ? [] : [text('00180060', 'DS', decimalString(energy * 1000))];
}

/** Secondary Capture, of one frame or several (PS3.3 A.8). */
export function captureElements(scan: NiiScan, { kind, channel, changes }: Carrier): DataSet {
  const hasGreys = channel.samplesPerPixel === 1 && channel.bitsAllocated > 1;
  const isMultiFrame = kind === 'multi-frame';
  return [
    text('00080064', 'CS', 'WSD'),
    text('00080008', 'CS', 'DERIVED', 'SECONDARY'),
    text('00200020', 'CS'),
    text('00200060', 'CS'),
    text('00280301', 'CS', 'NO'),
    ...commentElements(scan, channel, { changes }),
    ...(isMultiFrame ? frameElements(channel) : []),
    ...(hasGreys && isMultiFrame ? [text('20500020', 'CS', 'IDENTITY')] : []),
    ...(hasGreys && (isMultiFrame || changes.offset !== undefined) ? rescaleElements(changes) : []),
  ];
}

/** Frames as pages, numbered from 1 (PS3.3 C.8.6.3). */
function frameElements({ frames }: Channel): DataSet {
  const pages = Array.from({ length: frames }, (_, i) => String(i + 1));
  return [
    ...(frames === 1 ? [text('00280008', 'IS', '1')] : []),
    ...(frames === 1 ? [] : [numbers('00280009', 'AT', 0x0018_2001), text('00182001', 'IS', ...pages)]),
  ];
}
