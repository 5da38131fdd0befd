import { constants } from 'node:fs';
import { link, open } from 'node:fs/promises';
import { join } from 'node:path';
import { BlockHash } from '../codec/block-hash.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import { secondsToRead } from '../core/reading-time.ts';
import { type Member, unpackTask } from '../parsing/kinds/unpack.ts';
import { moveFile } from '../parsing/left-file.ts';
import type { Reader } from '../parsing/reader.ts';
import { HEAD_BYTES, type StagedFile } from '../recognise/files.ts';

export interface UnpackDeps {
  readonly reader: Reader;
  readonly limits: Limits;
}

const ARCHIVE_FILE = 'archive';

/**
 * The members of an archive, unpacked in a process of its own, moved into `dir`, and hashed here.
 * @throws as `expandArchive`, as Reader.read, and NII_LIMIT_EXPANSION for more bytes than an archive may hold
 */
export function unpackArchive(
  { reader, limits }: UnpackDeps,
  archive: StagedFile,
  dir: string,
  caller: string,
): Promise<readonly StagedFile[]> {
  const { name, bytes, sha256 } = archive;
  return reader.read(unpackTask, {
    caller,
    subject: sha256,
    seconds: secondsToRead(bytes, limits),
    prepare: async (desk) => {
      await link(archive.path, join(desk.input, ARCHIVE_FILE));
      return { desk, file: ARCHIVE_FILE, name, bytes, limits };
    },
    take: (members, { output }) => moveMembers(members, output, { dir, archive: archive.path }, limits),
  });
}

async function moveMembers(
  members: readonly Member[],
  folder: string,
  { dir, archive }: { readonly dir: string; readonly archive: string },
  limits: Limits,
): Promise<readonly StagedFile[]> {
  if (members.length > limits.uploadFiles) throw tooMany(limits);
  const moved: StagedFile[] = [];
  let left = limits.archiveBytes;
  for (const { name, file, damage } of members) {
    const path = join(dir, `member-${moved.length}`);
    await moveFile(join(folder, file), path);
    const read = await readMember(path, left, limits);
    left -= read.bytes;
    moved.push({ name, path, archive, ...defined({ damage }), ...read });
  }
  return moved;
}

function tooMany({ uploadFiles }: Limits): NiiError {
  return new NiiError('NII_LIMIT_FILES', `The archive has too many files: use at most ${uploadFiles}`);
}

/** Hash, length and first bytes of a plain file: what the reader says of them is not asked. */
async function readMember(
  path: string,
  left: number,
  { archiveBytes }: Limits,
): Promise<Pick<StagedFile, 'bytes' | 'sha256' | 'blocks' | 'head'>> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const stats = await file.stat();
    if (!stats.isFile())
      throw new NiiError('NII_READER_CRASHED', 'The reader wrote a member that is not a regular file');
    if (stats.size > left)
      throw new NiiError(
        'NII_LIMIT_EXPANSION',
        `The archive is too large after unpacking: use at most ${archiveBytes} bytes`,
      );
    const hash = new BlockHash();
    const head: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of file.createReadStream({ autoClose: false })) {
      hash.update(piece);
      if (bytes < HEAD_BYTES) head.push(piece.subarray(0, HEAD_BYTES - bytes));
      bytes += piece.length;
    }
    return { bytes, ...hash.digest(), head: new Uint8Array(Buffer.concat(head)) };
  } finally {
    await file.close();
  }
}
