import { basename, join } from 'node:path';
import { expandArchive } from '../../codec/archive/archive.ts';
import { defined } from '../../core/defined.ts';
import { HEAD_BYTES } from '../../recognise/files.ts';
import type { Member, UnpackTask } from '../kinds/unpack.ts';
import { readFirst } from './first-bytes.ts';

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
