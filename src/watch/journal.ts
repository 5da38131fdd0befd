import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A file as it was when it was done with. */
export interface DoneFile {
  readonly name: string;
  readonly bytes: number;
  readonly mtimeMs: number;
  readonly sha256: string;
}

export interface SentScan {
  readonly scanId: string;
  readonly revision: number;
  readonly result: string;
}

/** One line of the journal. */
export type Entry =
  | {
      readonly kind: 'sent';
      readonly at: string;
      readonly converter: string;
      readonly group: string;
      readonly scans: readonly SentScan[];
      readonly files: readonly DoneFile[];
    }
  | { readonly kind: 'same'; readonly at: string; readonly files: readonly DoneFile[] }
  | {
      readonly kind: 'quarantined';
      readonly at: string;
      readonly code: string;
      readonly files: readonly DoneFile[];
    }
  | { readonly kind: 'upload'; readonly at: string; readonly of: string; readonly address: string }
  | { readonly kind: 'totals'; readonly totals: Totals };

export interface Totals {
  /** Uploads that were acknowledged. */
  readonly sent: number;
  /** Files that had been sent before, under this or another name. */
  readonly same: number;
  readonly quarantined: number;
}

/** Content that was sent, with the group of files that it was sent in. */
export interface KnownContent {
  readonly group: string;
  readonly at: number;
}

/** Older names and contents are forgotten; the service still knows what it has. */
const FILES_CEILING = 1_000_000;
const CONTENTS_CEILING = 500_000;
const ADDRESSES_CEILING = 10_000;
/** Number of obsolete lines above which the journal is rewritten at a start. */
const STALE_LINES = 10_000;

/**
 * What was done with which file, on disk before it counts: a line is appended and flushed, then the next step is taken.
 * A crash leaves at most half a line, which is cut off; the step before it is then repeated, and changes nothing twice.
 */
export class Journal {
  readonly #path: string;
  readonly #files = new Map<string, DoneFile>();
  readonly #contents = new Map<string, KnownContent>();
  readonly #addresses = new Map<string, string>();
  #totals: Totals = { sent: 0, same: 0, quarantined: 0 };
  #lines = 0;
  #file: FileHandle | undefined;

  private constructor(path: string) {
    this.#path = path;
  }

  static async open(stateDir: string): Promise<Journal> {
    await cutHalfLine(join(stateDir, 'journal.jsonl'));
    const journal = await Journal.#read(stateDir);
    if (journal.#lines - journal.#files.size > STALE_LINES) await journal.#writeAnew();
    journal.#file = await open(journal.#path, 'a');
    return journal;
  }

  /** What was done so far; a watcher may be running. */
  static async totalsIn(stateDir: string): Promise<Totals> {
    return (await Journal.#read(stateDir)).totals;
  }

  static async #read(stateDir: string): Promise<Journal> {
    const journal = new Journal(join(stateDir, 'journal.jsonl'));
    for await (const line of linesOf(journal.#path)) {
      journal.#lines += 1;
      const entry = entryIn(line);
      if (entry !== undefined) journal.#learn(entry);
    }
    return journal;
  }

  get totals(): Totals {
    return this.#totals;
  }

  isDone({ name, bytes, mtimeMs }: Pick<DoneFile, 'name' | 'bytes' | 'mtimeMs'>): boolean {
    const done = this.#files.get(name);
    return done !== undefined && done.bytes === bytes && done.mtimeMs === mtimeMs;
  }

  /** Where content of this hash was sent. */
  known(sha256: string): KnownContent | undefined {
    return this.#contents.get(sha256);
  }

  /** Where the resumable upload of this file stands, as the service named it. */
  addressOf(upload: string): string | undefined {
    return this.#addresses.get(upload);
  }

  /** On disk when it returns. */
  async append(entry: Entry): Promise<void> {
    if (this.#file === undefined) throw new TypeError('the journal is closed');
    await this.#file.appendFile(`${JSON.stringify(entry)}\n`);
    await this.#file.sync();
    this.#lines += 1;
    this.#learn(entry);
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  #learn(entry: Entry): void {
    switch (entry.kind) {
      case 'sent':
        this.#note(entry.files);
        for (const { sha256 } of entry.files)
          put(this.#contents, sha256, { group: entry.group, at: Date.parse(entry.at) }, CONTENTS_CEILING);
        // A line that the journal was written anew with counts in its totals
        if (entry.scans.length > 0) this.#count({ sent: 1 });
        return;
      case 'same':
        this.#note(entry.files);
        this.#count({ same: entry.files.length });
        return;
      case 'quarantined':
        this.#note(entry.files);
        this.#count({ quarantined: entry.files.length });
        return;
      case 'upload':
        put(this.#addresses, entry.of, entry.address, ADDRESSES_CEILING);
        return;
      case 'totals':
        this.#totals = entry.totals;
    }
  }

  #note(files: readonly DoneFile[]): void {
    for (const file of files) put(this.#files, file.name, file, FILES_CEILING);
  }

  #count(more: Partial<Totals>): void {
    const { sent, same, quarantined } = this.#totals;
    this.#totals = {
      sent: sent + (more.sent ?? 0),
      same: same + (more.same ?? 0),
      quarantined: quarantined + (more.quarantined ?? 0),
    };
  }

  /** Names, contents and totals only; whole or not at all. */
  async #writeAnew(): Promise<void> {
    const part = `${this.#path}.new`;
    const file = await open(part, 'w');
    try {
      for (const entry of this.#condensed()) await file.appendFile(`${JSON.stringify(entry)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, this.#path);
  }

  *#condensed(): Generator<Entry> {
    const unknown = { at: new Date(0).toISOString(), converter: '', group: '', scans: [] };
    for (const done of this.#files.values()) {
      const content = this.#contents.get(done.sha256);
      if (content === undefined) yield { kind: 'same', at: unknown.at, files: [done] };
      else {
        const at = new Date(content.at).toISOString();
        yield { ...unknown, kind: 'sent', at, group: content.group, files: [done] };
      }
    }
    yield { kind: 'totals', totals: this.#totals };
  }
}

function put<V>(map: Map<string, V>, key: string, value: V, ceiling: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= ceiling) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const file = await open(path, 'r').catch(absent);
  if (file === undefined) return;
  yield* createInterface({ input: file.createReadStream(), crlfDelay: Number.POSITIVE_INFINITY });
}

/** A damaged line is passed over: what it said is done again, and the service answers that it has it. */
function entryIn(line: string): Entry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Lines are written by `append` only, whole. */
function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  if (value.kind === 'upload') return 'of' in value && 'address' in value;
  if (value.kind === 'totals') return 'totals' in value;
  return 'files' in value && Array.isArray(value.files);
}

async function cutHalfLine(path: string): Promise<void> {
  let whole = 0;
  let at = 0;
  try {
    for await (const chunk of createReadStream(path)) {
      const bytes: Buffer = chunk;
      const last = bytes.lastIndexOf(0x0a);
      if (last >= 0) whole = at + last + 1;
      at += bytes.length;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  if (whole < at) await truncate(path, whole);
  await rm(`${path}.new`, { force: true });
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
