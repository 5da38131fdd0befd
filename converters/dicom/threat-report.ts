import type { DataSet, ImportedReport } from '../../src/sdk/sdk.ts';
import { bounded, instancesIn, momentOf } from './references.ts';
import type { DicomSdk } from './tools.ts';

type Reported = ImportedReport['objects'][number];
type Region = Reported['regions'][number];

const OBJECTS_CEILING = 1024;
const REGIONS_CEILING = 64;
const REFERENCES_CEILING = 1024;
const REGION_REFERENCES_CEILING = 64;
const POLYGON_CEILING = 3072;
const TERM_CEILING = 64;

const types = ['MACHINE', 'OPERATOR', 'GROUND TRUTH', 'AGGREGATE', 'MOD_AGGREGATE', 'UNDEFINED'] as const;
const decisions = ['ALARM', 'CLEAR', 'UNKNOWN'] as const;

/** A Threat Detection Report (NEMA IIC 1 V03, section 12; tags as in the SDICOS headers and files). */
export function threatReport(dataSet: DataSet, name: string, sdk: DicomSdk): ImportedReport {
  const text = (tag: string) => sdk.dicom.text(dataSet, tag);
  const objects = sdk.dicom.items(dataSet, '40101011').flatMap((item) => objectsOf(item, name, sdk));
  const references = [
    ...instancesIn(dataSet, '00081110', sdk),
    ...objects.flatMap(({ regions }) => regions.flatMap((region) => region.references)),
  ];
  const sop = text('00080018');
  return {
    source: name,
    type: term(dataSet, '40101027', types, name, sdk) ?? 'UNDEFINED',
    ...decisionOf(dataSet, name, sdk),
    ...momentOf(text('4010102b'), dataSet, sdk),
    ...authorOf(dataSet, sdk),
    ...(sop === undefined ? {} : { sopInstanceUid: sop.slice(0, TERM_CEILING) }),
    references: bounded(references, REFERENCES_CEILING, `${name} (0008,1155)`, sdk),
    objects: bounded(objects, OBJECTS_CEILING, `${name} (4010,1011)`, sdk),
  };
}

/** One of the terms; another one is warned of and left to the caller. */
function term<Term extends string>(
  dataSet: DataSet,
  tag: string,
  terms: readonly Term[],
  name: string,
  sdk: DicomSdk,
): Term | undefined {
  const written = sdk.dicom.text(dataSet, tag)?.toUpperCase();
  const known = terms.find((one) => one === written);
  if (known !== undefined) return known;
  const field = `${name} (${tag.slice(0, 4)},${tag.slice(4)})`.toUpperCase();
  const message = `One of ${terms.join(', ')} was expected`;
  sdk.warn('NII_W_FIELD_MALFORMED', { field, value: written ?? '', message });
  return undefined;
}

/** An aborted report decided nothing, whatever it says. */
function decisionOf(dataSet: DataSet, name: string, sdk: DicomSdk) {
  const decision = term(dataSet, '40101031', decisions, name, sdk);
  const written = sdk.dicom.text(dataSet, '40101031');
  const foreign = decision === undefined && written !== undefined ? { verdict: written.slice(0, 256) } : {};
  const flag = sdk.dicom.text(dataSet, '40101024');
  const reason = sdk.dicom.text(dataSet, '40101021') ?? (flag === 'ABORT' ? 'ABORT' : undefined);
  if (reason === undefined) return { decision: decision ?? ('UNKNOWN' as const), ...foreign };
  return {
    decision: decision ?? ('UNKNOWN' as const),
    abortReason: reason.slice(0, TERM_CEILING),
    ...foreign,
  };
}

/** Algorithm, version and parameters of a machine; name and code of an operator. */
function authorOf(dataSet: DataSet, sdk: DicomSdk): { readonly by?: string } {
  const algorithm = sdk.dicom.texts(dataSet, '40101029').join(' ').trim();
  const people = sdk.dicom
    .items(dataSet, '00081072')
    .flatMap((operator) => sdk.dicom.items(operator, '00401101'))
    .filter((item) => !isTextEncoding(item, sdk))
    .flatMap((person) => sdk.dicom.text(person, '00080104') ?? sdk.dicom.text(person, '00080100') ?? []);
  const operator = people.join(', ') || sdk.dicom.text(dataSet, '00081070') || '';
  const by = algorithm === '' ? operator : algorithm;
  return by === '' ? {} : { by: by.slice(0, 1024) };
}

