import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FileStore } from '@tus/file-store';
import { isErrorCode, type Problem } from '../../core/errors.ts';
import type { AcceptedScan } from '../accept.ts';
import { parseTusMetadata, type SetMember } from './metadata.ts';

/** `<key id>.<random>`: an upload belongs to the key that began it. */
export const uploadIdForm = /^(?<keyId>[0-9a-f]{16})\.[0-9a-f]{32}$/;

/** How a resumable upload ended; kept for as long as one may be open, so that its sender can ask. */
export interface TusOutcome {
  readonly upload: SetMember;
  readonly at: string;
  readonly scans?: readonly AcceptedScan[];
  readonly problem?: Problem;
}

export type TusEnding = Pick<TusOutcome, 'scans'> | Pick<TusOutcome, 'problem'>;

/** A file whose set was decided while it still arrived: once it is here, it ends as its set did, or is refused. */
export interface LateCopy {
  /** Of the file that the set had under this name; without it, the set had none. */
  readonly sha256?: string;
  readonly ending: TusEnding;
}

/** A file of a decided set, kept for as long as an upload may be open: whoever begins the same later is told the same. */
export interface DecidedFile {
  readonly at: string;
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly ending: TusEnding;
}

/**
 * Resumable uploads on this machine's disk: `files` belongs to the tus library, the other folders to us. Nothing
 * of it is swept at a start; a folder that nobody has used is not made.
 */
export class TusSpool {
  readonly #files: string;
  readonly #outcomes: string;
  readonly #copies: string;
  readonly #decided: string;
  readonly #expiryMs: number;
  #store: Promise<FileStore> | undefined;

  constructor(spoolDir: string, expiryMs: number) {
    this.#files = join(spoolDir, 'tus', 'files');
    this.#outcomes = join(spoolDir, 'tus', 'outcomes');
    this.#copies = join(spoolDir, 'tus', 'copies');
    this.#decided = join(spoolDir, 'tus', 'decided');
    this.#expiryMs = expiryMs;
  }

