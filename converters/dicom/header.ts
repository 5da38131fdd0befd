import type { Converted, DataSet, InspectionUnit, Purpose } from '../../src/sdk/sdk.ts';
import type { DicomSdk } from './tools.ts';

/** Storage classes of DICOS (NEMA IIC 1) lie under this root. */
const DICOS_ROOT = '1.2.840.10008.5.1.4.1.1.501.';

function isDicos(dataSet: DataSet, sdk: DicomSdk): boolean {
  return sdk.dicom.text(dataSet, '00080016')?.startsWith(DICOS_ROOT) === true;
}

const sourceTags = [
  ['manufacturer', '00080070'],
  ['model', '00081090'],
  ['serial', '00181000'],
  ['software', '00181020'],
  ['scannerId', '00081010'],
  ['site', '00080080'],
] as const;

export function sourceOf(dataSet: DataSet, sdk: DicomSdk): Converted['source'] {
  const known = sourceTags.flatMap(([name, tag]) => {
    const text = sdk.dicom.text(dataSet, tag);
    return text === undefined ? [] : [[name, sdk.clip(text)]];
  });
  return { format: isDicos(dataSet, sdk) ? 'dicos' : 'dicom', ...Object.fromEntries(known) };
}

/** Pairs of date and time, the moment of the exposure first. */
const moments = [
  ['00080022', '00080032'],
  ['00080023', '00080033'],
  ['00080021', '00080031'],
  ['00080020', '00080030'],
] as const;

/** With Timezone Offset From UTC (0008,0201) the zone is stated. */
export function acquiredOf(dataSet: DataSet, sdk: DicomSdk): Converted['acquired'] {
  const pair = moments.find((tags) => tags.every((tag) => sdk.dicom.text(dataSet, tag) !== undefined));
  if (pair === undefined) return { zone: 'unknown' };
  const [date = '', time = ''] = pair.map((tag) => sdk.dicom.text(dataSet, tag));
  const zone = sdk.dicom.text(dataSet, '00080201') ?? '';
  return sdk.timeText(`${date.replaceAll('.', '')} ${clockOf(time)}${zone}`);
}

/** A DICOM time may end after hours or minutes (PS3.5 6.2). */
function clockOf(time: string): string {
  const [digits = '', fraction] = time.replaceAll(':', '').split('.');
  const whole = digits.length < 6 && digits.length % 2 === 0 ? digits.padEnd(6, '0') : digits;
  return fraction === undefined ? whole : `${whole}.${fraction}`;
}

/** Scan Type (4010,1048) and Test Article (4010,1046); DICOM knows neither. */
export function purposeOf(dataSet: DataSet, sdk: DicomSdk): Purpose {
  const article = sdk.dicom.text(dataSet, '40101046');
  if (article !== undefined) return article === 'CALIBRATION' ? 'calibration' : 'image-quality-test';
  return sdk.dicom.text(dataSet, '40101048') === 'NON_OPERATIONAL' ? 'training' : 'operational';
}

/** The object of inspection. In DICOM the same elements name a patient, so they are read in DICOS files only. */
export function unitsOf(dataSet: DataSet, sdk: DicomSdk): readonly InspectionUnit[] {
  if (!isDicos(dataSet, sdk)) return sdk.units([]);
  const type = sdk.dicom.text(dataSet, '40101042');
  const numbers = containerNumbersIn(dataSet, sdk);
  const units = sdk.units(sdk.containers(numbers.join(','), 'scanner', '(0010,0020)'));
  if (type !== 'BAGGAGE') return units;
  return units.map((unit) => ({ ...unit, kind: 'bag' }));
}

/** Of the object of inspection and its other ids, those that have the form of a container number. */
export function containerNumbersIn(dataSet: DataSet, sdk: DicomSdk): readonly string[] {
  const ids = [dataSet, ...sdk.dicom.items(dataSet, '00101002')].flatMap(
    (item) => sdk.dicom.text(item, '00100020') ?? [],
  );
  return ids.filter((id) => /^[A-Z?]{3}[UJZ?][0-9?]{6,7}$/.test(id));
}
