import type { DataSet, DicomFile, ImportedReport } from '../../src/sdk/sdk.ts';
import { structuredReport } from './structured-report.ts';
import { threatReport } from './threat-report.ts';
import type { DicomSdk } from './tools.ts';

const TDR_CLASS = '1.2.840.10008.5.1.4.1.1.501.3';
const SR_CLASSES = '1.2.840.10008.5.1.4.1.1.88.';

/** What a file without pixels says of the scan; undefined for one that is no report. */
export function reportOf({ dataSet, name }: DicomFile, sdk: DicomSdk): ImportedReport | undefined {
  if (isThreatReport(dataSet, sdk)) return threatReport(dataSet, name, sdk);
  return isStructuredReport(dataSet, sdk) ? structuredReport(dataSet, name, sdk) : undefined;
}

export function isReport(dataSet: DataSet, sdk: DicomSdk): boolean {
  return isThreatReport(dataSet, sdk) || isStructuredReport(dataSet, sdk);
}

function isThreatReport(dataSet: DataSet, sdk: DicomSdk): boolean {
  return (
    sdk.dicom.text(dataSet, '00080016') === TDR_CLASS || sdk.dicom.text(dataSet, '40101027') !== undefined
  );
}

function isStructuredReport(dataSet: DataSet, sdk: DicomSdk): boolean {
  const sopClass = sdk.dicom.text(dataSet, '00080016') ?? '';
  return sopClass.startsWith(SR_CLASSES) || sdk.dicom.items(dataSet, '0040a730').length > 0;
}
