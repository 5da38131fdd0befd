import type { Actor } from '../../core/access.ts';
import type { Limits } from '../../core/limits.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import { secondsToRead } from '../../core/reading-time.ts';
import { PICTURE_FILE, type PictureWork, pictureTask } from '../../parsing/kinds/picture.ts';
import { LeftFile } from '../../parsing/left-file.ts';
import type { Reader } from '../../parsing/reader.ts';
import type { RevisionTx } from '../read.ts';

/** A PNG that was drawn for this request. */
export interface DrawnPicture {
  readonly sha256: string;
  /** Close it. */
  readonly file: LeftFile;
}

export interface DrawDeps {
  readonly records: Transactions<RevisionTx & Tx<'audit'>>;
  readonly reader: Reader;
  readonly limits: Limits;
}

/** What a picture is drawn from. */
export interface PictureSource {
  /** As of a reading. */
  readonly subject: string;
  /** To be decoded. */
  readonly pixels: number;
  /** Lays it down in the folder. */
  readonly prepare: (folder: string) => Promise<PictureWork>;
}

export function drawPicture(
  { reader, limits }: Pick<DrawDeps, 'reader' | 'limits'>,
  { keyId }: Actor,
  { subject, pixels, prepare }: PictureSource,
): Promise<DrawnPicture> {
  return reader.read(pictureTask, {
    caller: keyId,
    subject,
    seconds: secondsToRead(pixels, limits),
    prepare: async (desk) => ({ ...(await prepare(desk.input)), desk }),
    take: async ({ sha256 }, { output }) => ({ sha256, file: await LeftFile.open(output, PICTURE_FILE) }),
  });
}
