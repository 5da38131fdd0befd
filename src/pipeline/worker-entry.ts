import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A module beside the caller's as the entry of a thread or process: `.js` when built, `.ts` through tsx otherwise. */
export function workerEntry(from: string, name: string): { readonly url: URL; readonly execArgv: string[] } {
  const extension = extname(fileURLToPath(from));
  const url = new URL(`./${name}${extension}`, from);
  return { url, execArgv: extension === '.ts' ? ['--import', 'tsx'] : [] };
}
