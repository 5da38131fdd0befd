import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Role } from '../../src/core/access.ts';
import { eventually } from '../../test/support/eventually.ts';
import { postgresFolder } from '../../test/support/postgres-server.ts';
import type { Target } from './target.ts';

/** Few enough that the attack with idle connections needs more. */
const OPEN_FILES = 1024;
const READY_SECONDS = 120;
/** A service that an attack keeps busy is killed after that. */
const STOP_MS = 15_000;

export interface StartedProgram {
  readonly target: Target;
  stop(): Promise<void>;
}

/** Any version of the service, by its built program, on a folder of its own; with keys from its own command line. */
export async function startProgram(program: string): Promise<StartedProgram> {
  const data = await postgresFolder();
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    NII_DATA: data,
    NII_PORT: '0',
    NII_LOG_LEVEL: 'error',
  };
  const limit = [`--nofile=${OPEN_FILES}:${OPEN_FILES}`, process.execPath, program, 'serve', '--json'];
  // prlimit replaces itself by the program, so that the process keeps its id
  const child = spawn('prlimit', limit, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const nii = [process.execPath, program];
  try {
    const url = await addressOf(child);
    const senderKey = await createKey(nii, env, 'scanner');
    const readerKey = await createKey(nii, env, 'supervisor');
    const target = { url, senderKey, readerKey, pid: child.pid ?? 0, nii };
    return { target, stop: () => stopProgram(child, data) };
  } catch (error) {
    await stopProgram(child, data);
    throw error;
  }
}

async function addressOf(child: ChildProcess): Promise<URL> {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const found = () => /"address":"([^"]+)"/.exec(text)?.[1];
  await eventually(
    'the service is ready',
    READY_SECONDS,
    () => child.exitCode !== null || found() !== undefined,
  );
  const address = found();
  if (address === undefined) throw new Error(`the service ended with ${child.exitCode}`);
  return new URL(address);
}

async function createKey(
  [command = '', ...first]: readonly string[],
  env: NodeJS.ProcessEnv,
  role: Role,
): Promise<string> {
  const place = ['--administration', 'utopia', '--site', 'harbour', '--name', 'siege'];
  const args = [...first, 'keys', 'create', '--role', role, ...place, '--json'];
  const { stdout } = await promisify(execFile)(command, args, { env });
  const token = /"token":\s*"([^"]+)"/.exec(stdout)?.[1];
  if (token === undefined) throw new Error('the service made no key');
  return token;
}

async function stopProgram(child: ChildProcess, data: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(late);
  }
  stopDatabase(data);
  await rm(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** It outlives a service that was killed. */
function stopDatabase(data: string): void {
  try {
    const lock = readFileSync(join(data, 'postgres/cluster/pgdata/postmaster.pid'), 'utf8');
    process.kill(Number(lock.split('\n', 1)[0]), 'SIGINT');
  } catch {
    // it has ended with the service
  }
}
