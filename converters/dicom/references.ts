import type { DataSet } from '../../src/sdk/sdk.ts';
import type { DicomSdk } from './tools.ts';

const UID_CEILING = 64;

/** Referenced SOP Instance UIDs (0008,1155) of the items of a sequence, as written. */
export function instancesIn(dataSet: DataSet, sequence: string, sdk: DicomSdk): readonly string[] {
  return sdk.dicom
    .items(dataSet, sequence)
    .flatMap((item) => sdk.dicom.text(item, '00081155') ?? [])
    .map((uid) => uid.slice(0, UID_CEILING));
}

/** A list cut to what the record holds, each value once, with a warning where something was left out. */
export function bounded<Value>(
  values: readonly Value[],
  most: number,
  field: string,
  sdk: DicomSdk,
): Value[] {
  const distinct = [...new Set(values)];
  if (distinct.length > most) {
    const message = `${distinct.length} values; the record holds the first ${most}, the file all`;
    sdk.warn('NII_W_FIELD_MALFORMED', { field, message });
  }
  return distinct.slice(0, most);
}

/** Date and time of a report: its own zone, else that of Timezone Offset From UTC (0008,0201). */
export function momentOf(
  written: string | undefined,
  dataSet: DataSet,
  sdk: DicomSdk,
): { readonly at?: ReturnType<DicomSdk['timeText']> } {
  const parts = /^(\d{8})(\d{6}(?:\.\d+)?)?([+-]\d{4})?$/.exec(written?.trim() ?? '');
  if (parts === null) return {};
  const [, date, time = '000000', zone = sdk.dicom.text(dataSet, '00080201') ?? ''] = parts;
  return { at: sdk.timeText(`${date} ${time}${zone}`) };
}
