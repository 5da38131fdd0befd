import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Totals } from './journal.ts';

/** What waits in the folder. */
export interface Waiting {
  readonly files: number;
  readonly bytes: number;
  /** RFC 3339: since when the oldest of them has been as it is, by its own time. */
  readonly oldest?: string;
}

/** Of the line to the service. */
export type Line =
  | { readonly state: 'unused' | 'up' }
  | {
      readonly state: 'away' | 'blocked';
      readonly since: string;
      readonly reason: string;
      readonly nextTry: string;
    };

/** What a running watcher leaves beside its journal, for whoever asks how it is. */
export interface WatchStatus extends Totals {
  readonly folder: string;
  readonly at: string;
  readonly running: boolean;
  readonly waiting: Waiting;
  readonly line: Line;
}

const NAME = 'status.json';

export async function writeStatus(stateDir: string, status: WatchStatus): Promise<void> {
  const path = join(stateDir, NAME);
  await writeFile(`${path}.part`, JSON.stringify(status));
  await rename(`${path}.part`, path);
}

/** Undefined where no watcher has written any. */
export async function readStatus(stateDir: string): Promise<WatchStatus | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(join(stateDir, NAME), 'utf8'));
    return isStatus(value) ? value : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Written by `writeStatus`, whole or not at all. */
function isStatus(value: unknown): value is WatchStatus {
  return typeof value === 'object' && value !== null && 'waiting' in value && 'line' in value;
}
