import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { sha256OfFile } from '../codec/sha256.ts';
import { NiiError } from '../core/errors.ts';
import { compareVersions } from '../core/rules/model-choice.ts';
import { withOutput } from './fingerprint.ts';
import { invalidModel, type ModelJson, type ModelManifest, parseManifest } from './manifest.ts';
import { type InspectedModel, inspectModel } from './onnx/inspect.ts';

/** A model package on disk, its hash checked. */
export interface ModelPackage {
  readonly manifest: ModelManifest;
  /** The ONNX file. */
  readonly path: string;
  /** It was added with `nii models add`: it scores nothing before it is activated. */
  readonly waits: boolean;
  /** It holds recorded runs. */
  readonly isRecorded: boolean;
}

/** Of a package. */
export const MANIFEST = 'model.json';
/** Beside model.json: runs of the model with what they gave, which must be repeated before the model may score. */
export const GOLDEN = 'golden.json';
/** In a package that was added while the service may run. */
export const ADDED = 'added.json';
const MANIFEST_LIMIT_BYTES = 8 * 1024 * 1024;
const PACKAGES_LIMIT = 256;

/**
 * Reads every `<dir>/<id>/<version>/model.json`, and those of a second folder, in order of id and rising version.
 * A folder with neither a manifest nor an ONNX file (training recipes, notes) is no package and is passed over.
 * @throws NII_MODEL_INVALID for the first package that contradicts itself
 */
export async function loadModelPackages(dir: string, extraDir?: string): Promise<readonly ModelPackage[]> {
  const folders = [
    ...(await packageFolders(dir)),
    ...(extraDir === undefined ? [] : await packageFolders(extraDir)),
  ];
  if (folders.length > PACKAGES_LIMIT) throw invalidModel('models', `more than ${PACKAGES_LIMIT} packages`);
  const packages: ModelPackage[] = [];
  for (const folder of folders) packages.push(await loadPackage(folder));
  rejectTwins(packages);
  return packages.sort((a, b) => comparePackages(a.manifest, b.manifest));
}

/**
 * Reads one package by its folder, `<id>/<version>` at its end.
 * @throws NII_NOT_FOUND where the folder has no model.json, NII_MODEL_INVALID where it contradicts itself
 */
export async function loadModelFolder(folder: string): Promise<ModelPackage> {
  const path = resolve(folder);
  const names: readonly string[] = await readdir(path).catch(() => []);
  if (!names.includes(MANIFEST)) {
    const detail = `The folder ${folder} contains no ${MANIFEST}: name the folder of a package, such as models/cargo-anomaly/2`;
    throw new NiiError('NII_NOT_FOUND', { detail, field: 'model' });
  }
  return loadPackage({ path, id: basename(dirname(path)), version: basename(path) });
}

interface PackageFolder {
  readonly path: string;
  readonly id: string;
  readonly version: string;
}

async function packageFolders(dir: string): Promise<readonly PackageFolder[]> {
  const found: PackageFolder[] = [];
  for (const id of await subfolders(dir)) {
    for (const version of await subfolders(join(dir, id))) {
      const path = join(dir, id, version);
      if (await looksLikePackage(path, `${id}/${version}`)) found.push({ path, id, version });
    }
  }
  return found;
}

async function subfolders(dir: string): Promise<readonly string[]> {
  const names = await readdir(dir).catch((cause: unknown) => {
    throw invalidModel('models', 'the folder of models cannot be read', cause);
  });
  const kinds = await Promise.all(
    names.map(async (name) => ({ name, folder: (await stat(join(dir, name))).isDirectory() })),
  );
  return kinds.flatMap(({ name, folder }) => (folder && !name.startsWith('.') ? [name] : [])).sort();
}

async function looksLikePackage(path: string, where: string): Promise<boolean> {
  const names = await readdir(path);
  if (names.includes(MANIFEST)) return true;
  if (names.some((name) => name.endsWith('.onnx'))) {
    throw invalidModel(where, `holds an ONNX file without ${MANIFEST}`);
  }
  return false;
}

/** @throws NII_MODEL_INVALID */
export async function loadPackage(folder: PackageFolder): Promise<ModelPackage> {
  const where = `${folder.id}/${folder.version}`;
  const { json, file, path } = await readPackage(folder.path, where);
  if (json.id !== folder.id)
    throw invalidModel(where, `id is '${json.id}', but the folder has '${folder.id}'`);
  if (json.version !== folder.version) {
    throw invalidModel(where, `version is '${json.version}', but the folder has '${folder.version}'`);
  }
  const names = await readdir(folder.path);
  const manifest = withOutput(json, file);
  return { manifest, path, waits: names.includes(ADDED), isRecorded: names.includes(GOLDEN) };
}

/** A package as it lies in a folder of any name. */
interface ReadPackage {
  readonly json: ModelJson;
  readonly file: InspectedModel;
  /** The ONNX file. */
  readonly path: string;
}

/**
 * Reads model.json and the head of the model, and checks that they agree. @param where - names the package in messages
 * @throws NII_MODEL_INVALID, NII_MODEL_EXTERNAL_DATA, NII_MODEL_OPERATOR, NII_MODEL_OPSET
 */
export async function readPackage(folder: string, where: string): Promise<ReadPackage> {
  const json = parseManifest(await readManifest(join(folder, MANIFEST), where), where);
  await checkModelFile(folder, json, where);
  const path = join(folder, json.file);
  return { json, path, file: await inspectModel(path) };
}

async function readManifest(path: string, where: string): Promise<unknown> {
  if ((await stat(path)).size > MANIFEST_LIMIT_BYTES) throw invalidModel(where, `${MANIFEST} is over 8 MiB`);
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalidModel(where, `${MANIFEST} is not JSON`, cause);
  }
}

async function checkModelFile(folder: string, manifest: ModelJson, where: string): Promise<void> {
  const names = await readdir(folder);
  if (!names.includes(manifest.file)) throw invalidModel(where, `the file '${manifest.file}' is absent`);
  // Exporters name external weights after the model; the hash of the model would not cover them.
  if (names.includes(`${manifest.file}.data`)) {
    throw new NiiError('NII_MODEL_EXTERNAL_DATA', `${where}: '${manifest.file}.data' is beside the model`);
  }
  const sha256 = await sha256OfFile(join(folder, manifest.file));
  if (sha256 !== manifest.sha256) {
    throw invalidModel(
      where,
      `'${manifest.file}' has SHA-256 ${sha256}, but model.json says ${manifest.sha256}`,
    );
  }
}

function rejectTwins(packages: readonly ModelPackage[]): void {
  const seen = new Set<string>();
  for (const { manifest } of packages) {
    const name = `${manifest.id}/${manifest.version}`;
    if (seen.has(name)) throw invalidModel(name, 'is installed twice');
    seen.add(name);
  }
}

type Named = Pick<ModelManifest, 'id' | 'version'>;

/** By id, then by rising version, number by number: 2 before 10. */
export function comparePackages(a: Named, b: Named): number {
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  return compareVersions(a.version, b.version);
}
