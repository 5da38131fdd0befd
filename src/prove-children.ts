import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { modelPlan } from './adapters/onnx/process.ts';
import { containedPlan } from './convert/convert-in-child.ts';
import { NiiError, problemOf } from './core/errors.ts';
import type { Log } from './core/ports/process.ts';
import { readerPlan } from './parsing/reader-pool.ts';
import { ChildFailure, isForShortage } from './runtime/children/child-failure.ts';
import {
  type Forbidden,
  forbidden,
  type Proof,
  type ProofResult,
  sha256Of,
} from './runtime/children/proof.ts';
import {
  type ChildPlan,
  type RunningChild,
  startChild,
  untilReady,
} from './runtime/children/running-child.ts';
import { type ContainmentKind, findContainment } from './runtime/contain/containment.ts';
import { putInto, type Room } from './runtime/contain/room.ts';

/** Of what the child printed, its last characters. */
const LONGEST_WORDS = 1_000;

export type Plans = Readonly<Record<string, ChildPlan>>;

/** The contained processes of what answers requests. */
export const childrenOfAnswers: Plans = { 'the process that reads files': readerPlan };

/** The contained processes of what runs jobs, beside those of what answers requests. */
export const childrenOfJobs: Plans = {
  'the process that converts': containedPlan([]),
  'the process of a model': { ...modelPlan, contained: { reads: [], addons: true } },
};

/** What Node's permissions stop. */
const stoppedForScripts: readonly Forbidden[] = [
  'read a file of the service',
  'write outside its folder',
  'start a program',
  'read the environment of the service',
];

/** What each way stops, of what a child tries; docs/security/containment.md has the rest. */
const stoppedBy: Readonly<Record<ContainmentKind, readonly Forbidden[]>> = {
  bubblewrap: forbidden,
  landlock: forbidden,
  unshare: [...stoppedForScripts, 'connect to this machine'],
  permissions: stoppedForScripts,
  none: [],
};

const PROOF_MS = 30_000;

/**
 * Starts each contained process once, as the service will start it, lets it try what its containment must stop, and
 * ends it.
 * @throws NII_CHILD_START with what the process printed, for one that does not start; with what it could do, for one
 *   that is not contained as it should be
 */
export async function proveChildren(all: Plans = { ...childrenOfAnswers, ...childrenOfJobs }): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nii-proof-'));
  const server = createServer((client) => client.destroy());
  try {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const lures = await layLures(folder, server);
    const proofs = Object.entries(all).map(([name, plan]) => proveChild(name, plan, lures));
    // each ends before the next try, and what will not heal counts before what will
    const reasons = (await Promise.allSettled(proofs)).flatMap((proof) =>
      proof.status === 'rejected' ? [proof.reason] : [],
    );
    const [first] = [...reasons.filter((one) => !isForShortage(one)), ...reasons];
    if (first !== undefined) throw first;
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const RETRY_MS = 1_000;
/** A child that ends at its start may lack what its system has run out of, which only its words say. */
const MOST_STARTS = 3;

/**
 * Proves them as `proveChildren` does, again as long as the system has no process, file or memory left for it: that will heal.
 * @throws as `proveChildren`, for what is not contained, and for what still does not start at the third time
 */
export async function proveWhenPossible(all: Plans, log: Log, signal: AbortSignal): Promise<void> {
  for (let starts = 1; !signal.aborted; ) {
    try {
      await proveChildren(all);
      return;
    } catch (err) {
      const isStart = err instanceof NiiError && err.cause instanceof ChildFailure;
      if (!isForShortage(err) && !(isStart && starts < MOST_STARTS)) throw err;
      if (!isForShortage(err)) starts += 1;
      log.warn({ code: problemOf(err).code, err }, 'no contained process could be proved: it is tried again');
    }
    await delay(RETRY_MS, undefined, { signal }).catch(() => undefined); // it ends early
  }
}

type Lures = Omit<Proof, 'kind' | 'shown' | 'output'>;

async function layLures(folder: string, server: Server): Promise<Lures> {
  const secret = join(folder, 'secret');
  await writeFile(secret, randomBytes(32), { mode: 0o600 });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const environment = process.platform === 'linux' ? sha256Of('/proc/self/environ') : '';
  return { secret, elsewhere: join(folder, 'elsewhere'), port, parent: process.pid, environment };
}

async function proveChild(name: string, plan: ChildPlan, lures: Lures): Promise<void> {
  const child = await startChild({ ...plan, output: 'collect' });
  try {
    await untilReady(child);
    const kind = plan.contained?.by?.kind ?? (await findContainment()).kind;
    if (child.room !== undefined) await proveContained(name, { child, room: child.room, kind }, lures);
  } catch (error) {
    throw error instanceof ChildFailure ? await startMistake(name, error) : error;
  } finally {
    await child.end();
  }
}

interface Contained {
  readonly child: RunningChild;
  readonly room: Room;
  readonly kind: ContainmentKind;
}

async function proveContained(name: string, { child, room, kind }: Contained, lures: Lures): Promise<void> {
  const shown = await putInto(room, lures.secret, 'shown');
  const { shown: seen, done } = await child.call({
    task: { ...lures, kind: 'prove', shown, output: room.output } satisfies Proof,
    timeoutMs: PROOF_MS,
    read: readResult,
  });
  if (seen !== sha256Of(lures.secret))
    throw notContained(name, kind, 'did not read the file that it was shown');
  const leaks = stoppedBy[kind].filter((one) => done.includes(one));
  if (leaks.length > 0) throw notContained(name, kind, `could ${leaks.join(', ')}`);
}

function readResult(value: unknown): ProofResult | undefined {
  if (typeof value !== 'object' || value === null || !('shown' in value) || !('done' in value))
    return undefined;
  const { shown, done } = value;
  if (typeof shown !== 'string' || !Array.isArray(done)) return undefined;
  return { shown, done: done.map(String) };
}

function notContained(name: string, kind: ContainmentKind, what: string): NiiError {
  const detail = `${name} ${what} (contained by ${kind}, Node ${process.versions.node})`;
  return new NiiError('NII_CHILD_START', detail);
}

async function startMistake(name: string, failure: ChildFailure): Promise<NiiError> {
  const { kind } = await findContainment();
  const how = `contained by ${kind}, Node ${process.versions.node}`;
  const printed = failure.cause instanceof Error ? `: ${failure.cause.message.slice(-LONGEST_WORDS)}` : '';
  const detail = `${name} ${failure.message} (${how})${printed}`;
  return new NiiError('NII_CHILD_START', { detail, cause: failure });
}
