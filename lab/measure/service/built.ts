import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Role } from '../../../src/core/access.ts';
import { postgresFolder } from '../../../test/support/postgres-server.ts';

const program = fileURLToPath(new URL('../../../dist/src/main.js', import.meta.url));

/** The built service with its own database, as processes of their own. */
export interface BuiltService {
  readonly address: string;
  /** Processes of which all others descend: the service and its database. */
  readonly roots: readonly number[];
  keyOf(role: Role): string;
  /** One more worker, on one core with all that it starts. The caller ends it. */
  startWorker(core: number): ChildProcess;
  stop(): Promise<void>;
}

export async function startBuilt(settings: Readonly<Record<string, string>>): Promise<BuiltService> {
  const data = await postgresFolder();
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    NII_DATA: data,
    NII_PORT: '0',
    NII_LOG_LEVEL: 'error',
    NII_ALLOW_ROOT: '1',
    ...settings,
  };
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
  const child = spawn(program, ['serve', '--json'], { env, stdio });
  const { address } = JSON.parse(await firstLine(child));
  const lock = await readFile(join(data, 'postgres/cluster/pgdata/postmaster.pid'), 'utf8');
  return {
    address,
    roots: [child.pid ?? 0, Number(lock.split('\n')[0])],
    keyOf: (role) => {
      const at = ['--administration', 'utopia', '--site', 'harbour', '--name', role];
      const args = [program, 'keys', 'create', '--json', '--role', role, ...at];
      return JSON.parse(execFileSync(process.execPath, args, { env, encoding: 'utf8' })).token;
    },
    startWorker: (core) =>
      spawn('taskset', ['-c', String(core), program, 'worker'], {
        env: { ...env, NII_STAGING: join(data, `staging-${core}`) },
        stdio: 'ignore',
      }),
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** @throws Error where the service ends instead */
async function firstLine({ stdout }: ChildProcess): Promise<string> {
  let said = '';
  for await (const chunk of stdout ?? []) {
    said += String(chunk);
    if (said.includes('\n')) return said;
  }
  throw new Error('the service ended before it was ready');
}
