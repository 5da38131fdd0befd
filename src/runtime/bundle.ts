import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

let folder: Promise<string> | undefined;

/** Folder with what runs in child processes; a run from the sources bundles them when they have changed. */
function bundleFolder(): Promise<string> {
  folder ??= import.meta.url.endsWith('.ts') ? bundleOfSources() : Promise.resolve(bundleOfBuild());
  return folder;
}

/** Path of one program of the bundle. @param name as scripts/bundle.mjs lists it */
export async function bundled(name: string): Promise<string> {
  return join(await bundleFolder(), `${name}.js`);
}

function bundleOfBuild(): string {
  return fileURLToPath(new URL('../../bundle', import.meta.url));
}

async function bundleOfSources(): Promise<string> {
  const script = new URL('../../scripts/bundle.mjs', import.meta.url).href;
  const { cachedBundle }: { cachedBundle: () => Promise<string> } = await import(/* @vite-ignore */ script);
  return cachedBundle();
}
