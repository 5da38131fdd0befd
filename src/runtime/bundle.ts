import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fromSources, installedPath } from './installed.ts';

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
