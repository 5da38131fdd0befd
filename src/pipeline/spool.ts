import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fromProblem, isFullDisk, problemOf } from '../core/errors.ts';

/** Folders are named after the process that uses them, so that what a killed one left can be told. */
const folderName = /^(?:upload|convert|samples|analyse)-(?<pid>[0-9]+)-/;

/** A new folder for one upload, one conversion, or samples that are read back. @throws NII_DISK_FULL */
export async function makeSpoolFolder(
  spoolDir: string,
  kind: 'upload' | 'convert' | 'samples' | 'analyse',
): Promise<string> {
  try {
    await mkdir(spoolDir, { recursive: true });
    return await mkdtemp(join(spoolDir, `${kind}-${process.pid}-`));
  } catch (error) {
    throw isFullDisk(error) ? fromProblem(problemOf(error)) : error;
  }
}

/** Removes the folders of processes that are no more. The spool is on this machine's own disk. Returns how many. */
export async function sweepSpool(spoolDir: string): Promise<number> {
  await mkdir(spoolDir, { recursive: true });
  const leftovers = (await readdir(spoolDir)).filter((name) => {
    const pid = folderName.exec(name)?.groups?.pid;
    return pid !== undefined && !isRunning(Number(pid));
  });
  for (const name of leftovers) await rm(join(spoolDir, name), { recursive: true, force: true });
  return leftovers.length;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
