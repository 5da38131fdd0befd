import { randomUUID } from 'node:crypto';
import { copyFile, lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isNiiError, NiiError } from '../../core/errors.ts';
import type { ModelRunner } from '../../core/ports/inference.ts';
import { type GoldenOptions, recordGolden, testGolden } from '../../infer/installed/golden.ts';
import { ADDED, GOLDEN, loadPackage, type ModelPackage } from '../../infer/packages.ts';

/** What a command needs to run a package that lies in some folder. */
export interface ModelTools extends GoldenOptions {
  /** Loads the model, compares its tensors with the package and runs it once. */
  readonly open: (pkg: ModelPackage) => Promise<ModelRunner>;
  /** The folders that the service reads; packages are added to the last one. */
  readonly folders: readonly string[];
}

/** Scans of the simulator that are recorded. */
const SEEDS = [11, 12];
const MANIFEST = 'model.json';

export interface RecordedGolden {
  readonly model: string;
  readonly file: string;
  /** A pattern, and scans of the simulator. */
  readonly runs: number;
}

/**
 * Writes golden.json into a package: what the model gives now, which it must repeat before it may score.
 * @throws NII_MODEL_INVALID, NII_MODEL_UNKNOWN, NII_MODEL_FAILED
 */
export async function recordPackage(folder: string, tools: ModelTools): Promise<RecordedGolden> {
  const pkg = await packageIn(folder);
  const golden = await opened(pkg, tools, (runner) => recordGolden(runner, pkg, SEEDS, tools));
  const file = join(folder, GOLDEN);
  await writeFile(`${file}.partial`, `${JSON.stringify(golden)}\n`);
  await rename(`${file}.partial`, file);
  return { model: nameOf(pkg), file, runs: golden.runs.length };
}

export interface AddedPackage {
  readonly id: string;
  readonly version: string;
  readonly sha256: string;
  readonly folder: string;
}

/**
 * Tests a package and copies it to where the service finds it. It scores nothing before two persons have activated it.
 * @throws NII_MODEL_GOLDEN, NII_MODEL_INVALID, NII_MODEL_UNKNOWN, NII_MODEL_FAILED; NII_CONFLICT where the version is
 *   installed already
 */
export async function addPackage(folder: string, tools: ModelTools, at: Date): Promise<AddedPackage> {
  const pkg = await packageIn(folder);
  const { id, version, sha256 } = pkg.manifest;
  for (const root of tools.folders)
    if (await isThere(join(root, id, version)))
      throw new NiiError(
        'NII_CONFLICT',
        `Model "${id}" already has a version "${version}": use another version`,
      );
  await opened(pkg, tools, (runner) => testGolden(runner, pkg, tools));
  const root = tools.folders.at(-1) ?? '.';
  const target = join(root, id, version);
  const partial = join(root, `.adding-${randomUUID()}`);
  try {
    await mkdir(partial, { recursive: true });
    for (const name of [MANIFEST, basename(pkg.path), 'README.md', GOLDEN])
      await copyPlain(folder, partial, name);
    await writeFile(join(partial, ADDED), `${JSON.stringify({ at: at.toISOString() })}\n`);
    await mkdir(dirname(target), { recursive: true });
    await rename(partial, target);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return { id, version, sha256, folder: target };
}

/** @throws NII_MODEL_INVALID */
async function packageIn(folder: string): Promise<ModelPackage> {
  const path = resolve(folder);
  for (const name of await readdir(path).catch(() => [])) await rejectLink(path, name);
  const { id, version } = await namesIn(path);
  return loadPackage({ path, id, version });
}

/** What model.json calls itself; whether it is whole is checked afterwards. */
async function namesIn(path: string): Promise<{ readonly id: string; readonly version: string }> {
  try {
    const { id, version } = JSON.parse(await readFile(join(path, MANIFEST), 'utf8'));
    return { id: String(id), version: String(version) };
  } catch (cause) {
    const detail = `${path}: ${MANIFEST} is absent or not JSON`;
    throw new NiiError('NII_MODEL_INVALID', { detail, cause });
  }
}

/** A link could lead out of the package. */
async function rejectLink(path: string, name: string): Promise<void> {
  if ((await lstat(join(path, name))).isSymbolicLink())
    throw new NiiError('NII_MODEL_INVALID', `"${name}" is a link: copy the file into the package`);
}

async function copyPlain(from: string, to: string, name: string): Promise<void> {
  if (await isThere(join(from, name))) await copyFile(join(from, name), join(to, name));
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function opened<T>(
  pkg: ModelPackage,
  { open }: Pick<ModelTools, 'open'>,
  work: (runner: ModelRunner) => Promise<T>,
): Promise<T> {
  const runner = await open(pkg);
  try {
    return await work(runner);
  } catch (error) {
    if (isNiiError(error)) throw error;
    throw new NiiError('NII_MODEL_FAILED', { detail: `${nameOf(pkg)} failed`, cause: error });
  } finally {
    await runner.close();
  }
}

function nameOf({ manifest: { id, version } }: ModelPackage): string {
  return `${id}@${version}`;
}
