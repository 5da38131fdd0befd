import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type ConverterChildren, openReadyConverters } from '../../../src/convert/convert-in-child.ts';
import { runConverter } from '../../../src/convert/run.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import type { RunningChild } from '../../../src/runtime/children/running-child.ts';
import { converterOf, onlyGroup, stage, temporaryFolder, toConvert } from '../../support/staging.ts';

const folder = temporaryFolder();
const converters = openReadyConverters({ atOnce: 2 });
afterAll(() => converters.close());

/** Processes in the order in which they were taken, and what lay in their folders when they were let go. */
const taken: RunningChild[] = [];
const children: ConverterChildren = {
  ...converters,
  take: async (converter, sender) => {
    const child = await converters.take(converter, sender);
    taken.push(child);
    return child;
  },
  release: (child) => converters.release(child),
};

/** The process that converts it. */
async function convertedBy(
  sender: string | undefined,
  order: object = {},
  convertSeconds = 60,
): Promise<number> {
  const text = `NIIFAKE1\n${JSON.stringify({ rows: 2, columns: 2, ...order })}`;
  const group = onlyGroup(stage(folder, [{ name: 'x.fake', bytes: new Uint8Array(Buffer.from(text)) }]));
  const { scan } = await runConverter({
    converter: converterOf(group),
    files: toConvert(group),
    limits: { ...defaultLimits, convertSeconds },
    workDir: mkdtempSync(join(folder, 'w-')),
    children,
    ...(sender === undefined ? {} : { sender }),
  });
  expect(scan.converter.id).toBe('fake');
  return taken.at(-1)?.pid ?? 0;
}

test('a process converts several scans of one sender, and nothing of them is left in its folder', async () => {
  const first = await convertedBy('scanner-1');
  const room = taken.at(-1)?.room;
  expect(await convertedBy('scanner-1')).toBe(first);
  if (room !== undefined) expect([room.input, room.output].flatMap((path) => readdirSync(path))).toEqual([]);
});

test('it never converts a scan of another sender, nor one that asks for a process of its own', async () => {
  const first = await convertedBy('scanner-2');
  const others = [await convertedBy('scanner-3'), await convertedBy('scanner-2 scanner-3')];
  expect(others).not.toContain(first);
  const alone = await convertedBy(undefined);
  expect([first, ...others]).not.toContain(alone);
  expect(existsSync(`/proc/${alone}`)).toBe(false);
});

test('it ends after sixteen scans', async () => {
  const pids: number[] = [];
  for (let i = 0; i < 17; i += 1) pids.push(await convertedBy('scanner-4'));
  expect(new Set(pids.slice(0, 16)).size).toBe(1);
  expect(pids[16]).not.toBe(pids[0]);
  expect(existsSync(`/proc/${pids[0]}`)).toBe(false);
});

test('files that ended their process are rejected at once, for any sender, and other files are converted', async () => {
  const slow = { behaviour: 'slow', milliseconds: 600_000 };
  const outcome = (sender: string) =>
    convertedBy(sender, slow, 2).catch((error: { readonly code?: string }) => error.code);
  expect(await outcome('scanner-5')).toBe('NII_LIMIT_TIME');
  const before = taken.length;
  expect(await outcome('scanner-6')).toBe('NII_LIMIT_TIME');
  expect(taken.length).toBe(before);
  await convertedBy('scanner-6', { columns: 3 });
});
