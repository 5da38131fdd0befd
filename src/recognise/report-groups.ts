import type { Collected } from './collect.ts';
import { reportReferences } from './dicom-head.ts';

/** SOP instances that the files of a scan refer to, where every file is a report; empty where it holds anything else. */
function referencesOfReports(files: Collected['files']): readonly string[] {
  const references = files.map(({ head }) => reportReferences(head));
  return references.every((named) => named.length > 0) ? references.flat() : [];
}

/** Reports under a scan UID of their own join the scan whose images they refer to. */
export function joinReports(groups: readonly Collected[]): readonly Collected[] {
  const homes = groups.map((group) => homeOf(group, groups));
  return groups.flatMap((group, i) => {
    if (homes[i] !== undefined) return [];
    const reports = groups.filter((_, j) => homes[j] === group).flatMap(({ files }) => files);
    return [{ ...group, files: [...group.files, ...reports] }];
  });
}

function homeOf(group: Collected, groups: readonly Collected[]): Collected | undefined {
  if (group.manifest.group.by !== 'dicom') return undefined;
  const references = new Set(referencesOfReports(group.files));
  if (references.size === 0) return undefined;
  return groups.find(
    (other) =>
      other !== group &&
      other.manifest.id === group.manifest.id &&
      other.files.some(({ role }) => references.has(role)) &&
      referencesOfReports(other.files).length === 0,
  );
}
