import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expandArchive } from '../../codec/archive/archive.ts';
import { defined } from '../../core/defined.ts';
import { HEAD_BYTES } from '../../recognise/files.ts';
import type { Member, UnpackTask } from '../kinds/unpack.ts';

/** Leaves the members of the archive in the output. @throws as `expandArchive` */
export async function unpackArchive({
  desk,
  file,
  name,
  bytes,
  limits,
}: UnpackTask): Promise<readonly Member[]> {
  const path = join(desk.input, file);
  const head = await readFirst(path, HEAD_BYTES);
  const archive = { name, path, bytes, head, sha256: '' };
  const members = await expandArchive(archive, desk.output, limits);
  return members.map(({ name: member, path: at, damage }) => ({
    name: member,
    file: basename(at),
    ...defined({ damage: damage?.slice(0, 1024) }),
  }));
}

/** The first bytes of a file, or all of a shorter one. */
export async function readFirst(path: string, count: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
