import { type FileHandle, open } from 'node:fs/promises';

/** Pieces of 64 KiB, as they come from a line, are written some at a time: each write costs a way to another thread. */
const GATHERED_BYTES = 1024 * 1024;

/**
 * Writes a new file as its pieces come; while some are written the next ones come in. When it throws, the file may be
 * there in part.
 * @param onPiece - sees each piece before it is written; what it throws ends the writing
 * @throws what the source throws, EEXIST, ENOSPC …
 */
export async function writePieces(
  path: string,
  source: AsyncIterable<Uint8Array>,
  onPiece: (piece: Uint8Array) => void = () => undefined,
): Promise<void> {
  const file = await open(path, 'wx');
  let writing: Promise<void> = Promise.resolve();
  try {
    let gathered: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of source) {
      onPiece(piece);
      gathered.push(piece);
      bytes += piece.byteLength;
      if (bytes < GATHERED_BYTES) continue;
      await writing;
      writing = writeAll(file, gathered);
      writing.catch(() => undefined); // it is awaited before the next, and at the end
      gathered = [];
      bytes = 0;
    }
    await writing;
    await writeAll(file, gathered);
  } finally {
    await writing.catch(() => undefined); // whoever needs to know was told
    await file.close();
  }
}

/** A disk that is nearly full takes a part; the next write says why. */
async function writeAll(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  let left = pieces.filter(({ byteLength }) => byteLength > 0);
  while (left.length > 0) left = after(left, (await file.writev(left)).bytesWritten);
}

function after(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skipped = bytes;
  return pieces.flatMap((piece) => {
    const from = Math.min(skipped, piece.byteLength);
    skipped -= from;
    return from === piece.byteLength ? [] : [piece.subarray(from)];
  });
}
