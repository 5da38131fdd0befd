import type { DataSet, DicomElement } from '../../codec/dicom/data-set.ts';
import { numbers, sequence, text } from '../../codec/dicom/write/build.ts';
import { channelKinds } from '../../core/scan/channel-kinds.ts';
import type { Purpose } from '../../core/scan/circumstances.ts';
import { completenesses } from '../../core/scan/completeness.ts';
import { type ContainerNumber, channelsOf, type InspectionUnit, type NiiScan } from '../../core/scan/scan.ts';
import { type DicosIds, dicosVersion, scanUid } from './ids.ts';
import { free, type Moment, momentOf, unknownDate } from './values.ts';

/** When the scan was taken; the moment it was received where the record does not know. */
export function takenAt(scan: NiiScan, ids: DicosIds): Moment {
  return momentOf(scan.acquired.utc ?? ids.receivedAt);
}

const ooiTypes: Readonly<Record<InspectionUnit['kind'], 'CARGO' | 'BAGGAGE' | 'OTHER'>> = {
  container: 'CARGO',
  trailer: 'CARGO',
  wagon: 'CARGO',
  tractor: 'CARGO',
  cab: 'CARGO',
  vehicle: 'CARGO',
  bag: 'BAGGAGE',
  parcel: 'BAGGAGE',
  unknown: 'OTHER',
};

/** Object of inspection: the first container number, else the scan; further numbers are its other ids. */
export function ooiModule(ids: DicosIds, units: readonly InspectionUnit[]): DataSet {
  const containers = units.flatMap((unit) => unit.containers);
  return [
    free('00100020', 'LO', containers[0]?.value ?? ids.scanId),
    issuerElement(containers[0], ids),
    text('00100022', 'CS', 'TEXT'),
    sequence('00101002', ...containers.slice(1).map((container) => otherId(container, ids))),
    text('40101042', 'CS', ooiTypes[units[0]?.kind ?? 'unknown']),
    free('40101068', 'LT', descriptor(units)),
    sequence('40101064'),
  ];
}

/** What else the record says of the units, in words: DICOS has no place for plates, seals and declarations. */
function descriptor(units: readonly InspectionUnit[]): string {
  const all = (values: readonly string[]) => [...new Set(values)].join(', ');
  const named = (name: string, values: readonly string[]) =>
    values.length === 0 ? [] : [`${name} ${all(values)}`];
  return [
    all(units.map(({ kind }) => kind)),
    ...named(
      'plates',
      units.flatMap(({ plates }) => plates),
    ),
    ...named(
      'seals',
      units.flatMap(({ seals }) => seals),
    ),
    ...named(
      'declarations',
      units.flatMap(({ declarations }) => declarations),
    ),
    ...units.flatMap(({ description }) => (description === undefined ? [] : [description])),
  ].join('; ');
}

function otherId(container: ContainerNumber, ids: DicosIds): DataSet {
  return [
    free('00100020', 'LO', container.value),
    issuerElement(container, ids),
    text('00100022', 'CS', 'TEXT'),
  ];
}

/** Bureau International des Containers, which gives out the owner codes of ISO 6346. */
const containerAuthority = 'BIC';
const isOfIso6346: Readonly<Record<ContainerNumber['state'], boolean>> = {
  valid: true,
  'wrong-check-digit': true,
  'ambiguous-check-digit': true,
  'unread-characters': false,
  'not-iso6346': false,
};

/** Who issued an id: one box has one identity in every country. */
export function issuerElement(container: ContainerNumber | undefined, ids: DicosIds): DicomElement {
  const isWorldwide = container !== undefined && isOfIso6346[container.state];
  return free('00100021', 'LO', isWorldwide ? containerAuthority : ids.administration);
}

interface ScanPurpose {
  readonly type: 'OPERATIONAL' | 'NON_OPERATIONAL';
  readonly testArticle?: string;
}

