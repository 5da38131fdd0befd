import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { defined } from '../core/defined.ts';
import type { ObjectReads } from '../core/ports/objects.ts';
import { isAttachedRole } from '../core/scan/attached-role.ts';
import type { OriginalFile, ScanRow } from '../core/scan/stored-scan.ts';
import { COMPANION, DAMAGED, UNKNOWN } from '../recognise/companions.ts';
import type { GroupedFile } from '../recognise/files.ts';

/** What is only described anew replaces what was there; measured data never does. */
function isReplaceable(role: string): boolean {
  return role === 'metadata' || role === 'sidecar' || role === COMPANION || isOneOfMany(role);
}

/** A recording that grows while it is sent again and again: one that begins with all of an earlier one is that, grown. */
export const LOG_ROLE = 'record';

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

/**
 * The files of the scan with the new ones joined in, or undefined when they cannot be of the same scan: a whole
 * channel is never replaced by another one, and no file by one of another sender. A file that was cut short is replaced
 * by a longer one; a shorter one is passed over where it is the beginning of what is there, and of another scan where it
 * is not. A log is replaced by the one that begins with all of it. Files that a UID names are never replaced: other bytes
 * under the same UID are kept beside the first ones, and its reader tells it.
 */
export async function mergeOriginals(
  objects: ObjectReads,
  prior: readonly OriginalFile[],
  group: { readonly files: readonly ReceivedFile[]; readonly isByUid: boolean },
  uploader: string,
): Promise<readonly MergedFile[] | undefined> {
  if (group.isByUid) return mergeInstances(prior, group.files, uploader);
  const merged = new Map<string, MergedFile>(prior.map((file) => [slot(file), file]));
  for (const file of group.files) {
    const sender = file.sentBy ?? uploader;
    const old = merged.get(slot(file));
    if (old !== undefined && old.sentBy !== sender) return undefined;
    if (old?.sha256 === file.sha256) continue;
    const isLog = file.role === LOG_ROLE;
    if (old === undefined || isReplaceable(file.role) || isContinued(old, file)) {
      merged.set(slot(file), originalOf(file, sender));
    } else if (isLog && (await beginsWith(file, old))) {
      merged.set(slot(file), originalOf(file, sender));
    } else if ((file.complete && !isLog) || !(await isBeginning(objects, file, old))) return undefined;
  }
  return [...merged.values()];
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

/** Whether the staged file begins with all bytes of a stored one, and goes on. */
export async function beginsWith(
  file: Pick<GroupedFile, 'path' | 'bytes'>,
  old: Pick<OriginalFile, 'bytes' | 'sha256'>,
): Promise<boolean> {
  if (old.bytes === 0 || old.bytes >= file.bytes) return false;
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file.path, { end: old.bytes - 1 })) hash.update(piece);
  return hash.digest('hex') === old.sha256;
}

async function isBeginning(
  objects: ObjectReads,
  { bytes, sha256 }: GroupedFile,
  { key }: MergedFile,
): Promise<boolean> {
  if (key === undefined) return false;
  const hash = createHash('sha256');
  let left = bytes;
  for await (const piece of await objects.stream(key)) {
    const part = piece.subarray(0, left);
    hash.update(part);
    left -= part.byteLength;
    if (left === 0) break;
  }
  return left === 0 && hash.digest('hex') === sha256;
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
