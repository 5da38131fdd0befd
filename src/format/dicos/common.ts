import type { DataSet, DicomElement } from '../../codec/dicom/data-set.ts';
import { numbers, sequence, text } from '../../codec/dicom/write/build.ts';
import { channelKinds } from '../../core/scan/channel-kinds.ts';
import { completenesses } from '../../core/scan/completeness.ts';
import type { Purpose } from '../../core/scan/purposes.ts';
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
    free('00100021', 'LO', ids.administration),
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

function otherId({ value }: ContainerNumber, ids: DicosIds): DataSet {
  return [
    free('00100020', 'LO', value),
    free('00100021', 'LO', ids.administration),
    text('00100022', 'CS', 'TEXT'),
  ];
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

/** The scanner. Vendors do not say when it was calibrated, so the date is one that cannot be mistaken. */
export function equipmentModule(scan: NiiScan, ids: DicosIds): DataSet {
  const { source } = scan;
  return [
    free('00080070', 'LO', source.manufacturer),
    free('00081090', 'LO', source.model),
    free('00181000', 'LO', source.serial),
    free('00181020', 'LO', source.software),
    free('00080080', 'LO', source.site ?? ids.site),
    free('00080081', 'ST', undefined),
    free('00081010', 'SH', source.scannerId),
    text('00181200', 'DA', unknownDate),
    text('00181201', 'TM', '000000'),
  ];
}

export interface Instance {
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
    text('00080201', 'SH', '+0000'),
    text('00080023', 'DA', instance.contentAt.date),
    text('00080033', 'TM', instance.contentAt.time),
    text('00200013', 'IS', String(instance.number)),
    text('4010103a', 'CS', dicosVersion),
  ];
}