/** Beside the identity of an operator: that it is written as text (V03 12.4). */
function isTextEncoding(item: DataSet, sdk: DicomSdk): boolean {
  return sdk.dicom.text(item, '00080102') === 'DCS' && sdk.dicom.text(item, '00080100') === '100001';
}

/** A potential threat object, once for each of its assessments. */
function objectsOf(item: DataSet, name: string, sdk: DicomSdk): readonly Reported[] {
  const id = sdk.dicom.number(item, '40101010');
  const regions = sdk.dicom.items(item, '40101037').map((one) => regionOf(one, name, sdk));
  const common = {
    ...(id === undefined ? {} : { id }),
    regions: regions.slice(0, REGIONS_CEILING),
  };
  const assessments = sdk.dicom.items(item, '40101038');
  if (assessments.length === 0) return [common];
  return assessments.map((assessment) => ({ ...common, ...assessmentOf(assessment, sdk) }));
}

function assessmentOf(item: DataSet, sdk: DicomSdk): Partial<Reported> {
  const category = sdk.dicom.text(item, '40101012');
  const description = sdk.dicom.text(item, '40101013');
  const assessment = sdk.dicom.text(item, '40101015');
  const probability = sdk.dicom.number(item, '40101016');
  const isGiven = probability !== undefined && probability >= 0 && probability <= 1; // SDICOS: -1 is not given
  return {
    ...(category === undefined ? {} : { category: category.slice(0, TERM_CEILING) }),
    ...(description === undefined ? {} : { description: sdk.clip(description) }),
    ...(assessment === undefined ? {} : { assessment: assessment.slice(0, TERM_CEILING) }),
    ...(isGiven ? { probability } : {}),
  };
}

/** One representation: where the object lies in the images of one view or volume, and what it is made of. */
function regionOf(item: DataSet, name: string, sdk: DicomSdk): Region {
  const [roi = []] = sdk.dicom.items(item, '40101001');
  const bitmap = sdk.dicom.bytes(roi, '40101006');
  const polygon = sdk.dicom.numbers(item, '4010101d').filter(Number.isFinite);
  if (polygon.length > POLYGON_CEILING) {
    const message = `${polygon.length} coordinates; the record holds the first ${POLYGON_CEILING}, the file all`;
    sdk.warn('NII_W_FIELD_MALFORMED', { field: `${name} (4010,101D)`, message });
  }
  const references = instancesIn(item, '0008114a', sdk);
  return {
    references: bounded(references, REGION_REFERENCES_CEILING, `${name} (0008,114A)`, sdk),
    ...triple('base', sdk.dicom.numbers(roi, '40101004')),
    ...triple('extents', sdk.dicom.numbers(roi, '40101005')),
    ...(polygon.length === 0 ? {} : { polygon: polygon.slice(0, POLYGON_CEILING) }),
    ...(bitmap === undefined || bitmap.length === 0 ? {} : { bitmapSha256: sdk.sha256(bitmap) }),
    ...quantity('massGrams', sdk.dicom.number(item, '40101017')),
    ...quantity('densityGramsPerCc', sdk.dicom.number(item, '40101018')),
    ...quantity('zeff', sdk.dicom.number(item, '40101019') ?? sdk.dicom.number(item, '61008002')),
  };
}

function triple(key: 'base' | 'extents', values: readonly number[]): Partial<Region> {
  return values.length === 3 && values.every(Number.isFinite) ? { [key]: [...values] } : {};
}

function quantity(
  key: 'massGrams' | 'densityGramsPerCc' | 'zeff',
  value: number | undefined,
): Partial<Region> {
  return value !== undefined && Number.isFinite(value) ? { [key]: value } : {};
}
