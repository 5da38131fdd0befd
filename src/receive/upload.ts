import { mkdir, open, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isArchive } from '../codec/archive/magic.ts';
import { BlockHash } from '../codec/block-hash.ts';
import { fromProblem, isFullDisk, NiiError, problemOf } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import { HEAD_BYTES, type StagedFile } from '../recognise/files.ts';
import { writePieces } from '../runtime/write-pieces.ts';
import { makeStagingFolder } from '../stored/staging.ts';
import { type UnpackDeps, unpackArchive } from './unpack.ts';

/** One part as it arrives; `truncated` is asked once the stream has ended. */
export interface UploadPart {
  readonly name: string;
  readonly stream: AsyncIterable<Uint8Array>;
  readonly truncated?: () => boolean;
  /** Declared by the sender; checked. */
  readonly sha256?: string;
  /** Computed and checked before: not computed again. */
  readonly knownSha256?: string;
  /** Called once the hash is computed, before it is checked. */
  readonly onHash?: (sha256: string) => void;
}

/** Files of one upload on the local disk, hashed; nothing is acknowledged yet. */
export interface StagedUpload {
  readonly dir: string;
  readonly files: readonly StagedFile[];
}

/** `stagingDir`: folder for uploads on their way, on the machine's own disk. */
export interface StagingDeps extends UnpackDeps {
  readonly stagingDir: string;
}

/**
 * Streams the parts to the staging folder, hashing and counting while they arrive, and has archives unpacked.
 * @param caller - id of the key that sends them
 * @throws NII_LIMIT_BYTES as soon as the limit is passed, NII_LIMIT_FILES, NII_UPLOAD_CUT, NII_HASH_MISMATCH
 */
export async function receiveUpload(
  deps: StagingDeps,
  parts: AsyncIterable<UploadPart>,
  caller: string,
): Promise<StagedUpload> {
  const dir = await makeStagingFolder(deps.stagingDir, 'upload');
  try {
    return { dir, files: await unpacked(deps, await stageAll(parts, dir, deps.limits), dir, caller) };
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw isFullDisk(error) ? fromProblem(problemOf(error)) : error;
  }
}

export async function discardUpload(upload: StagedUpload): Promise<void> {
  await rm(upload.dir, { recursive: true, force: true });
}

async function stageAll(
  parts: AsyncIterable<UploadPart>,
  dir: string,
  limits: Limits,
): Promise<StagedFile[]> {
  const files: StagedFile[] = [];
  let left = limits.uploadBytes;
  for await (const part of parts) {
    if (files.length >= limits.uploadFiles) {
      throw new NiiError(
        'NII_LIMIT_FILES',
        `The upload has too many files: use at most ${limits.uploadFiles}`,
      );
    }
    const file = await stage(part, join(dir, `part-${files.length}`), left, limits.uploadBytes);
    left -= file.bytes;
    files.push(file);
  }
  if (files.length === 0) throw new NiiError('NII_BAD_REQUEST', 'The upload has no file: send at least one');
  return files;
}

/** Streams one part to the disk, hashing and counting. */
export async function stage(
  part: UploadPart,
  path: string,
  left: number,
  limit: number,
): Promise<StagedFile> {
  const hash = part.knownSha256 === undefined ? new BlockHash() : undefined;
  let bytes = 0;
  const count = (piece: Uint8Array) => {
    bytes += piece.byteLength;
    if (bytes > left)
      throw new NiiError('NII_LIMIT_BYTES', `The upload is too large: use at most ${limit} bytes`);
    hash?.update(piece);
  };
  await writePieces(path, part.stream, count).catch(rejectWrite);
  if (part.truncated?.() === true)
    throw new NiiError('NII_UPLOAD_CUT', `${part.name} is incomplete: send the upload again`);
  const { sha256, ...blocks } = hash?.digest() ?? { sha256: part.knownSha256 ?? '' };
  if (hash !== undefined) part.onHash?.(sha256);
  if (part.sha256 !== undefined && part.sha256.toLowerCase() !== sha256)
    throw hashMismatch(part.name, sha256);
  return { name: plainName(part.name), path, bytes, sha256, ...blocks, head: await headOf(path) };
}

/** The file did not arrive as its sender declared it. */
export function hashMismatch(name: string, sha256: string): NiiError {
  return new NiiError('NII_HASH_MISMATCH', {
    detail: `${name} arrived with SHA-256 ${sha256}`,
    field: name,
  });
}

function rejectWrite(error: unknown): never {
  if (error instanceof NiiError) throw error;
  if (isFullDisk(error)) throw fromProblem(problemOf(error));
  throw new NiiError('NII_UPLOAD_CUT', {
    detail: 'The connection ended before the upload was complete: send it again',
    cause: error,
  });
}

/** Names are metadata: folders are kept apart from it, and no name is ever used as a path. */
function plainName(name: string): string {
  const plain = basename(name.replaceAll('\\', '/'))
    .replace(/\p{Cc}/gu, '')
    .slice(0, 255);
  return plain === '' ? 'unnamed' : plain;
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return new Uint8Array(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

async function unpacked(
  deps: UnpackDeps,
  files: readonly StagedFile[],
  dir: string,
  caller: string,
): Promise<readonly StagedFile[]> {
  const all: StagedFile[] = [];
  for (const file of files) {
    if (isArchive(file.head))
      all.push(...(await members(deps, file, join(dir, `from-${all.length}`), caller)));
    else all.push(file);
  }
  const { uploadFiles } = deps.limits;
  if (all.length <= uploadFiles) return all;
  const detail = `The upload has too many files: use at most ${uploadFiles}, including files in archives`;
  throw new NiiError('NII_LIMIT_FILES', detail);
}

async function members(
  deps: UnpackDeps,
  archive: StagedFile,
  dir: string,
  caller: string,
): Promise<readonly StagedFile[]> {
  await mkdir(dir);
  return unpackArchive(deps, archive, dir, caller);
}
