import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Not tracked: where this machine's long run is. */
const folder = fileURLToPath(new URL('../../.cache/long/', import.meta.url));

export interface PartState {
  readonly seed: number;
  /** Slices that are finished. */
  readonly slices: number;
  readonly cursor?: unknown;
}

/** Where the part stopped; undefined when it never ran. */
export function readState(part: string): PartState | undefined {
  try {
    return JSON.parse(readFileSync(path.join(folder, `${part}.json`), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** All of it or nothing, so that a run that is killed goes on with the slice that it was in. */
export function writeState(part: string, state: PartState): void {
  const file = path.join(folder, `${part}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(state));
  renameSync(`${file}.new`, file);
}

/** Folder for the details of a part's faults. */
export function keepFolder(part: string): string {
  const kept = path.join(folder, 'faults', part);
  mkdirSync(kept, { recursive: true });
  return kept;
}
