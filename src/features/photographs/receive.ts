import { constants } from 'node:fs';
import { link, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { photographLimits } from '../../core/case/photograph.ts';
import { NiiError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import { secondsToRead } from '../../core/reading-time.ts';
import { DEVELOPED_FILE, type DevelopedPhotograph, photographTask } from '../../parsing/kinds/photograph.ts';
import { moveFile } from '../../parsing/left-file.ts';
import type { Reader } from '../../parsing/reader.ts';
import { stage } from '../../receive/upload.ts';
import type { StagedFile } from '../../recognise/files.ts';
import { makeStagingFolder } from '../../stored/staging.ts';

export interface ReceivePhotographDeps {
  readonly reader: Reader;
  readonly limits: Pick<Limits, 'convertSeconds'>;
  readonly stagingDir: string;
}

/** A photograph on the local disk, and what is shown of it. */
export interface ReceivedPhotograph extends DevelopedPhotograph {
  readonly dir: string;
  readonly original: Pick<StagedFile, 'path' | 'bytes' | 'sha256' | 'blocks'>;
  readonly shown: Uint8Array;
}

/**
 * Streams the photograph to the disk and has it developed in a process of its own. Discard it.
 * @param caller - id of the key that sends it
 * @throws NII_LIMIT_BYTES, NII_UPLOAD_CUT, and what the reader rejects it with
 */
export async function receivePhotograph(
  deps: ReceivePhotographDeps,
  stream: AsyncIterable<Uint8Array>,
  caller: string,
): Promise<ReceivedPhotograph> {
  const dir = await makeStagingFolder(deps.stagingDir, 'upload');
  try {
    const { bytes: most } = photographLimits;
    const original = await stage({ name: 'photograph', stream }, join(dir, 'original'), most, most);
    return { dir, original, ...(await develop(deps, original, dir, caller)) };
  } catch (error) {
    await discardPhotograph({ dir });
    throw error;
  }
}

export async function discardPhotograph({ dir }: Pick<ReceivedPhotograph, 'dir'>): Promise<void> {
  await rm(dir, { recursive: true, force: true });
}

function develop(
  { reader, limits }: ReceivePhotographDeps,
  { path, sha256, bytes }: Pick<StagedFile, 'path' | 'sha256' | 'bytes'>,
  dir: string,
  caller: string,
): Promise<DevelopedPhotograph & { readonly shown: Uint8Array }> {
  return reader.read(photographTask, {
    caller,
    subject: sha256,
    seconds: secondsToRead(bytes, limits),
    prepare: async (desk) => {
      await link(path, join(desk.input, 'photograph'));
      return { desk, file: 'photograph' };
    },
    take: async (developed, { output }) => {
      const shown = join(dir, 'shown');
      await moveFile(join(output, DEVELOPED_FILE), shown);
      return { ...developed, shown: await readShown(shown) };
    },
  });
}

/** What the reader says of it is not believed: it is a JPEG of few bytes, or the reader is broken. */
async function readShown(path: string): Promise<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { size } = await file.stat();
    const bytes = size > photographLimits.shownBytes ? Buffer.alloc(0) : await file.readFile();
    if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return bytes;
  } finally {
    await file.close();
  }
  throw new NiiError('NII_READER_CRASHED', 'The reader returned an invalid JPEG of the photograph');
}
