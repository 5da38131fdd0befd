import type { DataSet, ImportedReport } from '../../src/sdk/sdk.ts';
import { bounded, instancesIn, momentOf } from './references.ts';
import type { DicomSdk } from './tools.ts';

const LINES_CEILING = 2000;
const REFERENCES_CEILING = 1024;

/** A structured report (PS3.3 C.17.3) as text: one line a content item, indented by its depth. */
export function structuredReport(dataSet: DataSet, name: string, sdk: DicomSdk): ImportedReport {
  const lines = linesOf(dataSet, 0, sdk).slice(0, LINES_CEILING);
  const sop = sdk.dicom.text(dataSet, '00080018');
  const date = sdk.dicom.text(dataSet, '00080023') ?? '';
  const time = sdk.dicom.text(dataSet, '00080033') ?? '';
  const by = observersOf(dataSet, sdk);
  return {
    source: name,
    type: 'STRUCTURED REPORT',
    decision: 'UNKNOWN',
    ...momentOf(`${date}${time}`, dataSet, sdk),
    ...(by === '' ? {} : { by: by.slice(0, 1024) }),
    ...(sop === undefined ? {} : { sopInstanceUid: sop.slice(0, 64) }),
    references: bounded(referencesOf(dataSet, sdk), REFERENCES_CEILING, `${name} (0008,1155)`, sdk),
    objects: [],
    ...(lines.length === 0 ? {} : { text: sdk.clip(lines.join('\n')) }),
  };
}

/** Verifying observers (0040,A073), else authors (0040,A078). */
function observersOf(dataSet: DataSet, sdk: DicomSdk): string {
  const verifying = sdk.dicom
    .items(dataSet, '0040a073')
    .flatMap((one) => sdk.dicom.text(one, '0040a075') ?? []);
  const authors = sdk.dicom
    .items(dataSet, '0040a078')
    .flatMap((one) => sdk.dicom.text(one, '0040a123') ?? []);
  return (verifying.length > 0 ? verifying : authors).join(', ');
}

function linesOf(item: DataSet, depth: number, sdk: DicomSdk): readonly string[] {
  const name = meaningOf(item, '0040a043', sdk);
  const value = writtenValue(item, sdk);
  const own = [name, value].filter((part) => part !== undefined && part !== '').join(': ');
  const children = sdk.dicom.items(item, '0040a730').flatMap((child) => linesOf(child, depth + 1, sdk));
  return own === '' ? children : [`${'  '.repeat(depth)}${own}`, ...children];
}

/** Code Meaning, else Code Value, of the first item of a code sequence. */
function meaningOf(item: DataSet, sequence: string, sdk: DicomSdk): string | undefined {
  const [code] = sdk.dicom.items(item, sequence);
  return code === undefined
    ? undefined
    : (sdk.dicom.text(code, '00080104') ?? sdk.dicom.text(code, '00080100'));
}

/** Text, person, date, time, date and time, UID: the value types that lie in an element of their own. */
const plainValues = ['0040a160', '0040a123', '0040a121', '0040a122', '0040a120', '0040a124'];

function writtenValue(item: DataSet, sdk: DicomSdk): string | undefined {
  const plain = plainValues.map((tag) => sdk.dicom.text(item, tag)).find((text) => text !== undefined);
  const [measured] = sdk.dicom.items(item, '0040a300');
  if (plain !== undefined) return plain;
  if (measured !== undefined) {
    return [sdk.dicom.text(measured, '0040a30a'), meaningOf(measured, '004008ea', sdk)]
      .filter(Boolean)
      .join(' ');
  }
  return meaningOf(item, '0040a168', sdk) ?? instancesIn(item, '00081199', sdk)[0];
}

/** Evidence sequences (0040,A375), (0040,A385), and instances that the content names. */
function referencesOf(dataSet: DataSet, sdk: DicomSdk): readonly string[] {
  const evidence = ['0040a375', '0040a385'].flatMap((tag) => sdk.dicom.items(dataSet, tag));
  const listed = evidence
    .flatMap((study) => sdk.dicom.items(study, '00081115'))
    .flatMap((series) => instancesIn(series, '00081199', sdk));
  return [...listed, ...namedIn(dataSet, sdk)];
}

function namedIn(item: DataSet, sdk: DicomSdk): readonly string[] {
  const children = sdk.dicom.items(item, '0040a730').flatMap((child) => namedIn(child, sdk));
  return [...instancesIn(item, '00081199', sdk), ...children];
}
