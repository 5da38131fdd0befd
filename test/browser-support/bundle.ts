import { build } from 'vite';
import { repositoryRoot } from '../support/markdown-table.ts';

/** One file of in-page/ as a script that a page can run, bundled as the page is. */
export async function bundleForBrowser(name: string): Promise<string> {
  const result = await build({
    root: repositoryRoot,
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: {
        entry: `${repositoryRoot}test/browser-support/in-page/${name}.ts`,
        formats: ['iife'],
        name: 'inPage',
        fileName: name,
      },
    },
  });
  const outputs = Array.isArray(result)
    ? result.flatMap(({ output }) => output)
    : 'output' in result
      ? result.output
      : [];
  const script = outputs.find(({ type }) => type === 'chunk');
  if (script?.type !== 'chunk') throw new Error(`vite made no script of ${name}`);
  return script.code;
}
