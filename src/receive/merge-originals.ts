import { defined } from '../core/defined.ts';
import { isAttachedRole } from '../core/scan/attached-role.ts';
import { type OriginalFile, RECORD_ROLE, type ScanRow } from '../core/scan/stored-scan.ts';
import { COMPANION, DAMAGED, UNKNOWN } from '../recognise/companions.ts';
import type { GroupedFile } from '../recognise/files.ts';

/** What is only described anew replaces what was there; measured data never does. */
function isReplaceable(role: string): boolean {
  return role === 'metadata' || role === 'sidecar' || role === COMPANION || isOneOfMany(role);
}

/** A file that joins a scan, and who sent it where that is not the sender of the upload. */
export interface ReceivedFile extends GroupedFile {
  readonly sentBy?: string;
}

/** A file of a revision to be; without a key it is stored with it. */
export type MergedFile = Omit<OriginalFile, 'key'> & { readonly key?: string };

/** The files of before senders were kept are those of whoever began the scan. */
export function withSenders(
  originals: readonly OriginalFile[],
  { senders: [first] }: Pick<ScanRow, 'senders'>,
): readonly OriginalFile[] {
  return originals.map((file) => ({ ...defined({ sentBy: first }), ...file }));
}

/** Whether one file is the beginning of another, by their bytes. */
export type IsBeginning = (begin: { readonly sha256: string }, whole: { readonly sha256: string }) => boolean;

/** Two files of which the first may be the beginning of the second, which is staged or stored. */
export interface Comparison {
  readonly begin: Pick<GroupedFile, 'bytes' | 'sha256'>;
  readonly whole: Pick<GroupedFile, 'path' | 'sha256'> | Pick<OriginalFile, 'key' | 'sha256'>;
}

interface Joining {
  readonly files: readonly ReceivedFile[];
  /** Whether a UID in each file names its scan. */
  readonly isByUid: boolean;
}

/**
 * The files of the scan with the new ones joined in, or undefined when they cannot be of the same scan: a whole
 * channel is never replaced by another one, and no file by one of another sender. A file that was cut short is replaced
 * by a longer one. A shorter one is passed over if it is the beginning of the file that is there, and belongs to another
 * scan if it is not. A log is replaced by the one that begins with all of it. Files that a UID names are never replaced:
 * other bytes under the same UID are kept beside the first ones, and the reader warns of them.
 * @param isBeginning - for the pairs that `filesToCompare` lists
 */
export function mergeOriginals(
  prior: readonly OriginalFile[],
  { files, isByUid }: Joining,
  uploader: string,
  isBeginning: IsBeginning,
): readonly MergedFile[] | undefined {
  if (isByUid) return mergeInstances(prior, files, uploader);
  const merged = new Map<string, MergedFile>(prior.map((file) => [slot(file), file]));
  for (const file of files) {
    const sender = file.sentBy ?? uploader;
    const old = merged.get(slot(file));
    if (old !== undefined && old.sentBy !== sender) return undefined;
    if (old?.sha256 === file.sha256) continue;
    if (old === undefined || isReplacedBy(old, file, isBeginning))
      merged.set(slot(file), originalOf(file, sender));
    else if (isWhole(file) || !isBeginning(file, old)) return undefined;
  }
  return [...merged.values()];
}

function isReplacedBy(old: MergedFile, file: ReceivedFile, isBeginning: IsBeginning): boolean {
  if (isReplaceable(file.role) || isContinued(old, file)) return true;
  return file.role === RECORD_ROLE && isBeginning(old, file);
}

/** Nothing is missing at its end. A log grows, so that this is never known of it. */
function isWhole({ complete, role }: ReceivedFile): boolean {
  return complete && role !== RECORD_ROLE;
}

/** The pairs whose bytes `mergeOriginals` compares. */
export function filesToCompare(
  prior: readonly OriginalFile[],
  { files, isByUid }: Joining,
): readonly Comparison[] {
  if (isByUid) return [];
  return files.flatMap((file, at) => {
    if (isReplaceable(file.role)) return [];
    const isOther = (one: MergedFile) => slot(one) === slot(file) && one.sha256 !== file.sha256;
    const stored = prior.filter((old) => isOther(old) && !isContinued(old, file));
    const logs = file.role === RECORD_ROLE ? [...stored, ...files.slice(0, at).filter(isOther)] : [];
    const longer = isWhole(file) ? [] : stored.filter(({ bytes }) => bytes >= file.bytes);
    return [
      ...logs.filter((log) => isShorterLog(log, file)).map((begin) => ({ begin, whole: file })),
      ...longer.map((whole) => ({ begin: file, whole })),
    ];
  });
}

/** An empty log is the beginning of nothing. */
export function isShorterLog(log: Pick<MergedFile, 'bytes'>, file: Pick<MergedFile, 'bytes'>): boolean {
  return log.bytes > 0 && log.bytes < file.bytes;
}

function mergeInstances(
  prior: readonly OriginalFile[],
  files: readonly ReceivedFile[],
  uploader: string,
): readonly MergedFile[] | undefined {
  const merged: MergedFile[] = [...prior];
  for (const file of files) {
    const sender = file.sentBy ?? uploader;
    const same = merged.filter((old) => slot(old) === slot(file));
    if (same.some(({ sentBy }) => sentBy !== sender)) return undefined;
    if (same.every(({ sha256 }) => sha256 !== file.sha256)) merged.push(originalOf(file, sender));
  }
  return merged;
}

/** The one that is there was cut short, and the new one is not, or is longer. */
function isContinued(old: MergedFile, file: GroupedFile): boolean {
  return !old.complete && (file.complete || old.bytes <= file.bytes);
}

/** Records refer to files by name: of files of one name (of several folders, or of several uploads) each gets its own. */
export function withDistinctNames(files: readonly MergedFile[]): readonly MergedFile[] {
  const taken = new Set<string>();
  return files.map((file) => {
    const name = freeName(file.name, taken);
    taken.add(name);
    return { ...file, name };
  });
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  const dot = name.lastIndexOf('.');
  const [base, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${base} (${number})${extension}`;
  return free;
}

/** What is kept of a file beside its bytes. */
export function originalOf(
  { name, role, bytes, sha256, blocks, complete, index }: GroupedFile,
  sentBy: string,
): MergedFile {
  const names = index === undefined || Object.keys(index.names).length === 0 ? undefined : index.names;
  return { name, role, bytes, sha256, complete, sentBy, ...defined({ blocks, names }) };
}

/** One channel has one file; of pictures and attachments there may be many, told apart by name. */
function slot({ role, name }: { readonly role: string; readonly name: string }): string {
  return isOneOfMany(role) ? `${role}:${name}` : role;
}

function isOneOfMany(role: string): boolean {
  return role === UNKNOWN || role === DAMAGED || isAttachedRole(role);
}