const scanPurposes: Readonly<Record<Purpose, ScanPurpose>> = {
  operational: { type: 'OPERATIONAL' },
  calibration: { type: 'NON_OPERATIONAL', testArticle: 'CALIBRATION' },
  'image-quality-test': { type: 'NON_OPERATIONAL', testArticle: 'GIQ' },
  training: { type: 'NON_OPERATIONAL' },
};

/** General scan: DICOM's study. */
export function scanModule(scan: NiiScan, ids: DicosIds): DataSet {
  const { date, time } = takenAt(scan, ids);
  const { type, testArticle } = scanPurposes[scan.purpose];
  const projections = channelsOf(scan).filter(({ channel }) => channelKinds[channel.kind].isProjection);
  const energies = new Set(projections.map(({ channel }) => channel.energy ?? 'single'));
  return [
    text('0020000d', 'UI', scanUid(ids)),
    text('00080020', 'DA', date),
    text('00080030', 'TM', time),
    free('00200010', 'SH', ids.scanId),
    free('00081030', 'LO', `${ids.scanId} revision ${ids.revision}`),
    text('40101048', 'CS', type),
    ...(testArticle === undefined ? [] : [text('40101046', 'CS', testArticle)]),
    numbers('61000028', 'US', Math.max(1, scan.views.length)),
    numbers('61000032', 'US', Math.max(1, energies.size)),
  ];
}

export interface Series {
  readonly uid: string;
  readonly modality: 'XRAY' | 'TDR';
  readonly description: string;
  readonly at: Moment;
}

export function seriesModule(scan: NiiScan, series: Series): DataSet {
  return [
    text('0020000e', 'UI', series.uid),
    text('00080021', 'DA', series.at.date),
    text('00080031', 'TM', series.at.time),
    text('00080060', 'CS', series.modality),
    free('0008103e', 'LO', series.description),
    text('40101044', 'CS', completenesses[scan.completeness].isIncomplete ? 'INCOMPLETE' : 'SUCCESSFUL'),
  ];
}

/** When the scanner was calibrated, where the record knows the instant. */
export function calibratedAt({ source }: NiiScan): Moment | undefined {
  const utc = source.scanner?.calibratedAt?.utc;
  return utc === undefined ? undefined : momentOf(utc);
}

/** The scanner. An unstated calibration date, which is of type 1, gets a value that cannot be mistaken for a real one. */
export function equipmentModule(scan: NiiScan, ids: DicosIds): DataSet {
  const { source } = scan;
  const calibrated = calibratedAt(scan);
  return [
    free('00080070', 'LO', source.manufacturer),
    free('00081090', 'LO', source.model),
    free('00181000', 'LO', source.serial),
    free('00181020', 'LO', source.software),
    free('00080080', 'LO', source.site ?? ids.site),
    free('00080081', 'ST', undefined),
    free('00081010', 'SH', source.scannerId),
    text('00181200', 'DA', calibrated?.date ?? unknownDate),
    text('00181201', 'TM', calibrated?.time ?? '000000'),
  ];
}

/** Timezone Offset From UTC, only where the file stated the zone of its time: it holds for all dates and times. */
export function zoneElements({ acquired }: NiiScan): DataSet {
  return acquired.zone === 'stated' ? [text('00080201', 'SH', '+0000')] : [];
}

export interface Instance {
  readonly scan: NiiScan;
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly createdAt: Moment;
  readonly contentAt: Moment;
  readonly number: number;
}

export function sopCommonModule(instance: Instance): readonly DicomElement[] {
  return [
    text('00080016', 'UI', instance.sopClass),
    text('00080018', 'UI', instance.sopInstance),
    text('00080012', 'DA', instance.createdAt.date),
    text('00080013', 'TM', instance.createdAt.time),
    ...zoneElements(instance.scan),
    text('00080023', 'DA', instance.contentAt.date),
    text('00080033', 'TM', instance.contentAt.time),
    text('00200013', 'IS', String(instance.number)),
    text('4010103a', 'CS', dicosVersion),
  ];
}
