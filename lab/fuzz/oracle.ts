import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expandArchive } from '../../src/codec/archive/archive.ts';
import { isArchive } from '../../src/codec/archive/magic.ts';
import { sha256Hex } from '../../src/codec/sha256.ts';
import { runInProcess } from '../../src/convert/in-process.ts';
import { type ErrorCode, isNiiError } from '../../src/core/errors.ts';
import { defaultLimits, type Limits } from '../../src/core/limits.ts';
import { type FileGroup, HEAD_BYTES, type StagedFile } from '../../src/recognise/files.ts';
import { rejectUnclaimed } from '../../src/recognise/group.ts';
import { sortIntoScans } from '../../src/recognise/index-files.ts';
import type { ConverterPackage } from '../../src/recognise/registry.ts';
import type { NamedBytes } from '../../src/tools/contract/fixtures.ts';

const MiB = 1024 * 1024;

/** So high that an allocation which the bytes do not justify shows, and low enough to try thousands a second. */
const fuzzLimits: Limits = { ...defaultLimits, pixels: 64_000_000, archiveBytes: 128 * MiB };

/** Codes that no file may lead to. */
const faultCodes: ReadonlySet<ErrorCode> = new Set([
  'NII_INTERNAL',
  'NII_CONFIG',
  'NII_CORRUPT',
  'NII_CONVERTER_CRASHED',
  'NII_CONVERTER_INCONSISTENT',
]);

/** What became of one input. */
export interface Verdict {
  /** `scan` or a code, one for each scan. */
  readonly words: readonly string[];
  /** What must not happen, with the place in the code. */
  readonly faults: readonly string[];
}

export interface Oracle {
  readonly all: readonly ConverterPackage[];
  /** Empty; best in memory. */
  readonly folder: string;
}

/** Unpacks, recognises, groups and converts files as the service does, and says what must not have happened. */
export async function judge({ all, folder }: Oracle, files: readonly NamedBytes[]): Promise<Verdict> {
  const words: string[] = [];
  const faults: string[] = [];
  const note = (error: unknown, toleratesCrash = false) => {
    words.push(isNiiError(error) ? error.code : 'crash');
    const isFault = !isNiiError(error) || (faultCodes.has(error.code) && !toleratesCrash);
    if (isFault) faults.push(traceOf(error));
  };
  try {
    const sorted = await sortIntoScans(await staged(folder, files), all, fuzzLimits);
    for (const group of sorted.groups) {
      try {
        faults.push(...(await converted(group, all)));
        words.push('scan');
      } catch (error) {
        note(error, group.converter.id === 'fake');
      }
    }
    rejectUnclaimed(sorted);
  } catch (error) {
    note(error);
  }
  return { words, faults };
}

/** Samples that compression does not explain; a text of the fake format asks for an image. */
async function converted(group: FileGroup, all: readonly ConverterPackage[]): Promise<readonly string[]> {
  const converter = all.find(({ manifest }) => manifest.id === group.converter.id);
  if (converter === undefined) return [`a scan of ${group.converter.id}, which is not installed`];
  const { planes } = await runInProcess({ converter, files: group.files, limits: fuzzLimits });
  const made = [...planes.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  const given = group.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const tooMuch = converter.manifest.enabledBy !== 'fake' && made > given * fuzzLimits.expansionRatio;
  return tooMuch ? [`${made} bytes of samples out of ${given} bytes`] : [];
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : '';
  return `${error.stack}${cause}`.slice(0, 4000);
}

async function staged(folder: string, files: readonly NamedBytes[]): Promise<readonly StagedFile[]> {
  const all: StagedFile[] = [];
  for (const [i, { name, bytes }] of files.entries()) {
    const path = join(folder, `file-${i}`);
    writeFileSync(path, bytes);
    const head = bytes.slice(0, HEAD_BYTES);
    const file = { name, path, bytes: bytes.length, sha256: sha256Hex(bytes), head };
    if (isArchive(head)) all.push(...(await expandArchive(file, emptyFolder(folder, i), fuzzLimits)));
    else all.push(file);
  }
  return all;
}

function emptyFolder(folder: string, i: number): string {
  const parent = join(folder, `members-${i}`);
  rmSync(parent, { recursive: true, force: true });
  mkdirSync(parent);
  return mkdtempSync(join(parent, 'm-'));
}
