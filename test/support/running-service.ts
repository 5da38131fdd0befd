import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pause } from './eventually.ts';

/** The service as processes of its own, started again whenever it ends, as an init system would. */
export interface RunningService {
  readonly address: string;
  /** The API's process; undefined while it is being started again. */
  apiPid(): number | undefined;
  /** Worker processes under the API's. */
  workerPids(): readonly number[];
  stop(): Promise<void>;
  readonly log: () => string;
}

/** The built program where there is one, as in the project's test command; otherwise the sources. */
const built = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const sources = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
export const program = existsSync(built)
  ? [built]
  : ['--import', createRequire(import.meta.url).resolve('tsx'), sources];
const RESTART_MS = 100;
const LOG_CEILING = 200_000;

/** `openFiles`: the limit of open files that the system sets for the API's process. */
export async function runService(
  settings: Readonly<Record<string, string>>,
  { openFiles }: { readonly openFiles?: number } = {},
): Promise<RunningService> {
  const [command, ...first] = [...limitOpenFiles(openFiles), process.execPath];
  const port = await freePort();
  let stopping = false;
  let child: ChildProcess | undefined;
  let log = '';
  const start = () => {
    child = spawn(command ?? process.execPath, [...first, ...program, 'serve'], {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        ...settings,
        NII_PORT: String(port),
        NII_LOG_LEVEL: 'warn',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        log = (log + chunk.toString()).slice(-LOG_CEILING);
      });
    }
    child.once('exit', (code, signal) => {
      log += `ended with ${signal ?? code}\n`;
      child = undefined;
      void pause(RESTART_MS, 'restart').then(() => stopping || start());
    });
  };
  start();
  return {
    address: `http://127.0.0.1:${port}`,
    apiPid: () => child?.pid,
    workerPids: () => (child?.pid === undefined ? [] : childrenOf(child.pid).filter(isWorker)),
    log: () => log,
    async stop() {
      stopping = true;
      if (child === undefined) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** prlimit replaces itself by the program, so that the process keeps its id. */
function limitOpenFiles(openFiles: number | undefined): readonly string[] {
  return openFiles === undefined ? [] : ['prlimit', `--nofile=${openFiles}:${openFiles}`];
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((candidate) => statusField(candidate, 'PPid') === String(pid));
}

function isWorker(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('worker');
  } catch {
    return false;
  }
}

function statusField(pid: number, field: string): string | undefined {
  try {
    return new RegExp(`^${field}:\\s+(\\S+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/** Node processes of the service that was given this data folder and still run. */
export function processesOf(dataDir: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter(
      (pid) => pid !== process.pid && isNode(pid) && environmentOf(pid).includes(`NII_DATA=${dataDir}`),
    );
}

/** Not PostgreSQL, which inherits the environment of whoever started it and is meant to stay. */
function isNode(pid: number): boolean {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`)) === basename(process.execPath);
  } catch {
    return false;
  }
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
