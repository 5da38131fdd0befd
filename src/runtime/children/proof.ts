import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';

/** What a contained child is asked to try at the start of the service. */
export interface Proof {
  readonly kind: 'prove';
  /** A file that was put into its room. */
  readonly shown: string;
  /** The folder that it writes. */
  readonly output: string;
  /** A file of the service, and a path outside the room. */
  readonly secret: string;
  readonly elsewhere: string;
  /** On which the service listens at 127.0.0.1. */
  readonly port: number;
  readonly parent: number;
  /** SHA-256 of the environment of the parent: another process may have its number in the child's namespace. */
  readonly environment: string;
}

/** What no child of the strongest ways can do. */
export const forbidden = [
  'read a file of the service',
  'write outside its folder',
  'change the mode of its folder',
  'change the times of its files',
  'connect to this machine',
  'start a program',
  'signal the service',
  'read the environment of the service',
] as const;
export type Forbidden = (typeof forbidden)[number];

export interface ProofResult {
  /** SHA-256 of the file that it was shown. */
  readonly shown: string;
  /** Of what is forbidden, what it could do. */
  readonly done: readonly string[];
}

const CONNECT_MS = 2_000;

export function isProof(task: unknown): task is Proof {
  return typeof task === 'object' && task !== null && 'kind' in task && task.kind === 'prove';
}

/** Runs in the child. */
export async function tryForbidden(proof: Proof): Promise<ProofResult> {
  const done: string[] = [];
  for (const name of forbidden) {
    try {
      await attempts[name](proof);
      done.push(name);
    } catch {
      // it could not
    }
  }
  return { shown: sha256Of(proof.shown), done };
}

const attempts: Readonly<Record<Forbidden, (proof: Proof) => unknown>> = {
  'read a file of the service': ({ secret }) => readFileSync(secret),
  'write outside its folder': ({ elsewhere }) => writeFileSync(elsewhere, ''),
  'change the mode of its folder': ({ output }) => chmodSync(output, 0o755),
  'change the times of its files': ({ output }) => {
    const own = join(output, 'own');
    writeFileSync(own, '');
    utimesSync(own, 0, 0);
  },
  'connect to this machine': ({ port }) => connect(port),
  'start a program': () => {
    const { error } = spawnSync('true', { stdio: 'ignore' });
    if (error) throw error;
  },
  'signal the service': ({ parent }) => process.kill(parent, 0),
  'read the environment of the service': ({ parent, environment }) => {
    if (sha256Of(`/proc/${parent}/environ`) !== environment)
      throw new Error('it is the one of another process');
  },
};

function connect(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}

export function sha256Of(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
