import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { removeOldBases } from '../../../src/adapters/postgres/embedded/archive/base-backup.ts';
import { formatManifest, nameOfBase } from '../../../src/adapters/postgres/embedded/archive/base-list.ts';
import { archiveIn } from '../../../src/adapters/postgres/embedded/archive/folder.ts';
import {
  findGap,
  formatSegment,
  lastSegment,
  parseHistory,
  parseSegment,
  passesThrough,
  positionOf,
  segmentAt,
  type Timeline,
} from '../../../src/adapters/postgres/embedded/archive/timelines.ts';
import { serverFaults } from '../../../src/cli/commands/archive-drill.ts';
import { NiiError } from '../../../src/core/errors.ts';
import type { Log } from '../../../src/core/ports/process.ts';
import type { ArchiverState } from '../../../src/core/ports/records/archiver.ts';
import { ArchiveKeeper } from '../../../src/maintenance/keep-archive.ts';

const first: Timeline = { number: 1, ancestors: [] };
/** Timeline 1 ended in segment 5, timeline 2 in segment 7. */
const third: Timeline = {
  number: 3,
  ancestors: parseHistory('1\t0/5000100\tbefore 2026\n\n2\t0/7000000\tx\n'),
};
const segments = (...all: readonly [timeline: number, number: number][]) =>
  all.map(([timeline, number]) => ({ timeline, number }));

test('the name of a segment has its timeline and its number, past 4 GiB too', () => {
  expect(parseSegment('0000000A0000000200000003')).toEqual({ timeline: 10, number: 515 });
  expect(formatSegment({ timeline: 10, number: 515 })).toBe('0000000A0000000200000003');
  expect(segmentAt(positionOf('2/3000028'))).toBe(515);
  for (const name of ['00000002.history', '000000010000000000000003.partial', 'archive.json'])
    expect(parseSegment(name)).toBe(undefined);
});

test('a base backup is usable on a later timeline only if that began after it', () => {
  const at = (timeline: number, position: string) => ({ timeline, at: positionOf(position) });
  expect(passesThrough(third, at(1, '0/5000100'))).toBe(true);
  expect(passesThrough(third, at(1, '0/5000101'))).toBe(false);
  expect(passesThrough(third, at(3, '9/0'))).toBe(true);
  expect(passesThrough(first, at(2, '0/1'))).toBe(false);
});

test('a missing segment is found on the timeline and on those that it came from', () => {
  const all = segments([1, 3], [1, 4], [1, 5], [2, 5], [2, 6], [3, 7], [3, 8]);
  const without = (number: number) => all.filter((one) => one.number !== number);
  expect(findGap(third, all, 3)).toBe(undefined);
  expect(findGap(third, without(6), 3)).toEqual({ timeline: 3, number: 6 });
  expect(findGap(third, without(3), 3)).toEqual({ timeline: 3, number: 3 });
  expect(findGap(third, without(3), 4)).toBe(undefined);
  expect(findGap(first, segments([1, 3], [1, 5]), 3)).toEqual({ timeline: 1, number: 4 });
});

test('segments of an abandoned timeline are neither missed nor the last ones', () => {
  expect(lastSegment(third, segments([1, 5], [1, 9], [3, 7]))).toBe(7);
  expect(findGap(third, segments([1, 4], [2, 5], [2, 6], [3, 7], [1, 9]), 4)).toBe(undefined);
  expect(lastSegment(third, segments([1, 5], [2, 6]))).toBe(6);
});

const working: ArchiverState = { isOn: true, hasCommand: true, timeoutSeconds: 60, lastArchivedAt: '2026' };

test('a server that archives has no faults, and each setting that is missing is one', () => {
  expect(serverFaults(working)).toEqual([]);
  expect(serverFaults({ ...working, isOn: false })).toHaveLength(1);
  expect(serverFaults({ ...working, hasCommand: false, timeoutSeconds: 0 })).toHaveLength(2);
  expect(serverFaults({ ...working, timeoutSeconds: 300 })[0]).toContain('300 s');
  expect(serverFaults({ ...working, lastFailedAt: '2027' })[0]).toContain('failed at 2027');
  const { lastArchivedAt: _, ...never } = working;
  expect(serverFaults(never)).toEqual(['nothing has been archived yet']);
});

