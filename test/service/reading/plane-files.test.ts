import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultLimits } from '../../../src/core/limits.ts';
import { PLANE_FILE } from '../../../src/parsing/kinds/plane.ts';
import type { Reader } from '../../../src/parsing/reader.ts';
import { PlaneFiles } from '../../../src/queries/pixels/plane-files.ts';
import { channelOf } from '../../support/infer/scans.ts';
import { temporaryFolder } from '../../support/staging.ts';

const parts = [{ key: 'scans/a/r1/main-high.dcs' }];

/** What the work answers; what takes the samples does not look at it. */
const DONE = {};

/** A reader that keeps the caller "slow" waiting until `goOn` is called, and lists its callers. */
function openReader() {
  let goOn = () => {};
  const told = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const callers: string[] = [];
  const reader: Reader = {
    async read(_kind, { caller, take }) {
      callers.push(caller);
      if (caller === 'slow') await told;
      const folder = temporaryFolder();
      await writeFile(join(folder, PLANE_FILE), caller);
      return take(DONE as never, { input: folder, output: folder });
    },
  };
  return { reader, callers, goOn: () => goOn() };
}

test('nobody waits for samples in the turn of another, and each plane is kept once', async () => {
  const { reader, callers, goOn } = openReader();
  const objects = { stream: async () => [] } as never;
  const planes = new PlaneFiles({ reader, objects, limits: defaultLimits, stagingDir: temporaryFolder() });
  const pathFor = (caller: string) => planes.pathOf(channelOf(2, 3), parts, caller);
  const slow = [pathFor('slow'), pathFor('slow')];
  const quick = await pathFor('quick');
  goOn();
  expect(await Promise.all(slow)).toEqual([quick, quick]);
  expect(await pathFor('third')).toBe(quick);
  expect(callers).toEqual(['slow', 'quick']);
  await planes.close();
});

/** As if it had so many bytes: three of them are more than is kept. */
const LARGE_BYTES = 1024 ** 3 - 1;

test('samples stay until the readings that need them have ended, whatever else is asked for meanwhile', async () => {
  const { reader } = openReader();
  const objects = { stream: async () => [] } as never;
  const planes = new PlaneFiles({ reader, objects, limits: defaultLimits, stagingDir: temporaryFolder() });
  const channel = { ...channelOf(2, 3), bytes: LARGE_BYTES };
  const of = (scan: string) => ({ channel, parts: [{ key: `scans/${scan}/r1/main-high.dcs` }] });
  const askForOthers = async (...scans: readonly string[]) => {
    for (const scan of scans) await planes.pathOf(channel, of(scan).parts, 'quick');
  };
  const path = await planes.use([of('a')], 'quick', async ([held = '']) => {
    await askForOthers('b', 'c', 'd');
    expect(existsSync(held)).toBe(true);
    return held;
  });
  await askForOthers('e', 'f');
  expect(existsSync(path)).toBe(false);
  await planes.close();
});
