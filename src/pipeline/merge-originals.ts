import { COMPANION } from '../convert/companions.ts';
import type { FileGroup, GroupedFile } from '../convert/group.ts';
import { isAttachedRole } from '../convert/manifest.ts';
import type { OriginalFile } from '../core/ports.ts';

/** What is only described anew replaces what was there; measured data never does. */
function isReplaceable(role: string): boolean {
  return role === 'metadata' || role === 'sidecar' || role === COMPANION || isAttachedRole(role);
}

/** A file of a revision to be; without a key it is stored with it. */
export type MergedFile = Omit<OriginalFile, 'key'> & { readonly key?: string };

/**
 * The files of the scan with the new ones joined in, or undefined when they cannot be of the same scan: a whole
 * channel is never replaced by another one. A file that was cut short is replaced by a longer one, not by a shorter.
 */
export function mergeOriginals(
  prior: readonly OriginalFile[],
  group: FileGroup,
): readonly MergedFile[] | undefined {
  const merged = new Map<string, MergedFile>(prior.map((file) => [slot(file), file]));
  for (const file of group.files) {
    const old = merged.get(slot(file));
    if (old !== undefined && old.sha256 !== file.sha256 && old.complete && !isReplaceable(file.role)) {
      if (file.complete) return undefined;
      continue;
    }
    if (
      old?.sha256 !== file.sha256 &&
      !(old !== undefined && !old.complete && !file.complete && old.bytes > file.bytes)
    ) {
      merged.set(slot(file), originalOf(file));
    }
  }
  return [...merged.values()];
}

/** What is kept of a file beside its bytes. */
export function originalOf({ name, role, bytes, sha256, complete, index }: GroupedFile): MergedFile {
  const names = index === undefined || Object.keys(index.names).length === 0 ? {} : { names: index.names };
  return { name, role, bytes, sha256, complete, ...names };
}

/** One channel has one file; of pictures and attachments there may be many, told apart by name. */
function slot({ role, name }: { readonly role: string; readonly name: string }): string {
  return isAttachedRole(role) ? `${role}:${name}` : role;
}
