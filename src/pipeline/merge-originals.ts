import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { COMPANION } from '../convert/companions.ts';
import { reportReferences } from '../convert/dicom-head.ts';
import type { FileGroup, GroupedFile } from '../convert/group.ts';
import { isAttachedRole } from '../convert/manifest.ts';
import type { ObjectStore, OriginalFile } from '../core/ports.ts';

/** What is only described anew replaces what was there; measured data never does. */
function isReplaceable(role: string): boolean {
  return role === 'metadata' || role === 'sidecar' || role === COMPANION || isAttachedRole(role);
}

/** A file of a revision to be; without a key it is stored with it. */
export type MergedFile = Omit<OriginalFile, 'key'> & { readonly key?: string };

/**
 * The files of the scan with the new ones joined in, or undefined when they cannot be of the same scan: a whole
 * channel is never replaced by another one. A file that was cut short is replaced by a longer one. A longer one that
 * begins with what is there, as a log does that is sent again when it has grown, replaces it: nothing in it is lost. One
 * that is itself the beginning of what is there is passed over. Of another scan is what is neither.
 */
export async function mergeOriginals(
  objects: Pick<ObjectStore, 'stream'>,
  prior: readonly OriginalFile[],
  group: FileGroup,
): Promise<readonly MergedFile[] | undefined> {
  const merged = new Map<string, MergedFile>(prior.map((file) => [slot(file), file]));
  for (const file of group.files) {
    const old = merged.get(slot(file));
    if (old?.sha256 === file.sha256) continue;
    if (
      old === undefined ||
      isReplaceable(file.role) ||
      isContinued(old, file) ||
      (await goesOn(old, file))
    ) {
      merged.set(slot(file), originalOf(file));
    } else if (!(await isBeginning(objects, file, old))) return undefined;
  }
  return [...merged.values()];
}

/** The one that is there was cut short, and the new one is not, or is longer. */
function isContinued(old: MergedFile, file: GroupedFile): boolean {
  return !old.complete && (file.complete || old.bytes <= file.bytes);
}

/** The new one is longer, and byte for byte begins with the one that is there. */
async function goesOn({ bytes, sha256 }: MergedFile, file: GroupedFile): Promise<boolean> {
  if (bytes === 0 || file.bytes <= bytes) return false;
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file.path, { end: bytes - 1 })) hash.update(piece);
  return hash.digest('hex') === sha256;
}

/** The one that is there is longer, and byte for byte begins with the new one. */
async function isBeginning(
  objects: Pick<ObjectStore, 'stream'>,
  { bytes, sha256, head }: GroupedFile,
  old: MergedFile,
): Promise<boolean> {
  if (old.key === undefined || bytes === 0 || old.bytes <= bytes) return false;
  const hash = createHash('sha256');
  let at = 0;
  for await (const piece of await objects.stream(old.key, { first: 0, last: bytes - 1 })) {
    // What differs from the start is not read to its end
    if (!isAlike(piece, head.subarray(at))) return false;
    hash.update(piece);
    at += piece.byteLength;
  }
  return at === bytes && hash.digest('hex') === sha256;
}

/** As far as both go. */
function isAlike(a: Uint8Array, b: Uint8Array): boolean {
  const common = Math.min(a.byteLength, b.byteLength);
  return Buffer.compare(a.subarray(0, common), b.subarray(0, common)) === 0;
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
export function originalOf({ name, role, bytes, sha256, complete, index, head }: GroupedFile): MergedFile {
  const names = index === undefined || Object.keys(index.names).length === 0 ? {} : { names: index.names };
  const references = reportReferences(head);
  const refersTo = references.length === 0 ? {} : { refersTo: references };
  return { name, role, bytes, sha256, complete, ...names, ...refersTo };
}

/** One channel has one file; of pictures and attachments there may be many, told apart by name. */
function slot({ role, name }: { readonly role: string; readonly name: string }): string {
  return isAttachedRole(role) ? `${role}:${name}` : role;
}
