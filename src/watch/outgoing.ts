import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { sortIntoScans } from '../recognise/index-files.ts';
import type { Journal } from './journal.ts';
import { openSeen } from './open-seen.ts';
import type { PlannedFile, PlannedScan, Recognising } from './plan.ts';
import type { OutgoingFile } from './send/service.ts';
import type { SeenFile } from './tracker.ts';

export interface HashedFile extends PlannedFile {
  readonly outgoing: OutgoingFile;
}

/** Undefined when a file changed or went meanwhile: it is looked at again. */
export async function hashAll({ files }: PlannedScan): Promise<readonly HashedFile[] | undefined> {
  const hashed: HashedFile[] = [];
  for (const file of files) {
    const { name, path, bytes } = file.seen;
    try {
      const sha256 = await hashOf(file.seen);
      if (sha256 === undefined) return undefined;
      hashed.push({ ...file, outgoing: { name, path, bytes, sha256 } });
    } catch (error) {
      if (error instanceof Error && 'code' in error) return undefined;
      throw error;
    }
  }
  return hashed;
}

/** Undefined where it has changed, or changed meanwhile. */
async function hashOf(seen: SeenFile): Promise<string | undefined> {
  const file = await openSeen(seen);
  try {
    const hash = createHash('sha256');
    // No further than it was seen to reach, and one byte: a file may grow faster than it is read
    const seenBytes = { autoClose: false, start: 0, end: seen.bytes };
    for await (const chunk of file.createReadStream(seenBytes)) hash.update(chunk);
    return (await isAsSeen(file, seen)) ? hash.digest('hex') : undefined;
  } finally {
    await file.close();
  }
}

async function isAsSeen(file: FileHandle, { bytes, mtimeMs }: SeenFile): Promise<boolean> {
  const now = await file.stat();
  return now.size === bytes && now.mtimeMs === mtimeMs;
}

/** Files of these roles may be the same in different scans: a picture that says that there is none. */
const commonRoles: ReadonlySet<string> = new Set(['picture', 'icon', 'sidecar', 'report', 'attachment']);

/** All of it was sent before: under this name, or under another one with content that only one scan has. */
export function wasSent(journal: Journal, { group }: PlannedScan, files: readonly HashedFile[]): boolean {
  const known = files.map(({ outgoing }) => journal.known(outgoing.sha256));
  if (known.includes(undefined)) return false;
  if (known.every((content) => content?.group === group)) return true;
  return files.some(({ role }) => !commonRoles.has(role));
}

const SMALL_BYTES = 512 * 1024;

/**
 * The uploads that a scan goes in: over a thin line the small files first, where they alone are recognised as the same
 * scan. The service then makes a second revision when the rest comes.
 */
export async function partsOf(
  { converters, limits }: Recognising,
  scan: PlannedScan,
  files: readonly HashedFile[],
  isThin: boolean,
): Promise<readonly (readonly HashedFile[])[]> {
  const small = files.filter(({ seen }) => seen.bytes <= SMALL_BYTES);
  if (!isThin || small.length === 0 || small.length === files.length) return [files];
  const alone = await sortIntoScans(
    small.map(({ staged }) => staged),
    converters,
    limits,
  );
  const [group] = alone.groups;
  const same =
    alone.groups.length === 1 &&
    group?.files.length === small.length &&
    group.groupKey === scan.group &&
    group.converter.id === scan.converter;
  return same ? [small, files.filter((file) => !small.includes(file))] : [files];
}
