import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromProblem } from '../../core/errors.ts';
import { type Contained, contain } from '../contain/contain.ts';
import { type Room, removeRoom } from '../contain/room.ts';
import { bundled } from '../installed.ts';
import { CHANNEL_FD, Channel } from './channel.ts';
import { ChildFailure } from './child-failure.ts';
import {
  bareEnvironment,
  type CommandLine,
  endWithParent,
  type Launch,
  nodeCommand,
} from './command-line.ts';
import { type Encoding, jsonEncoding } from './encoding.ts';
import { giveWay } from './give-way.ts';
import { type Bounds, type Guards, watch } from './guards.ts';
import { type Reply, type Request, readReply } from './messages.ts';
import { Settled } from './settled.ts';

/** How a child is started; the same for every call that it will serve. */
export interface ChildPlan {
  /** Name in the bundle, or the path of a program. */
  readonly program: string;
  readonly args?: readonly string[];
  /** Whether what it prints is collected for its parent's log, goes to our own error stream, or nowhere. */
  readonly output: 'collect' | 'stderr' | 'ignore';
  readonly encoding?: Encoding;
  /** Longest message that is taken from it. */
  readonly longestAnswerBytes?: number;
  /** Changes how it is started; it ends with its parent in any case. */
  readonly launch?: Launch;
  /** Contains it as well as this machine can. Without it, it can do what its parent can. */
  readonly contained?: Contained;
  /** What it gets beside the bare environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Call<Result> extends Bounds {
  readonly task: unknown;
  /** Checks what came; undefined for what is no answer. */
  readonly read: (value: unknown) => Result | undefined;
  /** Without it and `silenceAfter`, progress is an answer that nobody can read. */
  readonly onProgress?: (value: unknown) => void;
  /** Milliseconds from this sign of progress to the next one; undefined for the bound of the call. */
  readonly silenceAfter?: (value: unknown) => number | undefined;
  /** Ends the child. */
  readonly signal?: AbortSignal;
}

interface Waiting {
  readonly id: number;
  readonly guards: Guards;
  readonly onProgress: ((value: unknown) => void) | undefined;
  readonly silenceAfter: ((value: unknown) => number | undefined) | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A killed process is gone in milliseconds; what it started itself may hold its streams open. */
const CLOSE_MS = 2_000;
/** Who closes its channel has this long to end. */
const END_MS = 1_000;
const OUTPUT_CEILING = 16_384;
const ANSWER_CEILING = 1024 * 1024;

export async function startChild(plan: ChildPlan): Promise<RunningChild> {
  const { program, args = [], launch = (command) => command, contained } = plan;
  const path = program.includes('/') ? program : await bundled(program);
  const bound = await endWithParent();
  if (contained === undefined) return new RunningChild(bound(launch(nodeCommand(path, args))), plan);
  const { command: inside, room } = await contain(path, args, contained);
  try {
    return new RunningChild(bound(launch(inside)), plan, room);
  } catch (error) {
    await removeRoom(room).catch(() => undefined);
    throw error;
  }
}

/** A child that is not ready by then hangs. */
const START_MS = 30_000;

/**
 * Waits until the child is ready for calls; kills one that takes longer than 30 s.
 * @throws ChildFailure; its cause has what the child printed
 */
export async function untilReady(child: RunningChild): Promise<void> {
  const late = new ChildFailure('time', `was not ready in ${START_MS} ms`);
  const timer = setTimeout(() => child.stop(late), START_MS).unref();
  try {
    await child.ready;
  } catch (error) {
    if (!(error instanceof ChildFailure) || error.cause !== undefined || child.output === '') throw error;
    throw new ChildFailure(error.fault, error.message, new Error(child.output.trim()));
  } finally {
    clearTimeout(timer);
  }
}

/** One call to a child of its own, which is gone when this returns. */
export async function callOnce<Result>(plan: ChildPlan, call: Call<Result>): Promise<Result> {
  const child = await startChild(plan);
  try {
    return await child.call(call);
  } finally {
    await child.end();
  }
}

/**
 * A process with its streams. Where the system has no file left for a stream, Node makes none at all, against its types, and emits
 * the error later. @throws ChildFailure
 */
function spawned(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(program, args, options);
  const streams: ChildProcess['stdio'] | undefined = child.stdio;
  if (streams !== undefined) return child;
  child.once('error', () => undefined);
  const cause = Object.assign(new Error('no file is left for its streams'), { code: 'EMFILE' });
  throw new ChildFailure('start', 'could not be started', cause);
}

/**
 * A process of its own for what may hang, crash or take all memory. It serves one call after the other. A call that it
 * does not answer as it should ends it; it also ends with its parent.
 */
export class RunningChild {
  readonly #process: ChildProcess;
  readonly #room: Room | undefined;
  readonly #channel: Channel;
  readonly #output: string[] = [];
  readonly #closed: Promise<void>;
  #outputLength = 0;
  #isGone = false;
  #calls = 0;
  #waiting: Waiting | undefined;
  /** Set when it can serve no more call. */
  #failure: ChildFailure | undefined;
  readonly #ready = new Settled<void>();
  readonly #failed = new Settled<ChildFailure>();

