import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { NiiError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import { isArchive, isZip } from './magic.ts';
import { type Budget, type ExtractedFile, memberName, newBudget, stageMember } from './member.ts';
import { zipMembers } from './zip.ts';

export type { ExtractedFile } from './member.ts';

export type ArchiveLimits = Pick<Limits, 'archiveBytes' | 'uploadFiles' | 'expansionRatio'>;

/** Two blocks of zeros end an archive (section 10.1.1); one cut between two members lacks them. */
const TAR_END_BYTES = 1024;

/**
 * Unpacks a ZIP or TAR file into a folder, one numbered file a member, hashed while it is written. What an archive
 * says of sizes is not believed: the bytes that come out are counted. An archive in an archive is rejected. A damaged member
 * of a ZIP comes with its damage, unless all are damaged.
 * @throws NII_LIMIT_EXPANSION, NII_LIMIT_FILES, NII_LIMIT_DEPTH, NII_TRUNCATED, NII_MALFORMED (damage, or a name that
 *   leaves the folder), NII_UNSUPPORTED_VARIANT (encrypted members, links, devices), NII_DISK_FULL
 */
export async function expandArchive(
  archive: ExtractedFile,
  stagingDir: string,
  limits: ArchiveLimits,
): Promise<readonly ExtractedFile[]> {
  await mkdir(stagingDir, { recursive: true });
  const budget = newBudget(limits, stagingDir, archive.bytes);
  try {
    const files = isZip(archive.head) ? await zipMembers(archive, budget) : await tarMembers(archive, budget);
    return checked(files, archive.name);
  } catch (error) {
    throw toArchiveError(error, archive.name);
  }
}

function checked(files: readonly ExtractedFile[], name: string): readonly ExtractedFile[] {
  if (files.length === 0)
    throw new NiiError('NII_MALFORMED', { detail: `${name}: the archive contains no files`, field: name });
  const damaged = files.flatMap(({ damage }) => damage ?? []);
  if (damaged.length === files.length)
    throw new NiiError('NII_MALFORMED', { detail: damaged[0] ?? name, field: name });
  const nested = files.find(({ head }) => isArchive(head));
  if (nested === undefined) return files;
  throw new NiiError('NII_LIMIT_DEPTH', {
    detail: `${name}: ${nested.name} is a nested archive`,
    field: name,
  });
}

async function tarMembers(archive: ExtractedFile, budget: Budget): Promise<readonly ExtractedFile[]> {
  await checkTarEnd(archive);
  const tar = extract();
  const files: ExtractedFile[] = [];
  const unpack = async () => {
    for await (const entry of tar) {
      const name = memberName(entry.header.name, entry.header.type === 'directory');
      checkKind(entry.header.type, entry.header.name);
      if (name === undefined) entry.resume();
      else files.push(await stageMember(name, chunksOf(entry), undefined, budget));
    }
  };
  await Promise.all([pipeline(createReadStream(archive.path), tar), unpack()]);
  return files;
}

/** tar-stream's own kind of stream, as one that node knows. */
async function* chunksOf(entry: AsyncIterable<unknown>): AsyncIterable<Uint8Array> {
  for await (const chunk of entry) if (chunk instanceof Uint8Array) yield chunk;
}

async function checkTarEnd({ path, bytes, name }: ExtractedFile): Promise<void> {
  const file = await open(path);
  try {
    const end = Buffer.alloc(TAR_END_BYTES, 1);
    await file.read(end, 0, TAR_END_BYTES, Math.max(0, bytes - TAR_END_BYTES));
    if (end.every((byte) => byte === 0)) return;
  } finally {
    await file.close();
  }
  throw new NiiError('NII_TRUNCATED', {
    detail: `${name}: the end of the archive is missing`,
    offset: bytes,
  });
}

function checkKind(type: string | null | undefined, name: string): void {
  if (type === 'file' || type === 'contiguous-file' || type === 'directory') return;
  const detail = `${name}: a member of kind ${type ?? 'unknown'}: use only regular files`;
  throw new NiiError('NII_UNSUPPORTED_VARIANT', detail);
}

/** What yauzl, zlib and tar-stream throw is damage of the archive, or a name they reject. */
function toArchiveError(error: unknown, name: string): unknown {
  if (error instanceof NiiError || !(error instanceof Error)) return error;
  if (isSystemError(error)) return error;
  const truncated = /unexpected end|end of central directory|premature close/i.test(error.message);
  return new NiiError(truncated ? 'NII_TRUNCATED' : 'NII_MALFORMED', {
    detail: `${name}: ${error.message.slice(0, 200)}`,
    field: name,
    cause: error,
  });
}

/** A failing disk or a missing file is no fault of the archive. */
function isSystemError(error: Error): boolean {
  return 'syscall' in error;
}
