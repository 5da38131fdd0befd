import type { DicomJson, DicomJsonElement } from '../../core/dicom-json.ts';
import type { InstanceGroup, InstanceRow } from '../../core/ports/records/instances.ts';
import type { Search } from '../../queries/dicomweb/query.ts';
import { hrefOf } from './addresses.ts';

type Result = Record<string, DicomJsonElement>;
type Attributes = Readonly<Record<string, string>>;

/** What every result has, by level, with the VR for one that a file leaves out (PS3.18 tables 10.6.3-3 to 10.6.3-5). */
const studyAttributes: Attributes = {
  '00080020': 'DA',
  '00080030': 'TM',
  '00080050': 'SH',
  '00080090': 'PN',
  '00081030': 'LO',
  '00100010': 'PN',
  '00100020': 'LO',
  '00100030': 'DA',
  '00100040': 'CS',
  '0020000D': 'UI',
  '00200010': 'SH',
};
const seriesAttributes: Attributes = {
  '00080060': 'CS',
  '0008103E': 'LO',
  '0020000E': 'UI',
  '00200011': 'IS',
};
const instanceAttributes: Attributes = {
  '00080016': 'UI',
  '00080018': 'UI',
  '00200013': 'IS',
  '00280008': 'IS',
  '00280010': 'US',
  '00280011': 'US',
  '00280100': 'US',
};

export function studyResult(group: InstanceGroup, base: string, include: Search['include']): DicomJson {
  return sorted({
    ...chosen(group.attributes, studyAttributes, include, { ...seriesAttributes, ...instanceAttributes }),
    '00080061': values('CS', ...group.modalities.filter((modality) => modality !== '')),
    '00080062': values('UI', ...group.sopClasses),
    '00201206': values('IS', group.series),
    '00201208': values('IS', group.instances),
    ...available(hrefOf(base, { studyUid: group.studyUid })),
  });
}

export function seriesResult(group: InstanceGroup, base: string, include: Search['include']): DicomJson {
  const { studyUid, seriesUid } = group;
  return sorted({
    ...chosen(group.attributes, { ...studyAttributes, ...seriesAttributes }, include, instanceAttributes),
    '00201209': values('IS', group.instances),
    ...available(hrefOf(base, { studyUid, seriesUid })),
  });
}

export function instanceResult(row: InstanceRow, base: string, include: Search['include']): DicomJson {
  const wanted = { ...studyAttributes, ...seriesAttributes, ...instanceAttributes };
  return sorted({
    ...chosen(row.attributes, wanted, include, {}),
    '00083002': values('UI', row.transferSyntax),
    ...available(hrefOf(base, row)),
  });
}

/** The attributes of the level and those asked for, but none that differs from one instance of it to the next. */
function chosen(
  attributes: DicomJson,
  level: Attributes,
  include: Search['include'],
  below: Attributes,
): Result {
  const required = Object.entries(level).map(([tag, vr]) => [tag, attributes[tag] ?? { vr }] as const);
  const asked = Object.entries(attributes).filter(
    ([tag]) => !Object.hasOwn(below, tag) && (include === 'all' || include.has(tag)),
  );
  return Object.fromEntries([...asked, ...required]);
}

function available(href: string): Result {
  return { '00080056': values('CS', 'ONLINE'), '00081190': values('UR', href) };
}

function values(vr: string, ...value: readonly unknown[]): DicomJsonElement {
  return value.length === 0 ? { vr } : { vr, Value: value };
}

function sorted(result: Result): DicomJson {
  return Object.fromEntries(Object.entries(result).sort(([a], [b]) => (a < b ? -1 : 1)));
}
