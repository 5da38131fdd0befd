import { createReadStream } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../../core/defined.ts';
import { isErrorCode } from '../../core/errors.ts';
import type { ObjectReads, ObjectWrites } from '../../core/ports/objects.ts';
import type { Log } from '../../core/ports/process.ts';
import type { ResumableRecords, UploadEndings } from '../../core/ports/records/resumable.ts';
import type { Stores } from '../../core/ports/stores.ts';
import type { Locks, Transactions } from '../../core/ports/transactions.ts';
import {
  type DecidedFile,
  type LateCopy,
  type ResumableUpload,
  type UploadEnding,
  type UploadOutcome,
  uploadIdForm,
} from '../../core/upload/resumable.ts';
import { ChunkWriter } from './chunks.ts';
import { isWhole, parseMetadata } from './metadata.ts';

interface AdoptDeps extends Stores<ResumableRecords, ObjectReads & ObjectWrites> {
  readonly log: Pick<Log, 'info' | 'warn'>;
}

export interface OldSpoolDeps extends AdoptDeps {
  readonly records: Transactions<ResumableRecords> & Locks;
}

/**
 * Takes over resumable uploads that an older version left in the folder `tus` of the staging folder, so that they go on
 * from where they stand. One process at a time; a file is removed once its rows are durable, so a start that was killed
 * is done again. What cannot be read stays, and is logged.
 */
export async function adoptOldUploads(deps: OldSpoolDeps, stagingDir: string): Promise<void> {
  const folder = join(stagingDir, 'tus');
  if ((await stat(folder).catch(absent)) === undefined) return;
  await deps.records.exclusively(`resumable uploads in ${folder}`, async () => {
    await adoptOutcomes(deps, join(folder, 'outcomes'));
    await adoptDecided(deps, join(folder, 'decided'));
    await adoptUploads(deps, folder);
    if (await isEmpty(folder)) await rm(folder, { recursive: true, force: true });
  });
}

async function adoptOutcomes(
  { records }: { readonly records: Transactions<UploadEndings> },
  folder: string,
): Promise<void> {
  for (const name of await jsonFilesIn(folder)) {
    const outcome = await jsonAt(join(folder, name));
    if (!isOutcome(outcome)) continue;
    await records.transaction((tx) => tx.putOutcome(outcome));
    await rm(join(folder, name), { force: true });
  }
}

async function adoptDecided(
  { records }: { readonly records: Transactions<UploadEndings> },
  folder: string,
): Promise<void> {
  for (const setKey of await namesIn(folder)) {
    const files = join(folder, setKey);
    for (const name of await jsonFilesIn(files)) {
      const file = await jsonAt(join(files, name));
      if (!isDecided(file)) continue;
      await records.transaction((tx) => tx.putDecidedFile(setKey, file));
      await rm(join(files, name), { force: true });
    }
  }
}

async function adoptUploads(deps: AdoptDeps, folder: string): Promise<void> {
  const ids = (await namesIn(join(folder, 'files'))).filter((name) => uploadIdForm.test(name));
  for (const id of ids) {
    try {
      if (await adoptUpload(deps, folder, id)) await removeFiles(folder, id);
    } catch (err) {
      deps.log.warn({ upload: id, err }, 'resumable upload of an older version not taken over');
    }
  }
  await removeOrphans(join(folder, 'copies'), ids);
  await removeOrphans(join(folder, 'files'), ids);
}

/** Descriptions of uploads whose bytes are gone. */
async function removeOrphans(folder: string, ids: readonly string[]): Promise<void> {
  for (const name of await jsonFilesIn(folder))
    if (!ids.includes(name.slice(0, -'.json'.length))) await rm(join(folder, name), { force: true });
}

/** @returns whether its files are needed no more */
async function adoptUpload(deps: AdoptDeps, folder: string, id: string): Promise<boolean> {
  const path = join(folder, 'files', id);
  const here = (await stat(path)).size;
  const found = await uploadAt(folder, id);
  if (found === undefined) return true; // a crash left it before its sender knew of it
  const begun = await deps.records.transaction(async (tx) => {
    if ((await tx.uploadOutcome(id)) !== undefined) return undefined;
    const upload = await tx.upload(id);
    if (upload === undefined) await tx.insertUpload(found);
    return upload ?? found;
  });
  if (begun === undefined || isWhole(begun) || begun.offset >= here) return true;
  const rest = createReadStream(path, { start: begun.offset });
  await new ChunkWriter(deps).append(id, begun.offset, rest);
  deps.log.info({ upload: id, bytes: here }, 'resumable upload of an older version taken over');
  return true;
}

/** As it was begun; its bytes are appended afterwards. */
async function uploadAt(folder: string, id: string): Promise<ResumableUpload | undefined> {
  const described = await jsonAt(join(folder, 'files', `${id}.json`));
  const keyId = uploadIdForm.exec(id)?.groups?.keyId;
  if (keyId === undefined || !isDescription(described)) return undefined;
  const copy = await jsonAt(join(folder, 'copies', `${id}.json`));
  return {
    id,
    keyId,
    bytes: described.size,
    offset: 0,
    createdAt: described.creation_date,
    metadata: parseMetadata(described.metadata),
    ...defined({ copy: isCopy(copy) ? copy : undefined }),
  };
}

/** The bytes go before their description: without it they would be those of an upload that was never known. */
async function removeFiles(folder: string, id: string): Promise<void> {
  await rm(join(folder, 'copies', `${id}.json`), { force: true });
  await rm(join(folder, 'files', id), { force: true });
  await rm(join(folder, 'files', `${id}.json`), { force: true });
}

interface Description {
  readonly size: number;
  readonly creation_date: string;
  readonly metadata?: Readonly<Record<string, string | null>>;
}

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

function isOutcome(value: unknown): value is UploadOutcome {
  return isEnding(value) && 'upload' in value && 'at' in value;
}

function isCopy(value: unknown): value is LateCopy {
  return typeof value === 'object' && value !== null && 'ending' in value && isEnding(value.ending);
}

function isDecided(value: unknown): value is DecidedFile {
  return isCopy(value) && 'at' in value && typeof value.at === 'string';
}

function isEnding(value: unknown): value is UploadEnding {
  if (typeof value !== 'object' || value === null) return false;
  if ('scans' in value) return Array.isArray(value.scans);
  const problem = 'problem' in value ? value.problem : undefined;
  return typeof problem === 'object' && problem !== null && 'code' in problem && isErrorCode(problem.code);
}

async function isEmpty(folder: string): Promise<boolean> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(absent);
  return (found ?? []).every((entry) => entry.isDirectory());
}

async function jsonFilesIn(folder: string): Promise<readonly string[]> {
  return (await namesIn(folder)).filter((name) => name.endsWith('.json'));
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