  /** @param room - its own folders, which go when it goes */
  constructor([program, ...args]: CommandLine, plan: ChildPlan, room?: Room) {
    this.#room = room;
    const { output, encoding = jsonEncoding, longestAnswerBytes = ANSWER_CEILING } = plan;
    const printed = { collect: 'pipe', stderr: 2, ignore: 'ignore' } as const;
    this.#process = spawned(program, args, {
      env: { ...bareEnvironment(), ...plan.environment },
      // a group of its own: what it starts ends with it, and a signal from the terminal is for its parent
      detached: true,
      stdio: ['ignore', output === 'stderr' ? 2 : 'ignore', printed[output], 'pipe'],
    });
    if (this.#process.pid !== undefined) giveWay(this.#process.pid);
    this.#closed = this.#watchEnd();
    this.#process.stderr?.on('data', (data: Buffer) => this.#collect(data));
    this.#channel = new Channel(
      this.#pipe(),
      { encoding, longestBytes: longestAnswerBytes },
      {
        onMessage: (message) => this.#onMessage(message),
        onUnreadable: (cause) => this.#fail(unreadable(cause)),
        onClose: () => this.#onChannelClose(),
      },
    );
  }

  /** Undefined for one that could not be started. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Its own folders; undefined for one that is not contained. */
  get room(): Room | undefined {
    return this.#room;
  }

  /** Whether it can serve a call. */
  get isAlive(): boolean {
    return this.#failure === undefined;
  }

  /** Once it has loaded its modules and waits for calls. Rejects with the ChildFailure of one that never does. */
  get ready(): Promise<void> {
    const never = this.failed.then((failure) => Promise.reject(failure));
    return Promise.race([this.#ready.promise, never]);
  }

  /** Once it can serve no more call. */
  get failed(): Promise<ChildFailure> {
    return this.#failed.promise;
  }

  /** What it printed so far on its error stream, cut to a few KiB. */
  get output(): string {
    return this.#output.join('');
  }

  /**
   * One call; the caller sees to it that there is one at a time.
   * @throws what the child rejects by code; ChildFailure where it gives no answer, and the signal's reason: then it is
   *   killed
   */
  async call<Result>(call: Call<Result>): Promise<Result> {
    const { task, read, onProgress, silenceAfter, signal, ...bounds } = call;
    signal?.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure;
    const stop = () => this.#stop(signal?.reason);
    signal?.addEventListener('abort', stop, { once: true });
    const guards = watch(this.#process.pid, bounds, (failure) => this.#fail(failure));
    try {
      const value = await new Promise((resolve, reject) => {
        const id = ++this.#calls;
        this.#waiting = { id, guards, onProgress, silenceAfter, resolve, reject };
        this.#channel.send({ id, task } satisfies Request);
      });
      return this.#checked(read(value));
    } finally {
      guards.end();
      signal?.removeEventListener('abort', stop);
    }
  }

  /** Kills it, for a reason of its parent's. */
  stop(failure: ChildFailure): void {
    this.#fail(failure);
  }

  /** Kills it and waits until it is gone: it writes no more when this returns. */
  async end(): Promise<void> {
    this.ref();
    this.#fail(new ChildFailure('stopped', 'was closed'));
    await this.#isClosedWithin(CLOSE_MS);
    // a hostile child may leave a tree that cannot be removed by its path; then the sweep of old folders has it
    if (this.#room !== undefined) await removeRoom(this.#room).catch(() => undefined);
  }

  /** While it is idle, this process need not wait for it. */
  unref(): void {
    this.#process.unref();
    for (const stream of this.#sockets()) stream.unref();
  }

  ref(): void {
    this.#process.ref();
    for (const stream of this.#sockets()) stream.ref();
  }

  async #isClosedWithin(ms: number): Promise<void> {
    await Promise.race([this.#closed, sleep(ms, undefined, { ref: false })]);
  }

  #sockets(): readonly Socket[] {
    return this.#process.stdio.filter((stream) => stream instanceof Socket);
  }

  /** Until it is gone, with whatever it left on its way. */
  #watchEnd(): Promise<void> {
    return new Promise((resolve) => {
      this.#process.once('error', (cause) => {
        this.#fail(new ChildFailure('start', 'could not be started', cause));
        if (this.#process.pid === undefined) resolve();
      });
      this.#process.once('exit', () => {
        this.#killGroup();
        this.#isGone = true;
      });
      // 'close' and not 'exit': by then an answer that was on its way has been read
      this.#process.once('close', (code, signal) => {
        // no program kills itself so: what ends it by a fault of its own has another signal
        const fault = signal === 'SIGKILL' ? 'killed' : 'ended';
        this.#fail(new ChildFailure(fault, `ended with ${signal ?? `exit code ${code}`}`));
        resolve();
      });
    });
  }

  #pipe(): Socket {
    const stream = this.#process.stdio[CHANNEL_FD];
    if (stream instanceof Socket) return stream;
    throw new ChildFailure('start', 'has no channel');
  }

  #checked<Result>(result: Result | undefined): Result {
    if (result !== undefined) return result;
    const failure = unreadable();
    this.#fail(failure);
    throw failure;
  }

  #onMessage(message: unknown): void {
    const reply = readReply(message);
    const waiting = this.#waiting;
    if (reply?.kind === 'ready' && this.#ready.settle()) return;
    const isExpected = reply !== undefined && reply.kind !== 'ready' && reply.id === waiting?.id;
    if (isExpected && waiting !== undefined) this.#onReply(waiting, reply);
    else this.#fail(unreadable());
  }

  #onReply(waiting: Waiting, reply: Exclude<Reply, { kind: 'ready' }>): void {
    if (reply.kind === 'progress') {
      this.#onProgress(waiting, reply.value);
      return;
    }
    this.#waiting = undefined;
    if (reply.kind === 'result') waiting.resolve(reply.value);
    else waiting.reject(fromProblem(reply.problem, reply.cause));
  }

  #onProgress({ guards, onProgress, silenceAfter }: Waiting, value: unknown): void {
    guards.noteProgress(silenceAfter?.(value));
    if (onProgress !== undefined) onProgress(value);
    else if (silenceAfter === undefined) this.#fail(unreadable());
  }

  /** It is about to end, and how it ended says more; unless it only closed its channel. */
  #onChannelClose(): void {
    setTimeout(() => this.#killGroup(), END_MS).unref();
  }

  #stop(reason: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(reason);
    this.#fail(new ChildFailure('stopped', 'was closed'));
  }

  /** The first failure stays: what follows comes of it. */
  #fail(failure: ChildFailure): void {
    this.#failure ??= failure;
    this.#failed.settle(this.#failure);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(this.#failure);
    this.#killGroup();
  }

  /** SIGKILL, because native code does not return for anything less. */
  #killGroup(): void {
    const { pid } = this.#process;
    if (pid === undefined || this.#isGone) return; // its number may be another's by now
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // it is gone
    }
  }

  #collect(data: Buffer): void {
    const room = OUTPUT_CEILING - this.#outputLength;
    if (room > 0) this.#output.push(data.toString('utf8', 0, Math.min(room, data.length)));
    this.#outputLength += data.length;
  }
}

function unreadable(cause?: unknown): ChildFailure {
  return new ChildFailure('unreadable', 'returned an invalid response', cause);
}
