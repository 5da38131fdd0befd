import type { Collected } from './collect.ts';
import { reportReferences } from './dicom-head.ts';
import type { GroupedFile } from './files.ts';

/**
 * A report joins every scan whose images it refers to. Where its own scan UID has no image, it is no scan of its own
 * beside them.
 */
export function joinReports(groups: readonly Collected[]): readonly Collected[] {
  const reports = groups.flatMap(reportsIn);
  const joining = groups.map((group) => reports.filter((report) => isOn(report, group)));
  const joined = new Set(joining.flat().map(({ file }) => file));
  return groups.flatMap((group, i) => {
    const isOfReports = group.files.every(isReport);
    const own = isOfReports ? group.files.filter((file) => !joined.has(file)) : group.files;
    const files = [...own, ...(joining[i] ?? []).map(({ file }) => file)];
    return files.length === 0 ? [] : [{ ...group, files }];
  });
}

interface Report {
  readonly file: GroupedFile;
  readonly group: Collected;
  /** SOP instances that it refers to. */
  readonly references: ReadonlySet<string>;
}

function reportsIn(group: Collected): readonly Report[] {
  if (group.manifest.group.by !== 'dicom') return [];
  return group.files.flatMap((file) => {
    const references = new Set(reportReferences(file.head));
    return references.size === 0 ? [] : [{ file, group, references }];
  });
}

function isOn({ file, group: own, references }: Report, group: Collected): boolean {
  if (group === own || group.manifest.id !== own.manifest.id) return false;
  const isSame = ({ role, sha256 }: GroupedFile) => role === file.role && sha256 === file.sha256;
  if (group.files.some(isSame)) return false;
  return group.files.some((one) => references.has(one.role) && !isReport(one));
}

function isReport({ head }: GroupedFile): boolean {
  return reportReferences(head).length > 0;
}
