import { NiiError } from '../core/errors.ts';
import { attach } from './attach.ts';
import { type Collected, collect, type Member } from './collect.ts';
import { companionsAmong } from './companions.ts';
import { dicomText, reportReferences } from './dicom-head.ts';
import type { FileGroup, Grouped, GroupedFile, StagedFile } from './files.ts';
import type { ConverterManifest } from './manifest.ts';
import { folderOf, namePartsOf } from './names.ts';
import { type Claim, promisedBytes, recognise } from './sniff.ts';

type Recognising = { readonly manifest: ConverterManifest };

interface Claimed {
  readonly file: StagedFile;
  readonly claims: readonly Claim[];
}

/**
 * Sorts the files of an upload into scans: content says which converter, index files and names say which files belong
 * together. A fallback's claim counts where no scan made so far wants the file; a whole package that falls back comes
 * before a single rule that does, so that a description joins the picture that it describes.
 */
export function groupFiles(files: readonly StagedFile[], converters: readonly Recognising[]): Grouped {
  const damaged = files.filter(({ damage }) => damage !== undefined);
  const claimed = files
    .filter((file) => !damaged.includes(file))
    .map((file): Claimed => ({ file, claims: recognise(file, converters) }));
  const ambiguous = claimed.filter(({ claims }) => firm(claims).length > 1);
  const { groups, rest } = [firm, ofFallbackPackage, ofAny].reduce(nextRank, {
    groups: [],
    rest: claimed.filter((one) => !ambiguous.includes(one)),
  });
  const { groups: all, unknown } = companionsAmong(
    joinReports(groups),
    rest.map(({ file }) => file),
  );
  return {
    groups: all.map(toFileGroup),
    unknown: [...unknown, ...damaged],
    ambiguous: ambiguous.map(({ file, claims }) => ({
      file,
      converters: firm(claims).map(({ manifest }) => manifest.id),
    })),
  };
}

function firm(claims: readonly Claim[]): readonly Claim[] {
  return claims.filter(({ fallback }) => !fallback);
}

function ofFallbackPackage(claims: readonly Claim[]): readonly Claim[] {
  return claims.filter(({ manifest }) => manifest.fallback === true);
}

function ofAny(claims: readonly Claim[]): readonly Claim[] {
  return claims;
}

interface Sorted {
  readonly groups: readonly Collected[];
  readonly rest: readonly Claimed[];
}

/** Makes scans of the files that are claimed at this rank, and gives them what they want of the rest. */
function nextRank({ groups, rest }: Sorted, claimsOf: typeof firm): Sorted {
  const members = rest.flatMap(({ file, claims }) =>
    claimsOf(claims)
      .slice(0, 1)
      .map((c) => member(file, c)),
  );
  const others = rest.filter(({ claims }) => claimsOf(claims).length === 0);
  const attached = attach(
    collect(members),
    others.map(({ file }) => file),
  );
  return {
    groups: [...groups, ...attached.groups],
    rest: others.filter(({ file }) => attached.unwanted.includes(file)),
  };
}

/** @throws NII_AMBIGUOUS_FORMAT, NII_UNKNOWN_FORMAT or, damaged in its archive, NII_MALFORMED for the first file that has no single converter */
export function rejectUnclaimed({ unknown, ambiguous }: Pick<Grouped, 'unknown' | 'ambiguous'>): void {
  const [twice] = ambiguous;
  if (twice !== undefined) {
    const detail = `${twice.file.name} is claimed by ${twice.converters.join(' and ')}`;
    throw new NiiError('NII_AMBIGUOUS_FORMAT', { detail, field: twice.file.name });
  }
  const [stranger] = unknown;
  if (stranger === undefined) return;
  const { damage } = stranger;
  if (damage !== undefined) throw new NiiError('NII_MALFORMED', { detail: damage, field: stranger.name });
  const detail = `${stranger.name}: no installed format matches its content`;
  throw new NiiError('NII_UNKNOWN_FORMAT', { detail, field: stranger.name });
}

function member(file: StagedFile, { manifest, rule, fallback }: Claim): Member {
  const { stem, part } = namePartsOf(file.name, manifest);
  const promised = promisedBytes(rule, file.head);
  return {
    manifest,
    fallback,
    key: dicomValue(file, manifest, 'tag') ?? file.index?.key ?? keyByName(stem, file, manifest),
    file: {
      ...file,
      role: rule.role ?? partRole(part, manifest) ?? dicomValue(file, manifest, 'roleTag') ?? 'image',
      complete: promised === undefined || file.bytes >= promised,
    },
  };
}

/** Names of DICOM files (`IM000001`) repeat from scan to scan: without a scan UID no later file may join by its name. */
function keyByName(stem: string, { name }: StagedFile, { group }: ConverterManifest): string {
  return group.by === 'dicom' ? `/${folderOf(name)}${stem}` : stem;
}

function partRole(part: string | undefined, { group }: ConverterManifest): string | undefined {
  return group.by === 'name' && part !== undefined ? group.parts?.[part] : undefined;
}

function dicomValue(
  file: StagedFile,
  { group }: ConverterManifest,
  which: 'tag' | 'roleTag',
): string | undefined {
  return group.by === 'dicom' ? dicomText(file.head, group[which])?.slice(0, 64) : undefined;
}

function toFileGroup({ manifest, key, files, fallback }: Collected): FileGroup {
  return { converter: { id: manifest.id, version: manifest.version }, groupKey: key, files, fallback };
}

/**
 * A report joins every scan whose images it refers to. Where its own scan UID has no image, it is no scan of its own
 * beside them.
 */
function joinReports(groups: readonly Collected[]): readonly Collected[] {
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
