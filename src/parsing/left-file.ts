import { constants } from 'node:fs';
import { type FileHandle, lstat, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fromProblem, isFullDisk, NiiError, problemOf } from '../core/errors.ts';
import type { ByteRange } from '../core/ports/objects.ts';
import { writePieces } from '../runtime/write-pieces.ts';

const PIECE_BYTES = 1024 * 1024;

/** A file that a reader left, open: it can be read though its folder is gone. Close it. */
export class LeftFile {
  readonly bytes: number;
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle, bytes: number) {
    this.#handle = handle;
    this.bytes = bytes;
  }

  /** @throws NII_READER_CRASHED for what is no plain file */
  static async open(folder: string, name: string): Promise<LeftFile> {
    const handle = await open(join(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW).catch(missing);
    const stats = await handle.stat();
    if (stats.isFile() && stats.nlink === 1) return new LeftFile(handle, stats.size);
    await handle.close();
    throw missing();
  }

  /** Nothing of the file is held in memory but the piece that is on its way. */
  async *stream({ first, last }: ByteRange = { first: 0, last: this.bytes - 1 }): AsyncGenerator<Uint8Array> {
    for (let at = first; at <= last; ) {
      const buffer = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, last + 1 - at));
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw missing();
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

function missing(cause?: unknown): never {
  throw new NiiError('NII_READER_CRASHED', { detail: 'The reader did not write the expected file', cause });
}

/** Writes what is to be read into the folder, piece by piece. @throws NII_DISK_FULL, and what the source throws */
export async function layDown(path: string, source: AsyncIterable<Uint8Array>): Promise<void> {
  await writePieces(path, source).catch((error: unknown) => {
    throw isFullDisk(error) ? fromProblem(problemOf(error)) : error;
  });
}

/** Moves a file that a reader left. A link would make us read what the reader could not. @throws NII_READER_CRASHED */
export async function moveFile(from: string, to: string): Promise<void> {
  const stats = await lstat(from).catch(missing);
  if (!stats.isFile() || stats.nlink !== 1) missing();
  await rename(from, to);
}