/** A keeper whose server and archive are as the test says; it looks once a call. */
function keeperOf(world: { state: ArchiverState; newest: Date | undefined; fails?: boolean }) {
  const lines: string[] = [];
  const taken: string[] = [];
  let now = new Date('2026-11-30T12:00:00Z');
  const log: Log = {
    info: (_, text) => lines.push(`info ${text}`),
    warn: (_, text) => lines.push(`warn ${text}`),
    error: (_, text) => lines.push(`error ${text}`),
  };
  const keeper = new ArchiveKeeper({
    log,
    clock: { now: () => now },
    records: {
      transaction: (work) => work({ archiver: async () => world.state }),
      takeTurn: async () => ({ end: async () => {} }),
    },
    baseBackups: {
      newest: async () => world.newest,
      async take(at) {
        if (world.fails === true) throw new NiiError('NII_ARCHIVE_FAILING', 'no');
        taken.push(at.toISOString());
        world.newest = at;
        return { name: 'x', files: 1, bytes: 1 };
      },
    },
  });
  const lookAfter = async (hours: number) => {
    now = new Date(now.getTime() + hours * 3_600_000);
    await keeper.look();
  };
  return { lines, taken, lookAfter };
}

test('a base backup is taken at first and then once a day', async () => {
  const { taken, lookAfter } = keeperOf({ state: working, newest: undefined });
  for (const hours of [0, 1, 22.9, 0.2, 23]) await lookAfter(hours);
  expect(taken).toEqual(['2026-11-30T12:00:00.000Z', '2026-12-01T12:06:00.000Z']);
});

test('a base backup that fails is tried again after an hour', async () => {
  const world = { state: working, newest: undefined, fails: true };
  const { lines, lookAfter } = keeperOf(world);
  for (const hours of [0, 0.5, 0.4, 0.2]) await lookAfter(hours);
  expect(lines).toEqual([
    'warn archive of the database not checked',
    'warn archive of the database not checked',
  ]);
});

test('a failure to archive is reported once, and so is its end; no base backup is taken meanwhile', async () => {
  const world = { state: { ...working, lastFailedAt: '2027' }, newest: undefined };
  const { lines, taken, lookAfter } = keeperOf(world);
  await lookAfter(0);
  await lookAfter(1);
  expect(taken).toEqual([]);
  expect(lines).toEqual([expect.stringMatching(/^error .*is not reaching the archive.*2027$/)]);
  Object.assign(world, { state: working });
  await lookAfter(1);
  expect(lines.slice(1)).toEqual([
    'info database changes reach the archive again',
    'info base backup of the database taken',
  ]);
});

test('old base backups go, but for the one from which the first day is recovered, and the log before it', async () => {
  const archive = archiveIn(await mkdtemp(join(tmpdir(), 'nii-archive-')));
  await mkdir(archive.wal);
  const days = ['2026-11-01', '2026-11-02', '2026-11-03', '2026-11-04'].map((day) => new Date(day));
  for (const [i, endedAt] of days.entries()) {
    const folder = join(archive.bases, nameOfBase(endedAt));
    await mkdir(folder, { recursive: true });
    const firstSegment = formatSegment({ timeline: 1, number: 10 * (i + 1) });
    const facts = { base: '1.0', endedAt: endedAt.toISOString(), timeline: 1, stop: '0/1' } as const;
    await writeFile(
      join(folder, 'base.json'),
      formatManifest({ ...facts, firstSegment, folders: [], files: [] }),
    );
  }
  const kept = ['000000010000000000000014.gz', '00000002.history', '000000020000000000000015.gz'];
  const gone = [
    '000000010000000000000013.gz',
    '000000010000000000000013.00000028.backup.gz',
    '00000002000000000000000A.gz',
  ];
  for (const name of [...kept, ...gone]) await writeFile(join(archive.wal, name), '');

  await removeOldBases(archive, new Date('2026-11-04T12:00:00Z'), 2);
  expect((await readdir(archive.bases)).toSorted()).toEqual(days.slice(1).map(nameOfBase));
  expect(new Set(await readdir(archive.wal))).toEqual(new Set(kept));
  await rm(archive.folder, { recursive: true });
});
