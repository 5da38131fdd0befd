import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expandArchive } from '../codec/archive/archive.ts';
import { isArchive } from '../codec/archive/magic.ts';
import { runConverter } from '../convert/run.ts';
import { defined } from '../core/defined.ts';
import { isNiiError, NiiError, type Problem, problemOf, stackOf } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { ScanWithPlanes } from '../core/scan/scan.ts';
import type { FileGroup, StagedFile } from '../recognise/files.ts';
import { sortIntoScans } from '../recognise/index-files.ts';
import type { ConverterPackage } from '../recognise/registry.ts';
import { describeFile, type LocalFile, localFiles } from './local-files.ts';

/** What is needed to read files of this machine: no store, no records, no key. */
export interface LocalTools {
  readonly converters: readonly ConverterPackage[];
  readonly limits: Limits;
  /** What converts; a guarded child process a scan unless given. */
  readonly run?: typeof runConverter;
  /** Ends the reading and converting; what it is aborted with is thrown. */
  readonly signal?: AbortSignal;
}

/** Files of this machine that are one scan, converted. */
export interface LocalScan {
  readonly kind: 'scan';
  readonly group: FileGroup;
  readonly result: ScanWithPlanes;
  /** The newest change of its files, RFC 3339: stands for the time of receipt. */
  readonly changedAt: string;
}

/** Files that are no scan that could be read, and why. */
export interface LocalRejection {
  readonly kind: 'rejected';
  readonly files: readonly string[];
  readonly problem: Problem;
  /** What the reader threw, for its author. */
  readonly exception?: string;
}

export type LocalOutcome = LocalScan | LocalRejection;

/**
 * Recognises and converts files as the service does, in the guarded child process, one scan after the other. A folder
 * stands for all files in it, an archive for its members. A rejection of one scan does not stop the others.
 * @throws NII_NOT_FOUND for a path that is not there; what is wrong with a file is an outcome
 */
export async function* convertLocal(
  tools: LocalTools,
  paths: readonly string[],
): AsyncGenerator<LocalOutcome> {
  const staging = await mkdtemp(join(tmpdir(), 'nii-local-'));
  try {
    const staged = await stageAll(paths, staging, tools);
    yield* staged.rejected;
    const { groups, unknown, ambiguous } = await sortIntoScans(staged.files, tools.converters, tools.limits);
    for (const group of groups) {
      tools.signal?.throwIfAborted();
      yield await convertGroup(tools, group, staging);
    }
    for (const file of unknown) yield rejectUnknown(file);
    for (const { file, converters } of ambiguous) {
      const detail = `${file.name} is claimed by ${converters.join(' and ')}`;
      yield rejection([file.name], new NiiError('NII_AMBIGUOUS_FORMAT', { detail, field: file.name }));
    }
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

function rejectUnknown({ name, damage }: StagedFile): LocalRejection {
  const detail = damage ?? `${name}: no installed format matches its content`;
  const code = damage === undefined ? 'NII_UNKNOWN_FORMAT' : 'NII_MALFORMED';
  return rejection([name], new NiiError(code, { detail, field: name }));
}

async function convertGroup(tools: LocalTools, group: FileGroup, staging: string): Promise<LocalOutcome> {
  const names = group.files.map(({ name }) => name);
  try {
    const before = await statesOf(group);
    const result = await guarded(tools, group, staging);
    const after = await statesOf(group);
    if (JSON.stringify(before) !== JSON.stringify(after)) {
      throw new NiiError('NII_CONFLICT', 'A file changed while it was read; wait until it is complete');
    }
    const newest = Math.max(...after.map(({ mtimeMs }) => mtimeMs));
    return { kind: 'scan', group, result, changedAt: new Date(newest).toISOString() };
  } catch (error) {
    if (!isNiiError(error)) throw error;
    return rejection(names, error);
  }
}

async function guarded(
  { converters, limits, run = runConverter, signal }: LocalTools,
  group: FileGroup,
  staging: string,
) {
  const converter = converters.find(({ manifest }) => manifest.id === group.converter.id);
  if (converter === undefined)
    throw new NiiError('NII_INTERNAL', 'the converter of this group is not installed');
  const bytes = group.files.reduce((total, file) => total + file.bytes, 0);
  if (bytes > limits.uploadBytes) {
    throw new NiiError('NII_LIMIT_BYTES', `One scan has at most ${limits.uploadBytes} bytes`);
  }
  const workDir = await mkdtemp(join(staging, 'convert-'));
  try {
    return await run({ converter, files: group.files, workDir, limits, ...defined({ signal }) });
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

function statesOf(group: FileGroup) {
  return Promise.all(
    group.files.map(async ({ path }) => {
      const { size, mtimeMs } = await stat(path);
      return { size, mtimeMs };
    }),
  );
}

function rejection(files: readonly string[], error: unknown): LocalRejection {
  const thrown = isNiiError(error, 'NII_CONVERTER_CRASHED') ? error.cause : undefined;
  return {
    ...{ kind: 'rejected', files, problem: problemOf(error) },
    ...defined({ exception: thrown === undefined ? undefined : stackOf(thrown) }),
  };
}

/* ---- Files of this machine ------------------------------------------------------------------------------- */

interface Staged {
  readonly files: readonly StagedFile[];
  readonly rejected: readonly LocalRejection[];
}

async function stageAll(
  paths: readonly string[],
  staging: string,
  { limits, signal }: LocalTools,
): Promise<Staged> {
  const files: StagedFile[] = [];
  const found = await localFiles(paths, signal);
  const rejected = found.unreadable.map(({ name, error }) => rejection([name], error));
  for (const one of found.files) {
    try {
      files.push(...(await staged(one, join(staging, `members-${files.length}`), limits, signal)));
    } catch (error) {
      if (!isNiiError(error)) throw error;
      rejected.push(rejection([one.name], error));
    }
  }
  return { files, rejected };
}

async function staged(
  found: LocalFile,
  folder: string,
  limits: Limits,
  signal: AbortSignal | undefined,
): Promise<readonly StagedFile[]> {
  const file = await describeFile(found, limits, signal);
  if (!isArchive(file.head)) return [file];
  await mkdir(folder);
  return expandArchive(file, folder, limits);
}
