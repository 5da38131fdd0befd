import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';

const HEAD_BYTES = 4096;
const NAME_CEILING = 1024;
/** A small member may expand further than the ratio: an empty sheet or a text is repetitive. */
const EXPANSION_FLOOR = 1024 * 1024;
/** Members may share bytes of the archive; together they may expand further than the ratio up to here. */
const TOTAL_FLOOR = 16 * EXPANSION_FLOOR;
/** Left behind by desktop systems; no part of any scan. */
const litter = /(^|\/)(__MACOSX\/.*|\.DS_Store|Thumbs\.db|desktop\.ini)$/i;

/** A file that came out of an archive, on this machine. */
export interface ExtractedFile {
  /** As in the archive, folders with /. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** First 4 KiB. */
  readonly head: Uint8Array;
  /** What is wrong with it as a member: these bytes came out, and are not those that went in. */
  readonly damage?: string;
}

/** What one archive may still spend. The one mutable thing here: members share it. */
export interface Budget {
  readonly limits: Pick<Limits, 'archiveBytes' | 'uploadFiles' | 'expansionRatio'>;
  readonly folder: string;
  /** Of the archive itself. */
  readonly packedBytes: number;
  bytes: number;
  files: number;
}

/** What a ZIP says of a member: bytes it takes in the archive, and the checksum of what comes out. */
export interface Packed {
  readonly bytes: number;
  readonly crc32: number;
}

export function newBudget(limits: Budget['limits'], folder: string, packedBytes: number): Budget {
  return { limits, folder, packedBytes, bytes: 0, files: 0 };
}

/** The name of a member, or undefined for what is left out. @throws NII_MALFORMED when it leads out of the folder */
export function memberName(written: string, isFolder: boolean): string | undefined {
  const name = written.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
  const parts = name.split('/');
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name) || parts.includes('..') || /\p{Cc}/u.test(name)) {
    throw new NiiError('NII_MALFORMED', 'the name of a member points outside the archive');
  }
  if (name.length > NAME_CEILING) throw new NiiError('NII_MALFORMED', 'the name of a member is too long');
  return isFolder || name === '' || name.endsWith('/') || litter.test(name) ? undefined : name;
}

/** Writes one member to the staging folder, counting what really comes out. */
export async function stageMember(
  name: string,
  content: AsyncIterable<Uint8Array>,
  packed: Packed | undefined,
  budget: Budget,
): Promise<ExtractedFile> {
  budget.files += 1;
  if (budget.files > budget.limits.uploadFiles) {
    throw new NiiError(
      'NII_LIMIT_FILES',
      `The archive has too many files: use at most ${budget.limits.uploadFiles}`,
    );
  }
  const path = join(budget.folder, `member-${budget.files}`);
  const meter = new Meter(name, packed, budget);
  const damage = await pipeline(content, meter, createWriteStream(path, { flags: 'wx' })).then(
    () => undefined,
    (error: unknown) => (packed === undefined ? rejectWrite(error) : damageOf(name, error)),
  );
  return { name, path, ...meter.result(damage) };
}

/** Counts, hashes and checks the bytes that pass. */
class Meter extends Transform {
  readonly #name: string;
  readonly #packed: Packed | undefined;
  readonly #budget: Budget;
  readonly #hash = createHash('sha256');
  readonly #head: Uint8Array[] = [];
  #bytes = 0;
  #crc32 = 0;

  constructor(name: string, packed: Packed | undefined, budget: Budget) {
    super();
    this.#name = name;
    this.#packed = packed;
    this.#budget = budget;
  }

  override _transform(
    chunk: Uint8Array,
    _: string,
    done: (error: Error | null, chunk?: Uint8Array) => void,
  ): void {
    if (this.#bytes < HEAD_BYTES) this.#head.push(chunk.slice(0, HEAD_BYTES - this.#bytes));
    this.#bytes += chunk.byteLength;
    this.#budget.bytes += chunk.byteLength;
    this.#hash.update(chunk);
    this.#crc32 = crc32(chunk, this.#crc32);
    const error = this.#overLimit();
    if (error === undefined) done(null, chunk);
    else done(error);
  }

  #overLimit(): NiiError | undefined {
    const { archiveBytes, expansionRatio } = this.#budget.limits;
    if (this.#budget.bytes > archiveBytes) {
      return new NiiError(
        'NII_LIMIT_EXPANSION',
        `The archive is too large after unpacking: use at most ${archiveBytes} bytes`,
      );
    }
    const most = Math.max(TOTAL_FLOOR, this.#budget.packedBytes * expansionRatio);
    if (this.#budget.bytes > most) {
      return new NiiError(
        'NII_LIMIT_EXPANSION',
        `The archive expands too much: use at most ${expansionRatio} times its size`,
      );
    }
    if (this.#packed === undefined || this.#bytes < EXPANSION_FLOOR) return undefined;
    if (this.#bytes <= this.#packed.bytes * expansionRatio) return undefined;
    return new NiiError('NII_LIMIT_EXPANSION', `${this.#name} expands more than ${expansionRatio} times`);
  }

  /** Damaged where the checksum of the archive does not fit what came out. */
  result(known: string | undefined): Omit<ExtractedFile, 'name' | 'path'> {
    const fits = this.#packed === undefined || this.#packed.crc32 === this.#crc32;
    const damage =
      known ?? (fits ? undefined : `${this.#name}: its checksum does not match; the archive is damaged`);
    const head = new Uint8Array(Buffer.concat(this.#head));
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex'), head, ...defined({ damage }) };
  }
}

/** Damage of one member costs the others nothing. @throws what is no damage: limits, and the disk */
function damageOf(name: string, error: unknown): string {
  if (error instanceof NiiError || !(error instanceof Error) || 'syscall' in error) return rejectWrite(error);
  return `${name}: ${error.message.slice(0, 200)}`;
}

function rejectWrite(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    throw new NiiError('NII_DISK_FULL', { detail: 'No space left to unpack the archive', cause: error });
  }
  throw error;
}
