import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * A module beside the caller's as the entry of a thread: `.js` when built, `.ts` through tsx otherwise. Node 20 does
 * not apply `--import tsx` to threads, so there a first module registers tsx and then imports the entry.
 */
export function workerEntry(from: string, name: string): { readonly url: URL; readonly execArgv: string[] } {
  const extension = extname(fileURLToPath(from));
  const url = new URL(`./${name}${extension}`, from);
  return { url: extension === '.ts' ? throughTsx(url, from) : url, execArgv: [] };
}

function throughTsx(entry: URL, from: string): URL {
  // What require finds is the CommonJS twin, which cannot register tsx in a thread
  const tsx = pathToFileURL(
    createRequire(from)
      .resolve('tsx/esm/api')
      .replace(/\.cjs$/, '.mjs'),
  ).href;
  const first = `import { register } from ${JSON.stringify(tsx)}; register(); await import(${JSON.stringify(entry.href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(first)}`);
}
