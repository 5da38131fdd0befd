import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { makeStagingFolder, sweepStaging } from '../../../src/stored/staging.ts';
import { openService } from '../../../src/wiring.ts';
import { freshDatabase } from '../../support/postgres/fresh-database.ts';

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

const inOrder = (names: readonly string[]) => names.toSorted((a, b) => (a < b ? -1 : 1));
const left = async () => inOrder(await readdir(spool));

it('what a process that is no more left in the spool is removed; folders in use and those of others stay', async () => {
  const inUse = await makeStagingFolder(spool, 'upload');
  const [, , owner] = basename(inUse).split('-');
  await mkdir(join(spool, `convert-${endedPid()}-${owner}-abcdef`, 'members-0'), { recursive: true });
  await mkdir(join(spool, 'somebody-elses'));
  expect(await sweepStaging(spool)).toBe(1);
  expect(await left()).toEqual(['somebody-elses', basename(inUse)]);
});

it('what an earlier process of our own number left is removed, and nothing of ours', async () => {
  const inUse = await makeStagingFolder(spool, 'upload');
  const [, pid, owner] = basename(inUse).split('-');
  await mkdir(join(spool, `upload-${pid}-1${owner}-abcdef`));
  await mkdir(join(spool, `samples-${pid}-abcdef`));
  expect(await sweepStaging(spool)).toBe(2);
  expect(await left()).toEqual([basename(inUse)]);
});

it('folders as they were named before go with their process', async () => {
  await mkdir(join(spool, `upload-${endedPid()}-abcdef`, 'members-0'), { recursive: true });
  await mkdir(join(spool, `convert-${process.ppid}-abcdef`));
  expect(await sweepStaging(spool)).toBe(1);
  expect(await left()).toEqual([`convert-${process.ppid}-abcdef`]);
});

it('what another container left is removed once it is silent; what it uses stays', async () => {
  const [silent, alive] = [`upload-${endedPid()}-5.0123456789ab-abcdef`, `upload-1-5.0123456789ab-abcdeg`];
  await mkdir(join(spool, silent));
  await mkdir(join(spool, alive));
  expect(await sweepStaging(spool, 1_000)).toBe(0);
  expect(await left()).toEqual(inOrder([alive, silent]));
  const touching = setInterval(() => void utimes(join(spool, alive), new Date(), new Date()), 100);
  try {
    await expect.poll(left, { timeout: 10_000 }).toEqual([alive]);
  } finally {
    clearInterval(touching);
  }
});

it('a spool that is not there yet is made', async () => {
  expect(await sweepStaging(join(spool, 'deep', 'spool'))).toBe(0);
});

it('the staging folder is `staging` in the data folder, and `spool` where an earlier version made it', async () => {
  const settings = { NII_DATA: spool };
  expect(readConfig(settings).stagingDir).toBe(join(spool, 'staging'));
  await mkdir(join(spool, 'spool'));
  expect(readConfig(settings).stagingDir).toBe(join(spool, 'spool'));
  const elsewhere = join(spool, 'elsewhere');
  expect(readConfig({ ...settings, NII_STAGING: elsewhere })).toMatchObject({
    stagingDir: elsewhere,
    formerSettings: [],
  });
});

it('until 0.3 NII_SPOOL still names the staging folder and warns in the log', async () => {
  const { url, drop } = await freshDatabase();
  const former = join(spool, 'named-by-former-setting');
  const warnings: string[] = [];
  const log = { info: () => {}, warn: (_: unknown, text: string) => warnings.push(text), error: () => {} };
  const config = readConfig({ NII_DATA: join(spool, 'data'), NII_DATABASE_URL: url, NII_SPOOL: former });
  const service = await openService(config, log);
  try {
    expect(warnings).toContain('NII_SPOOL is deprecated, removed in version 0.3: use NII_STAGING');
    expect((await stat(former)).isDirectory()).toBe(true);
  } finally {
    await service.close();
    await drop();
  }
});
