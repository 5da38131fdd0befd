import { basename, join } from 'node:path';
import { expandArchive } from '../../codec/archive/archive.ts';
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
  return members.map((member) => ({ name: member.name, file: basename(member.path) }));
}
