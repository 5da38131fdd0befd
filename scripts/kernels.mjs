/**
 * `npm run kernels`: compiles the loops over samples in kernels/ (AssemblyScript) to WebAssembly, and writes them into
 * modules of src/, where they are kept with the sources. A test compares both.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Source, and the module that holds what it compiles to. */
export const kernels = [
  { source: 'kernels/jpeg-lossless.ts', module: 'src/codec/pixels/jpeg-lossless/kernel.ts' },
];
const options = ['--runtime', 'stub', '-O3', '--noAssert', '--importMemory', '--noExportMemory'];
const LINE = 96;

/** The module of a kernel, as it is to be in src/. */
export async function compiledModule({ source }) {
  let binary;
  const { error, stderr } = await asc.main([path.basename(source), '--outFile', 'out.wasm', ...options], {
    readFile: (name) =>
      name === path.basename(source) ? readFileSync(path.join(root, source), 'utf8') : null,
    writeFile: (name, contents) => {
      if (name === 'out.wasm') binary = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || binary === undefined) throw new Error(`${source}: ${error?.message}\n${stderr}`);
  const text = Buffer.from(binary).toString('base64');
  const lines = text.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return [
    `/** WebAssembly of ${source}, written by \`npm run kernels\`. */`,
    'export const kernel =',
    `${lines.map((line) => `  '${line}'`).join(' +\n')};`,
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const kernel of kernels) {
    writeFileSync(path.join(root, kernel.module), await compiledModule(kernel));
    console.log(`${kernel.module}: written`);
  }
}
