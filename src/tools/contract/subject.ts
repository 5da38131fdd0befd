import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '../../codec/sha256.ts';
import { type Conversion, runInProcess } from '../../convert/in-process.ts';
import { type ErrorCode, isNiiError, NiiError, stackOf } from '../../core/errors.ts';
import { defaultLimits, type Limits } from '../../core/limits.ts';
import type { ScanWithPlanes } from '../../core/scan/scan.ts';
import { type FileGroup, type Grouped, HEAD_BYTES, type StagedFile } from '../../recognise/files.ts';
import { rejectUnclaimed } from '../../recognise/group.ts';
import { sortIntoScans } from '../../recognise/index-files.ts';
import type { ConverterPackage } from '../../recognise/registry.ts';
import type { Fixture, NamedBytes } from './fixtures.ts';

/** Small, so that a claim of gigapixels is rejected and not allocated. */
export const contractLimits: Limits = {
  ...defaultLimits,
  pixels: 1_000_000,
  archiveBytes: 8 * 1024 * 1024,
};

/** A package that is held to the contract, among all packages that are installed with it. */
export interface Subject {
  readonly converter: ConverterPackage;
  readonly all: readonly ConverterPackage[];
  readonly fixtures: readonly Fixture[];
  readonly fixturesOfOthers: ReadonlyMap<string, readonly Fixture[]>;
  /** An empty folder for what is staged. */
  readonly folder: string;
  readonly limits: Limits;
}

/** What became of files: one scan, a rejection by code, or several scans. */
export type Outcome =
  | { readonly kind: 'scan'; readonly group: FileGroup; readonly result: ScanWithPlanes }
  | {
      readonly kind: 'rejected';
      readonly code: ErrorCode;
      readonly detail: string;
      readonly group?: FileGroup;
    }
  | { readonly kind: 'several'; readonly parts: readonly Outcome[] };

export interface Place extends Pick<Subject, 'all' | 'folder' | 'limits'> {
  /** What converts; in this process unless given. */
  readonly convert?: (conversion: Conversion) => Promise<ScanWithPlanes>;
}

/** Recognises, groups and converts files as the service does. Never throws for what is in a file. */
export async function outcomeOf(place: Place, files: readonly NamedBytes[]): Promise<Outcome> {
  const folder = await mkdtemp(join(place.folder, 's-'));
  try {
    return await convertAll(place, await sortIntoScans(await stage(folder, files), place.all, place.limits));
  } catch (error) {
    return rejection(error);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Each file goes into a folder of its own, since names may repeat. */
async function stage(folder: string, files: readonly NamedBytes[]): Promise<readonly StagedFile[]> {
  return Promise.all(
    files.map(async ({ name, bytes }, i) => {
      const path = join(folder, String(i));
      await mkdir(path);
      await writeFile(join(path, 'file'), bytes);
      const head = bytes.slice(0, HEAD_BYTES);
      return { name, path: join(path, 'file'), bytes: bytes.length, sha256: sha256Hex(bytes), head };
    }),
  );
}

async function convertAll(place: Place, files: Grouped): Promise<Outcome> {
  const parts: Outcome[] = [];
  for (const group of files.groups) parts.push(await converted(place, group));
  try {
    rejectUnclaimed(files);
  } catch (error) {
    parts.push(rejection(error));
  }
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : { kind: 'several', parts };
}

async function converted({ all, limits, convert = runInProcess }: Place, group: FileGroup): Promise<Outcome> {
  try {
    const converter = all.find(({ manifest }) => manifest.id === group.converter.id);
    if (converter === undefined) throw new NiiError('NII_INTERNAL', 'no converter recognises this group');
    return { kind: 'scan', group, result: await convert({ converter, files: group.files, limits }) };
  } catch (error) {
    return { ...rejection(error), group };
  }
}

/** Anything but an expected failure is a crash of the service itself. */
function rejection(error: unknown): Extract<Outcome, { kind: 'rejected' }> {
  if (isNiiError(error)) return { kind: 'rejected', code: error.code, detail: explained(error) };
  return { kind: 'rejected', code: 'NII_INTERNAL', detail: String(error) };
}

/** With the exception of a reader that failed: whoever reads this is its author. */
function explained({ message, cause }: NiiError): string {
  return cause === undefined ? message : `${message}: ${stackOf(cause)}`;
}

/** One word for a tally: `scan`, or the code; of several parts each. */
export function wordsOf(outcome: Outcome): readonly string[] {
  switch (outcome.kind) {
    case 'scan':
      return ['scan'];
    case 'rejected':
      return [outcome.code];
    case 'several':
      return outcome.parts.flatMap(wordsOf);
  }
}

/** A record and its samples without regard to the order in which files came. */
export function summaryOf(outcome: Outcome): unknown {
  if (outcome.kind === 'rejected') return outcome.code;
  if (outcome.kind === 'several') return outcome.parts.map(summaryOf);
  const { scan, planes } = outcome.result;
  const sorted = <T>(items: readonly T[]) =>
    items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return {
    scan: {
      ...scan,
      originals: sorted(scan.originals),
      attachments: sorted(scan.attachments),
      warnings: sorted(scan.warnings),
    },
    planes: sorted([...planes].map(([key, plane]) => `${key} ${sha256Hex(plane)}`)),
  };
}
