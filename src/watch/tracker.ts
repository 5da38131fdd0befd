import type { Dir, Dirent } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** A file as it was last seen. */
export interface SeenFile extends Entry {
  readonly bytes: number;
  readonly mtimeMs: number;
  /** When it was first seen so, by our clock: that of the share may differ. */
  readonly since: number;
  /** Since when it has needed something, however often it has changed meanwhile. */
  readonly waitingSince: number;
}

interface Kept {
  seen: SeenFile;
  lookAt: number;
  pass: number;
}

/** Whether this very file, by name, size and time, needs nothing more. */
export type IsDone = (file: Pick<SeenFile, 'name' | 'bytes' | 'mtimeMs'>) => boolean;

/** A share is asked for the state of this many files at a time. */
const AT_ONCE = 32;
/** A file that is done is asked for only so often: many shares are full of them. */
const DONE_LOOK_MS = 60_000;

/** Looks at a folder again and again. It asks, because shares do not tell. */
export class Tracker {
  readonly #folder: string;
  readonly #skip: ReadonlySet<string>;
  readonly #isDone: IsDone;
  readonly #kept = new Map<string, Kept>();
  #pass = 0;

  constructor(folder: string, skip: readonly string[], isDone: IsDone) {
    this.#folder = folder;
    this.#skip = new Set(skip);
    this.#isDone = isDone;
  }

  /** Files that need something, as they are now. @throws where the folder itself cannot be read */
  async look(now: number): Promise<readonly SeenFile[]> {
    this.#pass += 1;
    let batch: Entry[] = [];
    for await (const entry of filesBelow(this.#folder, this.#skip)) {
      if (this.#restsUntil(entry.name) > now) continue;
      batch.push(entry);
      if (batch.length < AT_ONCE) continue;
      await this.#ask(batch, now);
      batch = [];
    }
    await this.#ask(batch, now);
    return this.#unfinished();
  }

  /** Files that are there, done or not. */
  get size(): number {
    return this.#kept.size;
  }

  /** The files that are done and lie in one folder. */
  doneIn(folder: string): readonly SeenFile[] {
    const seen = [...this.#kept.values()].map((kept) => kept.seen);
    return seen
      .filter(({ name }) => name.startsWith(folder) && !name.slice(folder.length).includes('/'))
      .filter(this.#isDone);
  }

  #restsUntil(name: string): number {
    const kept = this.#kept.get(name);
    if (kept === undefined) return 0;
    kept.pass = this.#pass;
    return kept.lookAt;
  }

  async #ask(entries: readonly Entry[], now: number): Promise<void> {
    await Promise.all(entries.map((entry) => this.#askOne(entry, now)));
  }

  async #askOne(entry: Entry, now: number): Promise<void> {
    const state = await lstat(entry.path).catch(() => undefined);
    if (state === undefined || !state.isFile()) {
      this.#kept.delete(entry.name);
      return;
    }
    const { size: bytes, mtimeMs } = state;
    const before = this.#kept.get(entry.name)?.seen;
    const same = before !== undefined && before.bytes === bytes && before.mtimeMs === mtimeMs;
    const waits = before !== undefined && !this.#isDone(before);
    const waitingSince = waits ? before.waitingSince : now;
    const seen = same ? before : { ...entry, bytes, mtimeMs, since: now, waitingSince };
    const lookAt = this.#isDone(seen) ? now + DONE_LOOK_MS : 0;
    this.#kept.set(entry.name, { seen, lookAt, pass: this.#pass });
  }

  #unfinished(): readonly SeenFile[] {
    const found: SeenFile[] = [];
    for (const [name, { seen, lookAt, pass }] of this.#kept) {
      if (pass !== this.#pass) this.#kept.delete(name);
      else if (lookAt === 0 && !this.#isDone(seen)) found.push(seen);
    }
    return found;
  }
}

/** Deeper folders are not looked into. */
const DEPTH_CEILING = 16;
/** Written under another name, or left by an editor: their last name is yet to come. */
const unfinished = /(\.(part|partial|tmp|temp|filepart|crdownload|download|lock|swp)|~)$/i;

interface Entry {
  /** From the watched folder on, with /. */
  readonly name: string;
  readonly path: string;
}

/**
 * The files below a folder, in no order. Links are not followed, hidden and unfinished names and the folders to skip
 * are passed over. A folder that goes away meanwhile has no more files; the top one must be there.
 */
async function* filesBelow(
  root: string,
  skip: ReadonlySet<string>,
  prefix = '',
  depth = 0,
): AsyncGenerator<Entry> {
  for await (const entry of entriesOf(await opened(root, depth === 0))) {
    if (entry.name.startsWith('.') || unfinished.test(entry.name)) continue;
    const path = join(root, entry.name);
    const name = `${prefix}${entry.name}`;
    if (entry.isFile()) yield { name, path };
    else if (entry.isDirectory() && depth < DEPTH_CEILING && !skip.has(path))
      yield* filesBelow(path, skip, `${name}/`, depth + 1);
  }
}

async function opened(folder: string, mustBe: boolean): Promise<Dir | undefined> {
  try {
    return await opendir(folder, { bufferSize: 256 });
  } catch (error) {
    if (mustBe) throw error;
    return undefined;
  }
}

async function* entriesOf(folder: Dir | undefined): AsyncGenerator<Dirent> {
  if (folder !== undefined) yield* folder;
}
