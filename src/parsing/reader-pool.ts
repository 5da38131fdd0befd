import { availableParallelism } from 'node:os';
import { defined } from '../core/defined.ts';
import { isNiiError, NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { Log } from '../core/ports/process.ts';
import { secondsOfQuick } from '../core/reading-time.ts';
import { ChildFailure, withoutChild } from '../runtime/children/child-failure.ts';
import { FailureStreaks } from '../runtime/children/failure-streaks.ts';
import { FatalWork } from '../runtime/children/fatal-work.ts';
import { ReadyChildren } from '../runtime/children/ready-children.ts';
import type { ChildPlan, RunningChild } from '../runtime/children/running-child.ts';
import { isRoomEmptied, type Room } from '../runtime/contain/room.ts';
import { residentBytes } from '../runtime/resident.ts';
import { makeStagingFolder } from '../stored/staging.ts';
import type { Reader, Reading } from './reader.ts';
import { SlowViews } from './slow-views.ts';
import type { TaskKind } from './task-kind.ts';

export interface ReaderPoolDeps {
  readonly limits: Limits;
  /** Folder for uploads on their way: what is linked into a reader's folder lies on the same disk. */
  readonly stagingDir: string;
  readonly log: Log;
  /** Path of their program; the bundle's unless given. */
  readonly program?: string;
}

/** All that the answers of an upload of many files say. */
const LONGEST_ANSWER_BYTES = 32 * 1024 * 1024;

/** How a reader is started. */
export const readerPlan = {
  program: 'read',
  output: 'collect',
  longestAnswerBytes: LONGEST_ANSWER_BYTES,
  // pictures are drawn by native code
  contained: { reads: [], addons: true },
} as const satisfies ChildPlan;

const READER = 'the process that reads files';
/** Of each purpose. One reading keeps a processor busy; two go on when there is only one processor. */
const AT_ONCE = Math.max(2, availableParallelism());
/** Nobody takes every reader. */
const AT_ONCE_PER_CALLER = Math.max(1, AT_ONCE - 1);
/** A busy machine makes no view slow: it is stopped only after so many times its time, if it has waited for a processor. */
const MOST_TIMES_QUICK = 10;
/** A slow one too: a reader gives way to all other work, so on a busy machine it waits for longer than it works. */
const MOST_TIMES_SLOW = 5;
/** A view that may take more than this at once is not tried among the quick ones; one that was quick before may take as long. */
const QUICK_SECONDS = 2;
/** A reader serves one caller only, and not for ever. To start one takes as long as forty readings. */
const READINGS_PER_CHILD = 256;
/** One that has ever had more memory does no more: its next reading would have less of its own. */
const KEPT_BYTES = 384 * 1024 * 1024;

interface TimedReading<Task, Result, Taken> extends Reading<Task, Result, Taken> {
  /** With the time that it waits for a processor. */
  readonly mostSeconds?: number;
}

/** Where a reading is done: each place has readers of its own. */
type Lane = 'upload' | 'quick view' | 'slow view';
const lanes: readonly Lane[] = ['upload', 'quick view', 'slow view'];

/**
 * Readers that are started before they are needed. Each serves one caller, a few times, and ends. Uploads have readers
 * of their own: no picture, however slow, takes a place from an upload. Nor does a slow picture keep others waiting who
 * look at quick ones: after a short time it is stopped and begins anew in a lane of its own, and until that has ended
 * its caller gets no quick place. The same picture takes the same work each time, so that one that was drawn in no time
 * before has more time there: a busy machine does not send it behind the slow ones. All callers of whom no good view is known together never have all quick places. A caller with three timeouts in a row waits behind the others.
 */
export class ReaderPool implements Reader {
  readonly #deps: ReaderPoolDeps;
  readonly #children: Readonly<Record<Lane, ReadyChildren>>;
  readonly #fatal = new FatalWork();
  /** Of each lane its own: good thumbnails do not make up for pictures that held the slow lane. */
  readonly #streaks: Readonly<Record<Lane, FailureStreaks>> = {
    upload: new FailureStreaks(),
    'quick view': new FailureStreaks(),
    'slow view': new FailureStreaks(),
  };
  readonly #slow = new SlowViews();

  constructor(deps: ReaderPoolDeps) {
    this.#deps = deps;
    const { program = readerPlan.program, stagingDir } = deps;
    const makeFolder = () => makeStagingFolder(stagingDir, 'read');
    const open = (lane: Lane, isProven?: (caller: string) => boolean) =>
      new ReadyChildren({
        plan: { ...readerPlan, program, contained: { ...readerPlan.contained, makeFolder } },
        atOnce: AT_ONCE,
        atOncePerKey: AT_ONCE_PER_CALLER,
        tasksPerChild: READINGS_PER_CHILD,
        isSlow: (caller) => this.#streaks[lane].isSlow(caller),
        ...defined({ isProven }),
      });
    this.#children = {
      upload: open('upload'),
      'quick view': open('quick view', (caller) => this.#slow.isProven(caller)),
      'slow view': open('slow view'),
    };
  }

  async read<Task, Result, Taken>(
    kind: TaskKind<Task, Result>,
    reading: Reading<Task, Result, Taken>,
  ): Promise<Taken> {
    const work = `${kind.name} ${reading.subject}`;
    this.#fatal.rejectKnown(work);
    if (kind.purpose === 'upload') return this.#readIn('upload', kind, reading, work);
    const quickSeconds = secondsOfQuick(reading.seconds);
    const slow = { ...reading, mostSeconds: MOST_TIMES_SLOW * reading.seconds };
    const slowly = () => this.#readIn('slow view', kind, slow, work);
    if (quickSeconds > QUICK_SECONDS || this.#slow.isSlow(work, reading.caller)) return slowly();
    const seconds = this.#slow.wasQuick(work) ? QUICK_SECONDS : quickSeconds;
    try {
      const quick = { ...reading, seconds, mostSeconds: MOST_TIMES_QUICK * seconds };
      return await this.#readIn('quick view', kind, quick, work);
    } catch (error) {
      if (!(error instanceof NotQuick)) throw error;
      if (!error.wasTried) return slowly();
      this.#slow.note(work);
      this.#slow.noteBad(reading.caller);
      return this.#slow.during(reading.caller, slowly);
    }
  }

  async #readIn<Task, Result, Taken>(
    lane: Lane,
    kind: TaskKind<Task, Result>,
    reading: TimedReading<Task, Result, Taken>,
    work: string,
  ): Promise<Taken> {
    const children = this.#children[lane];
    const child = await children.take(reading.caller).catch((error: unknown) => this.#fail(error, kind));
    try {
      this.#fatal.rejectKnown(work); // it may have ended another reader while this one was waited for
      if (lane === 'quick view' && this.#slow.isSlow(work, reading.caller)) throw new NotQuick(false);
      const desk = requireRoom(child);
      const task = await reading.prepare(desk);
      const result = await this.#noting(lane, work, reading.caller, () =>
        this.#call(child, kind, reading, task),
      );
      return await reading.take(result, desk);
    } finally {
      // nobody need wait for it but the next reading of this child
      void this.#clear(children, child).catch((err: unknown) =>
        this.#deps.log.error({ err }, 'reader not released'),
      );
    }
  }

  /** Remembers how the work ended. */
  async #noting<Result>(
    lane: Lane,
    work: string,
    caller: string,
    read: () => Promise<Result>,
  ): Promise<Result> {
    try {
      const begun = performance.now();
      const result = await read();
      this.#streaks[lane].note(caller, false);
      if (lane !== 'upload') this.#slow.noteGood(work, caller, performance.now() - begun);
      return result;
    } catch (error) {
      if (lane === 'quick view' && isNiiError(error, 'NII_LIMIT_TIME')) throw new NotQuick(true);
      this.#fatal.note(work, error);
      this.#streaks[lane].note(caller, isCounted(lane, error));
      if (lane !== 'upload') this.#slow.noteBad(caller);
      throw error;
    }
  }

  /** Makes it ready for its next reading. One that is large, or whose folders cannot be emptied, does no more. */
  async #clear(children: ReadyChildren, child: RunningChild): Promise<void> {
    const most = Math.min(KEPT_BYTES, this.#deps.limits.convertBytes / 2);
    if (!(await isRoomEmptied(child.room)) || (await residentBytes(child.pid)) > most)
      child.stop(new ChildFailure('stopped', 'was closed'));
    await children.release(child);
  }

  async close(): Promise<void> {
    await Promise.all(lanes.map((lane) => this.#children[lane].close()));
  }

  async #call<Task, Result>(
    child: RunningChild,
    kind: TaskKind<Task, Result>,
    { seconds, mostSeconds }: Pick<TimedReading<Task, Result, unknown>, 'seconds' | 'mostSeconds'>,
    task: Task,
  ): Promise<Result> {
    try {
      return await child.call({
        task: { kind: kind.name, task },
        timeoutMs: seconds * 1000,
        ...defined({ mostMs: mostSeconds === undefined ? undefined : mostSeconds * 1000 }),
        memoryBytes: this.#deps.limits.convertBytes,
        read: kind.check,
      });
    } catch (error) {
      return this.#fail(error, kind, child.output);
    }
  }

  #fail(error: unknown, { name }: { readonly name: string }, stderr = ''): never {
    if (isNiiError(error, 'NII_INTERNAL'))
      throw new NiiError('NII_READER_CRASHED', { detail: 'The reader failed on this file', cause: error });
    if (!(error instanceof ChildFailure)) throw error;
    this.#deps.log.warn({ reading: name, fault: error.fault, why: error.message, stderr }, 'reader ended');
    throw rejectionFor(error);
  }
}

