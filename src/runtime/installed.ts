import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Modules lie at most so deep below the folder of package.json, in the sources, in dist and in its bundle. */
const DEEPEST = 6;

const here = fileURLToPath(import.meta.url);

/** Whether this program runs from its sources, and not from what the build made of them. */
export const fromSources = here.endsWith('.ts');

let root: string | undefined;

function folderOfPackage(start: string): string {
  let folder = start;
  for (let up = 0; up < DEEPEST && !isPackage(folder); up += 1) folder = dirname(folder);
  return folder;
}

/** The bundle has a package.json of its own, for Node, but no schemas. */
function isPackage(folder: string): boolean {
  return existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'schemas'));
}

/** Path of what is installed with this program. @param name from the folder of package.json */
export function installedPath(name: string): string {
  // looked for when it is asked for: a contained process may not look around where its modules lie
  root ??= folderOfPackage(dirname(here));
  return join(root, name);
}

/** Path of what the build copies beside the code. @param name as the sources have it */
export function builtOrSource(name: string): string {
  return fromSources ? installedPath(name) : installedPath(`dist/${name}`);
}

let folder: Promise<string> | undefined;

/** Folder with what runs in child processes; a run from the sources bundles them when they have changed. */
function bundleFolder(): Promise<string> {
  folder ??= fromSources ? bundleOfSources() : Promise.resolve(installedPath('dist/bundle'));
  return folder;
}

/** Path of one program of the bundle. @param name as scripts/bundle.mjs lists it */
export async function bundled(name: string): Promise<string> {
  return join(await bundleFolder(), `${name}.js`);
}

async function bundleOfSources(): Promise<string> {
  const script = pathToFileURL(installedPath('scripts/bundle.mjs')).href;
  const { cachedBundle }: { cachedBundle: () => Promise<string> } = await import(/* @vite-ignore */ script);
  return cachedBundle();
}
