import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { makeStagingFolder, sweepStaging } from '../../../src/stored/staging.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nii-staging-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** The id of a process that has ended. */
function endedPid(): number {
  return spawnSync('true').pid;
}

const inOrder = (names: readonly string[]) => names.toSorted((a, b) => (a < b ? -1 : 1));
const left = async () => inOrder(await readdir(folder));

it('what a process that is no more left in the folder is removed; folders in use and those of others stay', async () => {
  const inUse = await makeStagingFolder(folder, 'upload');
  const [, , owner] = basename(inUse).split('-');
  await mkdir(join(folder, `convert-${endedPid()}-${owner}-abcdef`, 'members-0'), { recursive: true });
  await mkdir(join(folder, 'somebody-elses'));
  expect(await sweepStaging(folder)).toBe(1);
  expect(await left()).toEqual(['somebody-elses', basename(inUse)]);
});

it('what an earlier process of our own number left is removed, and nothing of ours', async () => {
  const inUse = await makeStagingFolder(folder, 'upload');
  const [, pid, owner] = basename(inUse).split('-');
  await mkdir(join(folder, `upload-${pid}-1${owner}-abcdef`));
  await mkdir(join(folder, `samples-${pid}-abcdef`));
  expect(await sweepStaging(folder)).toBe(2);
  expect(await left()).toEqual([basename(inUse)]);
});

it('folders as they were named before go with their process', async () => {
  await mkdir(join(folder, `upload-${endedPid()}-abcdef`, 'members-0'), { recursive: true });
  await mkdir(join(folder, `convert-${process.ppid}-abcdef`));
  expect(await sweepStaging(folder)).toBe(1);
  expect(await left()).toEqual([`convert-${process.ppid}-abcdef`]);
});

it('what another container left is removed once it is silent; what it uses stays', async () => {
  const [silent, alive] = [`upload-${endedPid()}-5.0123456789ab-abcdef`, `upload-1-5.0123456789ab-abcdeg`];
  await mkdir(join(folder, silent));
  await mkdir(join(folder, alive));
  expect(await sweepStaging(folder, 1_000)).toBe(0);
  expect(await left()).toEqual(inOrder([alive, silent]));
  const touching = setInterval(() => void utimes(join(folder, alive), new Date(), new Date()), 100);
  try {
    await expect.poll(left, { timeout: 10_000 }).toEqual([alive]);
  } finally {
    clearInterval(touching);
  }
});

it('a folder that is not there yet is made', async () => {
  expect(await sweepStaging(join(folder, 'deep', 'staging'))).toBe(0);
});

it('the staging folder is `staging` in the data folder unless a setting names another', () => {
  const settings = { NII_DATA: folder };
  expect(readConfig(settings).stagingDir).toBe(join(folder, 'staging'));
  const elsewhere = join(folder, 'elsewhere');
  expect(readConfig({ ...settings, NII_STAGING: elsewhere }).stagingDir).toBe(elsewhere);
});