/** It did not end in the time of the quick lane, or was not tried there after all, and is done in the slow one. */
class NotQuick extends Error {
  readonly wasTried: boolean;

  constructor(wasTried: boolean) {
    super();
    this.wasTried = wasTried;
  }
}

/**
 * Whether a failure counts against its caller: of an upload what ended a reader, of a view also a damaged picture. Whoever
 * asks for one damaged picture after the other waits behind those who look at good ones.
 */
function isCounted(lane: Lane, error: unknown): boolean {
  const hasEndedReader = ['NII_LIMIT_TIME', 'NII_LIMIT_MEMORY', 'NII_READER_CRASHED'].includes(
    isNiiError(error) ? error.code : '',
  );
  if (hasEndedReader) return true;
  return lane !== 'upload' && isNiiError(error) && error.status < 500;
}

function requireRoom({ room }: RunningChild): Room {
  if (room === undefined) throw new NiiError('NII_INTERNAL', 'reader has no folder');
  return room;
}

function rejectionFor(failure: ChildFailure): NiiError {
  const detail = `${READER} ${failure.message}`;
  switch (failure.fault) {
    case 'time':
    case 'silence':
      return new NiiError('NII_LIMIT_TIME', { detail, cause: failure });
    case 'memory':
      return new NiiError('NII_LIMIT_MEMORY', { detail, cause: failure });
    case 'start':
    case 'stopped':
      return withoutChild(failure, READER);
    case 'ended':
    case 'killed':
    case 'unreadable':
      return new NiiError('NII_READER_CRASHED', { detail, cause: failure });
  }
}
