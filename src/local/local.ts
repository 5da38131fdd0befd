import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expandArchive } from '../codec/archive/archive.ts';
import { isArchive } from '../codec/archive/magic.ts';
import { runConverter } from '../convert/run.ts';
import { isNiiError, NiiError, type Problem, problemOf } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { ScanWithPlanes } from '../core/scan/scan.ts';
import { type FileGroup, HEAD_BYTES, type StagedFile } from '../recognise/files.ts';
import { sortIntoScans } from '../recognise/index-files.ts';
import type { ConverterPackage } from '../recognise/registry.ts';

/** What is needed to read files of this machine: no store, no records, no key. */
export interface LocalTools {
  readonly converters: readonly ConverterPackage[];
  readonly limits: Limits;
  /** What converts; a guarded child process a scan unless given. */
  readonly run?: typeof runConverter;
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
export interface LocalRefusal {
  readonly kind: 'refused';
  readonly files: readonly string[];
  readonly problem: Problem;
}

export type LocalOutcome = LocalScan | LocalRefusal;

/**
 * Recognises and converts files as the service does, in the guarded child process, one scan after the other. A folder
 * stands for all files in it, an archive for its members. A refusal of one scan does not stop the others.
 * @throws NII_NOT_FOUND for a path that is not there; what is wrong with a file is an outcome
 */
export async function* convertLocal(
  tools: LocalTools,
  paths: readonly string[],
): AsyncGenerator<LocalOutcome> {
  const spool = await mkdtemp(join(tmpdir(), 'nii-local-'));
  try {
    const staged = await stageAll(paths, spool, tools.limits);
    yield* staged.refused;
    const { groups, unknown, ambiguous } = await sortIntoScans(staged.files, tools.converters, tools.limits);
    for (const group of groups) yield await convertGroup(tools, group, spool);
    for (const { name } of unknown) {
      yield refusal(
        [name],
        new NiiError('NII_UNKNOWN_FORMAT', {
          detail: `${name}: its content is of no format that is installed here`,
          field: name,
        }),
      );
    }
    for (const { file, converters } of ambiguous) {
      const detail = `${file.name} is claimed by ${converters.join(' and ')}`;
      yield refusal([file.name], new NiiError('NII_AMBIGUOUS_FORMAT', { detail, field: file.name }));
    }
  } finally {
    await rm(spool, { recursive: true, force: true });
  }
}

async function convertGroup(tools: LocalTools, group: FileGroup, spool: string): Promise<LocalOutcome> {
  const names = group.files.map(({ name }) => name);
  try {
    const before = await statesOf(group);
    const result = await guarded(tools, group, spool);
    const after = await statesOf(group);
    if (JSON.stringify(before) !== JSON.stringify(after)) {
      throw new NiiError('NII_CONFLICT', 'A file changed while it was read; wait until it has been written');
    }
    const newest = Math.max(...after.map(({ mtimeMs }) => mtimeMs));
    return { kind: 'scan', group, result, changedAt: new Date(newest).toISOString() };
  } catch (error) {
    if (!isNiiError(error)) throw error;
    return refusal(names, error);
  }
}

async function guarded(
  { converters, limits, run = runConverter }: LocalTools,
  group: FileGroup,
  spool: string,
) {
  const converter = converters.find(({ manifest }) => manifest.id === group.converter.id);
  if (converter === undefined) throw new NiiError('NII_INTERNAL', 'a group of a converter that is not here');
  const bytes = group.files.reduce((total, file) => total + file.bytes, 0);
  if (bytes > limits.uploadBytes) {
    throw new NiiError('NII_LIMIT_BYTES', `One scan has at most ${limits.uploadBytes} bytes`);
  }
  const workDir = await mkdtemp(join(spool, 'convert-'));
  try {
    return await run({ converter, files: group.files, workDir, limits });
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

function refusal(files: readonly string[], error: unknown): LocalRefusal {
  return { kind: 'refused', files, problem: problemOf(error) };
}

/* ---- Files of this machine ------------------------------------------------------------------------------- */

interface Staged {
  readonly files: readonly StagedFile[];
  readonly refused: readonly LocalRefusal[];
}

async function stageAll(paths: readonly string[], spool: string, limits: Limits): Promise<Staged> {
  const files: StagedFile[] = [];
  const refused: LocalRefusal[] = [];
  for (const found of (await Promise.all(paths.map((path) => filesAt(path)))).flat()) {
    if (files.length >= FILES_CEILING) {
      throw new NiiError('NII_LIMIT_FILES', `At most ${FILES_CEILING} files in one call`);
    }
    try {
      files.push(...(await staged(found, join(spool, `members-${files.length}`), limits)));
    } catch (error) {
      if (!isNiiError(error)) throw error;
      refused.push(refusal([found.name], error));
    }
  }
  return { files, refused };
}

/** Of one call of the command; a service takes as many uploads as it likes. */
const FILES_CEILING = 100_000;

interface Found {
  readonly name: string;
  readonly path: string;
}

/** The file, or every file below the folder in order of name, named from the folder on. */
async function filesAt(path: string, name = basename(path)): Promise<readonly Found[]> {
  const state = await stat(path).catch((cause: unknown) => {
    throw new NiiError('NII_NOT_FOUND', { detail: `${path} cannot be read`, field: path, cause });
  });
  if (!state.isDirectory()) return [{ name, path }];
  const entries = (await readdir(path)).filter((entry) => !entry.startsWith('.')).sort();
  const nested = entries.map((entry) => filesAt(join(path, entry), `${name}/${entry}`));
  return (await Promise.all(nested)).flat();
}

async function staged({ name, path }: Found, folder: string, limits: Limits): Promise<readonly StagedFile[]> {
  const file = await describe(name, path);
  if (!isArchive(file.head)) return [file];
  await mkdir(folder);
  return expandArchive(file, folder, limits);
}

async function describe(name: string, path: string): Promise<StagedFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { name, path, bytes, sha256: hash.digest('hex'), head: await headOf(path) };
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
