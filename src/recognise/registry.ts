import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NiiError } from '../core/errors.ts';
import { exists } from '../runtime/exists.ts';
import { builtOrSource } from '../runtime/installed.ts';
import type { Read } from '../sdk/sdk.ts';
import { type CompiledReaders, compiledReader } from './compiled-readers.ts';
import { type ConverterManifest, parseManifest } from './manifest.ts';

/** An installed converter: its manifest and where its reader is. */
export interface ConverterPackage {
  readonly manifest: ConverterManifest;
  /** Absolute. */
  readonly folder: string;
  /**
   * Path of the module that reads its files; absent for a declarative layout. Only a process that runs converters loads
   * it: its top-level code is a stranger's too.
   */
  readonly reader?: string;
}

export interface ConverterFolders {
  /** Defaults to the folder beside src (or beside dist/src once built). */
  readonly builtIn?: string;
  /** NII_CONVERTERS_DIR. */
  readonly extra?: string;
  /** NII_ENABLE_FAKE. */
  readonly enableFake: boolean;
  /** Where a process of the bundle finds readers. */
  readonly compiled?: CompiledReaders;
}

export function builtInFolder(): string {
  return builtOrSource('converters');
}

/** Loads every package, in order of id. @throws NII_CONFIG naming the package that is broken */
export async function loadConverters(folders: ConverterFolders): Promise<readonly ConverterPackage[]> {
  const roots = [folders.builtIn ?? builtInFolder(), ...(folders.extra === undefined ? [] : [folders.extra])];
  const names = (await Promise.all(roots.map(packageFolders))).flat();
  const packages = await Promise.all(names.map((name) => loadPackage(name, folders.compiled)));
  const enabled = packages.filter(({ manifest }) => manifest.enabledBy !== 'fake' || folders.enableFake);
  checkUnique(enabled);
  return enabled.toSorted((a, b) => (a.manifest.id < b.manifest.id ? -1 : 1));
}

async function packageFolders(root: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    const named = entries.filter(({ name }) => !name.startsWith('.') && name !== 'node_modules');
    return named
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(({ name }) => join(root, name));
  } catch (cause) {
    throw new NiiError('NII_CONFIG', {
      detail: `${root} cannot be read as a folder of converters: correct NII_CONVERTERS_DIR`,
      cause,
    });
  }
}

/** The converter of this id, or the one that took its place. */
export function findConverter(
  converters: readonly ConverterPackage[],
  id: string,
): ConverterPackage | undefined {
  return (
    converters.find(({ manifest }) => manifest.id === id) ??
    converters.find(({ manifest }) => manifest.replaces?.includes(id) === true)
  );
}

/** Ids under which scans of a converter may be stored, its own first. */
export function storedIds(converters: readonly ConverterPackage[], id: string): readonly string[] {
  return [id, ...(findConverter(converters, id)?.manifest.replaces ?? [])];
}

/** Loads one package folder, without any of its code. @throws NII_CONFIG */
export async function loadPackage(folder: string, compiled?: CompiledReaders): Promise<ConverterPackage> {
  const where = `converter ${folder.split(/[\\/]/).at(-1)}`;
  const manifest = parseManifest(await readManifest(folder, where), where);
  if (manifest.reader === undefined) return { manifest, folder };
  const path = compiledReader(folder, compiled) ?? (await readerIn(folder, manifest.reader));
  if (!(await exists(path))) throw new NiiError('NII_CONFIG', `${where}: ${manifest.reader} does not exist`);
  return { manifest, folder, reader: path };
}

/**
 * Runs the code of the package in this process and gives its reader; undefined for a declarative layout.
 * @throws NII_CONFIG for a module that cannot be loaded or is no reader
 */
export async function loadReader({ folder, manifest, reader }: ConverterPackage): Promise<Read | undefined> {
  if (reader === undefined) return undefined;
  return importReader(reader, manifest.reader ?? reader, `converter ${folder.split(/[\\/]/).at(-1)}`);
}

async function readManifest(folder: string, where: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(folder, 'converter.json'), 'utf8'));
  } catch (cause) {
    throw new NiiError('NII_CONFIG', { detail: `${where}: converter.json is missing or not JSON`, cause });
  }
}

/** In the sources reader.ts stands for the reader.js that it becomes. */
async function readerIn(folder: string, name: string): Promise<string> {
  const compiled = join(folder, name);
  return (await exists(compiled)) ? compiled : compiled.replace(/\.js$/, '.ts');
}

async function importReader(path: string, name: string, where: string): Promise<Read> {
  try {
    const module: unknown = await import(/* @vite-ignore */ pathToFileURL(path).href);
    if (isReader(module)) return module.read;
  } catch (cause) {
    throw new NiiError('NII_CONFIG', {
      detail: `${where}: ${name} cannot be loaded (${String(cause)})`,
      cause,
    });
  }
  throw new NiiError('NII_CONFIG', `${where}: ${name} does not export a function "read"`);
}

function isReader(module: unknown): module is { readonly read: Read } {
  return (
    typeof module === 'object' && module !== null && 'read' in module && typeof module.read === 'function'
  );
}

function checkUnique(packages: readonly ConverterPackage[]): void {
  const ids = packages.map(({ manifest }) => manifest.id);
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined) throw new NiiError('NII_CONFIG', `two converters have the id ${twice}`);
}