  /** The library's store over the same folder. */
  store(): Promise<FileStore> {
    this.#store ??= this.#open().catch((error: unknown) => {
      this.#store = undefined;
      throw error;
    });
    return this.#store;
  }

  async #open(): Promise<FileStore> {
    await mkdir(this.#files, { recursive: true });
    await mkdir(this.#outcomes, { recursive: true });
    const store = new FileStore({
      directory: this.#files,
      expirationPeriodInMilliseconds: this.#expiryMs,
    });
    // A length that is told later could not be held against the limits
    store.extensions = store.extensions.filter((name) => name !== 'creation-defer-length');
    return store;
  }

  pathOf(id: string): string {
    return join(this.#files, id);
  }

  /** Every upload that is here, of one key or of all. */
  async uploads(keyId = ''): Promise<readonly SetMember[]> {
    const names = await namesIn(this.#files);
    const ids = names.filter((name) => name.startsWith(keyId) && uploadIdForm.test(name));
    const found = await Promise.all(ids.map((id) => this.upload(id)));
    return found.filter((upload) => upload !== undefined);
  }

  /** Undefined where there is none, or where a crash left only half of what describes it. */
  async upload(id: string): Promise<SetMember | undefined> {
    const keyId = uploadIdForm.exec(id)?.groups?.keyId;
    if (keyId === undefined) return undefined;
    const described = await jsonAt(`${this.pathOf(id)}.json`);
    const state = await stat(this.pathOf(id)).catch(absent);
    if (state === undefined || !isDescription(described)) return undefined;
    return {
      id,
      keyId,
      bytes: described.size,
      offset: state.size,
      createdAt: described.creation_date,
      metadata: parseTusMetadata(described.metadata ?? {}),
    };
  }

  /** All of it but how it ended. */
  async remove(id: string): Promise<void> {
    await rm(this.pathOf(id), { force: true });
    await rm(`${this.pathOf(id)}.json`, { force: true });
    await this.forgetCopy(id);
  }

  async outcome(id: string): Promise<TusOutcome | undefined> {
    if (!uploadIdForm.test(id)) return undefined;
    const found = await jsonAt(join(this.#outcomes, `${id}.json`));
    return isOutcome(found) ? found : undefined;
  }

  async outcomes(): Promise<readonly TusOutcome[]> {
    const ids = (await namesIn(this.#outcomes)).map((name) => name.replace(/\.json$/, ''));
    const found = await Promise.all(ids.map((id) => this.outcome(id)));
    return found.filter((outcome) => outcome !== undefined);
  }

  async keep(outcome: TusOutcome): Promise<void> {
    await writeDurably(join(this.#outcomes, `${outcome.upload.id}.json`), outcome);
  }

  async forget(id: string): Promise<void> {
    await rm(join(this.#outcomes, `${id}.json`), { force: true });
  }

  async copy(id: string): Promise<LateCopy | undefined> {
    const found = await jsonAt(join(this.#copies, `${id}.json`));
    return isCopy(found) ? found : undefined;
  }

  /** Of which uploads it is known what their set came to before they were here. */
  async copies(): Promise<ReadonlySet<string>> {
    const names = await namesIn(this.#copies);
    return new Set(names.map((name) => name.replace(/\.json$/, '')).filter((id) => uploadIdForm.test(id)));
  }

  async keepCopy(id: string, copy: LateCopy): Promise<void> {
    await mkdir(this.#copies, { recursive: true });
    await writeDurably(join(this.#copies, `${id}.json`), copy);
  }

  async forgetCopy(id: string): Promise<void> {
    await rm(join(this.#copies, `${id}.json`), { force: true });
  }

  /** The files of this name and size that sets of this key were decided with. */
  async decided(setKey: string, name: string, bytes: number): Promise<readonly DecidedFile[]> {
    const start = startOf({ name, bytes });
    return this.#decidedAt(setKey, (file) => file.startsWith(start) && file.endsWith('.json'));
  }

  async keepDecided(setKey: string, file: DecidedFile): Promise<void> {
    const folder = join(this.#decided, setKey);
    await mkdir(folder, { recursive: true });
    await writeDurably(join(folder, decidedName(file)), file);
  }

  /** The keys of sets of which decided files are kept. */
  decidedSets(): Promise<readonly string[]> {
    return namesIn(this.#decided);
  }

  async forgetDecided(setKey: string, isMeant: (file: DecidedFile) => boolean): Promise<void> {
    const folder = join(this.#decided, setKey);
    const kept = await this.#decidedAt(setKey, (file) => file.endsWith('.json'));
    const meant = kept.filter(isMeant);
    if (meant.length === kept.length) await rm(folder, { recursive: true, force: true });
    else for (const file of meant) await rm(join(folder, decidedName(file)), { force: true });
  }

  async #decidedAt(setKey: string, isMeant: (file: string) => boolean): Promise<readonly DecidedFile[]> {
    const folder = join(this.#decided, setKey);
    const names = (await namesIn(folder)).filter(isMeant);
    const found = await Promise.all(names.map((name) => jsonAt(join(folder, name))));
    return found.filter(isDecided);
  }
}

function decidedName(file: DecidedFile): string {
  return `${startOf(file)}${file.sha256}.json`;
}

/** What a sender calls a file is not fit to be the name of one here. */
function startOf({ name, bytes }: Pick<DecidedFile, 'name' | 'bytes'>): string {
  return `${createHash('sha256').update(`${bytes} ${name}`).digest('hex')}.`;
}

interface Description {
  readonly size: number;
  readonly creation_date: string;
  readonly metadata?: Readonly<Record<string, string | null>>;
}

/** Written by the library, from an upload that was admitted. */
function isDescription(value: unknown): value is Description {
  return (
    typeof value === 'object' &&
    value !== null &&
    'size' in value &&
    typeof value.size === 'number' &&
    'creation_date' in value &&
    typeof value.creation_date === 'string'
  );
}

/** Written by `keep`, whole or not at all. */
function isOutcome(value: unknown): value is TusOutcome {
  return isEnding(value) && 'upload' in value;
}

/** Written by `keepCopy`, whole or not at all. */
function isCopy(value: unknown): value is LateCopy {
  return typeof value === 'object' && value !== null && 'ending' in value && isEnding(value.ending);
}

/** Written by `keepDecided`, whole or not at all. */
function isDecided(value: unknown): value is DecidedFile {
  return isCopy(value) && 'at' in value && typeof value.at === 'string';
}

function isEnding(value: unknown): value is TusEnding {
  if (typeof value !== 'object' || value === null) return false;
  if ('scans' in value) return Array.isArray(value.scans);
  const problem = 'problem' in value ? value.problem : undefined;
  return typeof problem === 'object' && problem !== null && 'code' in problem && isErrorCode(problem.code);
}

async function writeDurably(path: string, value: unknown): Promise<void> {
  const part = `${path}.part`;
  const file = await open(part, 'w');
  try {
    await file.writeFile(JSON.stringify(value));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(absent)) ?? [];
}

async function jsonAt(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(absent);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
