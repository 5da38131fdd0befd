import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeSpoolFolder, sweepSpool } from '../../src/pipeline/spool.ts';

let spool: string;
beforeEach(async () => {
  spool = await mkdtemp(join(tmpdir(), 'nii-spool-'));
});
afterEach(async () => {
  await rm(spool, { recursive: true, force: true });
});

/** The id of a process that has ended. */
function endedPid(): number {
  return spawnSync('true').pid;
}

it('what a process that is no more left in the spool is removed; folders in use and those of others stay', async () => {
  const inUse = await makeSpoolFolder(spool, 'upload');
  await mkdir(join(spool, `upload-${endedPid()}-abcdef`, 'members-0'), { recursive: true });
  await mkdir(join(spool, `convert-${endedPid()}-abcdef`));
  await mkdir(join(spool, 'somebody-elses'));
  expect(await sweepSpool(spool)).toBe(2);
  expect((await readdir(spool)).toSorted()).toEqual(['somebody-elses', basename(inUse)]);
});

it('a spool that is not there yet is made', async () => {
  expect(await sweepSpool(join(spool, 'deep', 'spool'))).toBe(0);
});
