/** The page of the workstation: bundled from src/page to dist/page, each file also compressed. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { root } from './launch.mjs';

const source = path.join(root, 'src/page');
const compressible = /\.(html|js|css|svg|json)$/;

/** @param {string} out folder that is made anew */
export async function buildPage(out) {
  if (!existsSync(path.join(source, 'index.html'))) return;
  const { build } = await import('vite');
  await build({
    root: source,
    configFile: false,
    logLevel: 'warn',
    build: {
      outDir: out,
      emptyOutDir: true,
      target: 'es2022',
      // the policy of the page allows no script or style inside of it
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  });
  for (const name of readdirSync(out, { recursive: true, encoding: 'utf8' })) {
    if (!compressible.test(name)) continue;
    const bytes = readFileSync(path.join(out, name));
    writeFileSync(path.join(out, `${name}.br`), brotliCompressSync(bytes));
    writeFileSync(path.join(out, `${name}.gz`), gzipSync(bytes));
  }
}
