import { accessSync, chmodSync, constants, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';

/** Linux's folder in memory if it has this much room, and otherwise the folder of temporary files. */
export function folderWithRoom(bytes: number): string {
  try {
    accessSync(MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= bytes ? MEMORY : tmpdir();
  } catch {
    return tmpdir(); // not Linux
  }
}

/** The whole run writes about 3 GiB at a time, and its processes need as much again. */
const ROOM_OF_A_RUN = 12 * 1024 ** 3;

/**
 * Has this run write its temporary files to memory where it has room: a disk costs a tenth more processor time. All of
 * them are gone at the end, also what a killed process left.
 */
export function keepTemporaryFilesInMemory(): void {
  const parent = folderWithRoom(ROOM_OF_A_RUN);
  if (parent === tmpdir()) return;
  const folder = mkdtempSync(join(parent, 'nii-test-'));
  chmodSync(folder, 0o1777); // as /tmp: some tests run programs as other users
  process.env.TMPDIR = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}
