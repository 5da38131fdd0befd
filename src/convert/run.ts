import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { openPlaneFile, type PlaneFile } from '../codec/plane-file.ts';
import { fromProblem, isErrorCode, NiiError, type Problem } from '../core/errors.ts';
import { checkScan } from '../core/scan/check-scan.ts';
import { type ScanWithSources, wholePlane } from '../core/scan/plane-source.ts';
import { channelsOf, type NiiScan, type ScanWithPlanes } from '../core/scan/scan.ts';
import { residentBytes } from '../runtime/resident.ts';
import { type ChildAnswer, type ChildTask, planeFile, RECORD_FILE } from './child.ts';
import type { Conversion } from './in-process.ts';

export { type Conversion, runInProcess } from './in-process.ts';

const POLL_MS = 50;
/** A killed process is gone in milliseconds; what it started itself may hold its streams open. */
const CLOSE_MS = 2000;
const STDERR_CEILING = 16_384;

export interface GuardedConversion extends Conversion {
  /** An empty folder of this conversion's own; planes and record are left in it. */
  readonly workDir: string;
  /** Gets what the child wrote on its error stream, cut to a few KiB. */
  readonly log?: { warn(fields: object, message: string): void };
}

/**
 * Converts in a child process that is killed when it takes too long or too much memory, and checks what it returns.
 * @throws NII_LIMIT_TIME, NII_LIMIT_MEMORY, NII_CONVERTER_CRASHED, and every code the converter refuses with
 */
export async function runConverter(conversion: GuardedConversion): Promise<ScanWithPlanes> {
  const { scan, planes, close } = await convertToFiles(conversion);
  try {
    const all = [...planes].map(([key, plane]): [string, Uint8Array] => [key, wholePlane(plane)]);
    return { scan, planes: new Map(all) };
  } finally {
    close();
  }
}

/** A converted scan whose samples lie in files; they may be read until it is closed. */
export interface ScanInFiles extends ScanWithSources {
  close(): void;
}

/** The same, with the samples left in the files of `workDir`: for scans that do not fit into memory. */
export async function convertToFiles(conversion: GuardedConversion): Promise<ScanInFiles> {
  const answer = await ask(conversion);
  if (answer.kind === 'problem') throw fromProblem(answer.problem);
  const record = await readRecord(conversion.workDir);
  const opened = openPlanes(record, conversion);
  const close = () => {
    for (const plane of opened.values()) plane.close();
  };
  try {
    return { ...checkScan({ scan: record, planes: opened }, conversion.limits), close };
  } catch (error) {
    close();
    throw error;
  }
}

async function ask(conversion: GuardedConversion): Promise<ChildAnswer> {
  const child = startChild();
  const complaints = collect(child);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    return await answerFrom(child, conversion);
  } finally {
    child.kill('SIGKILL');
    await Promise.race([closed, sleep(CLOSE_MS, undefined, { ref: false })]); // it writes no more when this returns
    const { log, converter } = conversion;
    if (complaints.length > 0) {
      log?.warn({ converter: converter.manifest.id, stderr: complaints.join('') }, 'converter complained');
    }
  }
}

function answerFrom(child: ChildProcess, conversion: GuardedConversion): Promise<ChildAnswer> {
  let guards: readonly NodeJS.Timeout[] = [];
  return new Promise<ChildAnswer>((resolve, reject) => {
    guards = guard(child, conversion.limits, reject);
    child.once('message', (message) => resolve(answerOf(message)));
    child.once('error', (cause) => reject(crashed('its process could not be started', cause)));
    // 'close' and not 'exit': by then an answer that was on its way has been read.
    child.once('close', (code, signal) => reject(crashed(`it ended with ${signal ?? `exit code ${code}`}`)));
    child.send(taskOf(conversion), (error) => {
      if (error !== null) reject(crashed('it did not take its task', error));
    });
  }).finally(() => {
    for (const timer of guards) clearInterval(timer);
  });
}

/** Without the heads of the files, which the reader takes from the files themselves. */
function taskOf({ converter, files, limits, workDir }: GuardedConversion): ChildTask {
  const plain = files.map(({ name, role, complete, path, bytes, sha256 }) => ({
    name,
    role,
    complete,
    path,
    bytes,
    sha256,
  }));
  return { folder: converter.folder, files: plain, workDir, limits };
}

/** Of the environment only the path: no key, address or password of the service reaches a converter. */
function startChild(): ChildProcess {
  const fromSources = import.meta.url.endsWith('.ts');
  const script = fileURLToPath(new URL(fromSources ? './child.ts' : './child.js', import.meta.url));
  return fork(script, [], {
    execArgv: fromSources ? ['--import', loaderOfSources()] : [],
    env: { PATH: process.env.PATH ?? '', NODE_ENV: process.env.NODE_ENV ?? '', NII_CONVERT_CHILD: '1' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

function loaderOfSources(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
}

function collect(child: ChildProcess): readonly string[] {
  const parts: string[] = [];
  let length = 0;
  child.stderr?.on('data', (data: Buffer) => {
    if (length < STDERR_CEILING) parts.push(data.toString('utf8').slice(0, STDERR_CEILING - length));
    length += data.length;
  });
  return parts;
}

function guard(
  child: ChildProcess,
  limits: Conversion['limits'],
  reject: (error: NiiError) => void,
): readonly NodeJS.Timeout[] {
  const kill = (code: 'NII_LIMIT_TIME' | 'NII_LIMIT_MEMORY', detail: string) => {
    reject(new NiiError(code, detail));
    child.kill('SIGKILL');
  };
  const time = setTimeout(
    () => kill('NII_LIMIT_TIME', `more than ${limits.convertSeconds} s`),
    limits.convertSeconds * 1000,
  );
  const memory = setInterval(() => {
    void residentBytes(child.pid).then((bytes) => {
      if (bytes > limits.convertBytes)
        kill('NII_LIMIT_MEMORY', `more than ${limits.convertBytes} bytes of memory`);
    });
  }, POLL_MS);
  return [time, memory];
}

function crashed(detail: string, cause?: unknown): NiiError {
  return new NiiError('NII_CONVERTER_CRASHED', { detail, cause });
}

function answerOf(message: unknown): ChildAnswer {
  if (typeof message === 'object' && message !== null && 'kind' in message) {
    if (message.kind === 'done') return { kind: 'done' };
    if ('problem' in message && isProblem(message.problem))
      return { kind: 'problem', problem: message.problem };
  }
  return { kind: 'problem', problem: crashed('its answer is not understood').toProblem() };
}

function isProblem(value: unknown): value is Problem {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    isErrorCode(value.code) &&
    'detail' in value &&
    typeof value.detail === 'string'
  );
}

async function readRecord(workDir: string): Promise<NiiScan> {
  // checkScan holds it against the schema before anything is believed.
  return JSON.parse(await readFile(join(workDir, RECORD_FILE), 'utf8')) as NiiScan;
}

/** @throws NII_CONVERTER_INCONSISTENT by checkScan where the record names a channel without a file */
function openPlanes(scan: NiiScan, { workDir }: GuardedConversion): ReadonlyMap<string, PlaneFile> {
  const paths = channelsOf(scan).map(({ key }) => ({ key, path: join(workDir, planeFile(key)) }));
  const present = paths.filter(({ path }) => existsSync(path));
  return new Map(present.map(({ key, path }) => [key, openPlaneFile(path)]));
}
