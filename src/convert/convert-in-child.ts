import { dirname } from 'node:path';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import { secondsToRead } from '../core/reading-time.ts';
import { builtInFolder, type ConverterPackage } from '../recognise/registry.ts';
import { ChildFailure, withoutChild } from '../runtime/children/child-failure.ts';
import { FatalWork } from '../runtime/children/fatal-work.ts';
import { ReadyChildren } from '../runtime/children/ready-children.ts';
import { type ChildPlan, type RunningChild, startChild } from '../runtime/children/running-child.ts';
import { isRoomEmptied, putInto, type Room, takeFrom } from '../runtime/contain/room.ts';
import { residentBytes } from '../runtime/resident.ts';
import { CONVERTED, conversionTask } from './conversion-task.ts';
import type { Conversion, FileToConvert } from './in-process.ts';

/** How a process that converts is started; it can serve any converter. */
export const converterPlan: ChildPlan = { program: 'convert', args: [builtInFolder()], output: 'collect' };

/** @param reads - folders of converters that it runs @param makeFolder - for what it reads and writes */
export function containedPlan(reads: readonly string[], makeFolder?: () => Promise<string>): ChildPlan {
  const folders = [builtInFolder(), ...reads.filter((folder) => dirname(folder) !== builtInFolder())];
  return { ...converterPlan, contained: { reads: folders, ...defined({ makeFolder }) } };
}

/** Where conversions get the process that they run in. */
export interface ConverterChildren {
  /** @param sender - sender of the files; a process may stay for the next files of this sender */
  take(converter: ConverterPackage, sender?: string): Promise<RunningChild>;
  /** Conversions that ended their process; without it, none is remembered. */
  readonly fatal?: FatalWork;
  /** The conversion has ended, well or not; the process writes no more into its folder when this returns. */
  release(child: RunningChild): Promise<void>;
}

/** A process for each conversion. */
export const freshChildren: ConverterChildren = {
  take: ({ folder }) => startChild(containedPlan([folder])),
  release: (child) => child.end(),
};

export interface ReadyConverters extends ConverterChildren {
  /** Starts the first process now, and not with the first conversion. */
  prepare(): void;
  close(): Promise<void>;
}

export interface ReadyConvertersOptions {
  /** Conversions at once; others wait. */
  readonly atOnce: number;
  /** Folder of more converters. */
  readonly extra?: string | undefined;
  /** Makes an empty folder for what a process reads and writes. */
  readonly makeFolder?: () => Promise<string>;
}

/** Conversions of one sender that a process does before it ends. */
const CONVERSIONS_PER_CHILD = 16;
/** The process of a sender waits this long for the next scan. */
const KEPT_MS = 30_000;
/** A process that has ever had more memory does not stay: its next scan would have less of its own. */
const KEPT_BYTES = 384 * 1024 * 1024;

/**
 * Processes that are started before they are needed. One does a few scans of one sender by one converter, and ends:
 * nothing that a file left in it reaches the files of another. Without a sender it does one.
 */
export function openReadyConverters({ atOnce, extra, makeFolder }: ReadyConvertersOptions): ReadyConverters {
  const plan = containedPlan(extra === undefined ? [] : [extra], makeFolder);
  const children = new ReadyChildren({
    plan,
    atOnce,
    tasksPerChild: CONVERSIONS_PER_CHILD,
    keepMs: KEPT_MS,
  });
  const ofSenders = new WeakSet<RunningChild>();
  return {
    fatal: new FatalWork(),
    take: async ({ manifest }, sender) => {
      const key = sender === undefined ? manifest.id : `${manifest.id} ${sender}`;
      const child = await children.take(key).catch(rejectWithoutChild);
      if (sender !== undefined) ofSenders.add(child);
      return child;
    },
    release: async (child) => {
      const stays = ofSenders.has(child) && (await residentBytes(child.pid)) <= KEPT_BYTES;
      const isEmptied = stays && (await isRoomEmptied(child.room));
      if (!isEmptied) child.stop(new ChildFailure('stopped', 'was closed'));
      await children.release(child);
    },
    prepare: () => children.prepare(),
    close: () => children.close(),
  };
}

/** That no process starts is no fault of the file. */
function rejectWithoutChild(error: unknown): never {
  if (!(error instanceof ChildFailure)) throw error;
  throw withoutChild(error, 'the process that converts');
}

/**
 * Converts in the child; record and planes are left in `workDir`, as copies where a sender keeps the child.
 * @throws NII_LIMIT_TIME, NII_LIMIT_MEMORY, NII_CONVERTER_CRASHED, every code the converter rejects with, and the
 *   signal's reason
 */
export async function convertInChild(
  child: RunningChild,
  conversion: Conversion & { readonly sender?: string },
  workDir: string,
  signal?: AbortSignal,
): Promise<void> {
  const { limits, sender } = conversion;
  const { room } = child;
  const files = room === undefined ? conversion.files : await filesIn(room, conversion.files);
  try {
    await child.call({
      task: conversionTask({ ...conversion, files }, room?.output ?? workDir),
      timeoutMs: limits.convertSeconds * 1000,
      memoryBytes: limits.convertBytes,
      ...silenceOf(conversion),
      read: (value) => (value === CONVERTED ? CONVERTED : undefined),
      ...defined({ signal }),
    });
  } catch (error) {
    throw error instanceof ChildFailure ? rejectionFor(error, limits) : error;
  }
  if (room !== undefined) await takeFrom(room, workDir, sender === undefined ? 'move' : 'copy');
}

/**
 * How long the process may be silent: what as many pixels take as the files have bytes, and as it has announced. A
 * hostile one that announces too many gains at most the time of a conversion.
 */
function silenceOf({ files, limits }: Conversion) {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  let announced = 0;
  const silenceMs = () => secondsToRead(bytes + announced, limits) * 1000;
  const silenceAfter = (pixels: unknown): number => {
    if (typeof pixels === 'number' && pixels > announced) announced = pixels;
    return silenceMs();
  };
  return { silenceMs: silenceMs(), silenceAfter };
}

let placed = 0;

/** The files, where the child sees them; a child that serves several conversions sees those before as well. */
function filesIn(room: Room, files: readonly FileToConvert[]): Promise<readonly FileToConvert[]> {
  const put = async (file: FileToConvert) => ({
    ...file,
    path: await putInto(room, file.path, `${placed++}`),
  });
  return Promise.all(files.map(put));
}

function rejectionFor(failure: ChildFailure, limits: Limits): NiiError {
  switch (failure.fault) {
    case 'time':
      return new NiiError('NII_LIMIT_TIME', {
        detail: `more than ${limits.convertSeconds} s`,
        cause: failure,
      });
    case 'silence':
      return new NiiError('NII_LIMIT_TIME', {
        detail: 'no progress for more than 5 s and 1 s for each megabyte of the files and each megapixel',
        cause: failure,
      });
    case 'memory':
      return new NiiError('NII_LIMIT_MEMORY', {
        detail: `more than ${limits.convertBytes} bytes of memory`,
        cause: failure,
      });
    case 'ended':
    case 'killed':
    case 'unreadable':
    case 'start':
    case 'stopped':
      return new NiiError('NII_CONVERTER_CRASHED', {
        detail: `its process ${failure.message}`,
        cause: failure,
      });
  }
}
