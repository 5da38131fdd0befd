import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConverterChildren } from '../convert/convert-in-child.ts';
import { convertToFiles } from '../convert/run.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { ObjectReads } from '../core/ports/objects.ts';
import type { Log } from '../core/ports/process.ts';
import type { ScanWithSources } from '../core/scan/plane-source.ts';
import type { RevisionRow } from '../core/scan/stored-scan.ts';
import { type ConverterPackage, findConverter } from '../recognise/registry.ts';
import { writePieces } from '../runtime/write-pieces.ts';
import { makeStagingFolder } from '../stored/staging.ts';
import { type CompleteRecordDeps, completeRecord } from './complete-record.ts';

/** The converter that is installed now for a revision. @throws NII_UNKNOWN_FORMAT */
export function converterOf(
  { converters }: { readonly converters: readonly ConverterPackage[] },
  { converter }: RevisionRow,
): ConverterPackage {
  const found = findConverter(converters, converter.id);
  if (found === undefined)
    throw new NiiError('NII_UNKNOWN_FORMAT', `The converter ${converter.id} is not installed here`);
  return found;
}

/** Key ids of all who sent the originals of a revision. */
export function sendersOf({ originals, uploader }: RevisionRow): string {
  return [...new Set(originals.map(({ sentBy }) => sentBy ?? uploader))]
    .toSorted((a, b) => (a < b ? -1 : 1))
    .join(' ');
}

export interface ConvertOriginalsDeps extends CompleteRecordDeps {
  readonly objects: ObjectReads;
  readonly converterChildren: ConverterChildren;
  readonly limits: Limits;
  readonly stagingDir: string;
  readonly log: Log;
}

/**
 * Fetches the originals of a revision, converts them in the guarded child process and gives record and samples to
 * `use`, which has them until it ends.
 * @param sender - in a process that may have converted files of the same senders; one of its own unless given
 * @throws NII_CORRUPT for an original that was damaged in the store, and every code
 * that a converter rejects with
 */
export async function convertOriginals<T>(
  deps: ConvertOriginalsDeps,
  row: RevisionRow,
  converter: ConverterPackage,
  use: (result: ScanWithSources) => Promise<T>,
  sender?: string,
): Promise<T> {
  const workDir = await makeStagingFolder(deps.stagingDir, 'convert');
  try {
    const files = await fetchOriginals(deps, row, await subfolder(workDir, 'originals'));
    const out = await subfolder(workDir, 'converted');
    const { limits, log, converterChildren: children } = deps;
    const conversion = { converter, files, workDir: out, limits, log, children };
    const result = await convertToFiles({ ...conversion, ...defined({ sender }) });
    try {
      return await use({ scan: await completeRecord(deps, result.scan, row), planes: result.planes });
    } finally {
      result.close();
    }
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

async function subfolder(parent: string, name: string): Promise<string> {
  const path = join(parent, name);
  await mkdir(path);
  return path;
}

async function fetchOriginals(
  { objects }: { readonly objects: ObjectReads },
  row: RevisionRow,
  folder: string,
) {
  return Promise.all(
    row.originals.map(async ({ name, role, bytes, sha256, complete, key }, i) => {
      const path = join(folder, String(i));
      const hash = createHash('sha256');
      await writePieces(path, await objects.stream(key), (piece) => hash.update(piece));
      // a damaged original must not become samples that nobody measured
      if (hash.digest('hex') !== sha256) throw new NiiError('NII_CORRUPT', `the original ${key}`);
      return { name, role, bytes, sha256, complete, path };
    }),
  );
}
