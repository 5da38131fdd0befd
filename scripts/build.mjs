/**
 * `npm run build`: writes to dist/ what an installation runs, and nothing else: the bundle of the program and its child
 * processes, the page, the converters, the types of the SDK. The compiler checks all sources. `--if-stale` does nothing
 * when dist/ was built from exactly these sources.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { buildBundle } from './bundle.mjs';
import { fail, root, say } from './launch.mjs';
import { buildPage } from './page.mjs';

const dist = path.join(root, 'dist');
const stamp = path.join(dist, '.built-from');
const bundle = path.join(dist, 'bundle');
const page = path.join(dist, 'page');
const settings = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'tsconfig.sdk.json',
  'scripts/build.mjs',
  'scripts/bundle.mjs',
  'scripts/page.mjs',
];
const notForRunTime = /\.(md|py|pyc)$/;

/** Every file below a folder, as a path from the root of the repository. */
function filesBelow(folder, depth = Number.POSITIVE_INFINITY) {
  if (!existsSync(path.join(root, folder))) return [];
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return depth > 1 ? filesBelow(name, depth - 1) : [];
    return entry.isFile() ? [name] : [];
  });
}

/** The same order on every machine. */
function byName(a, b) {
  return a < b ? -1 : 1;
}

/** What the built service consists of, without the page, which runs in browsers; the conformance kit is made of the converters' fixtures too. */
function sources() {
  const all = [...filesBelow('src'), ...filesBelow('converters', 4)];
  return all
    .filter(
      (name) => !notForRunTime.test(name) && !name.startsWith('src/page/') && !name.endsWith('.test.ts'),
    )
    .sort(byName);
}

/** What the page is bundled from; its types alone come from schemas/. */
const pageSources = () => filesBelow('src/page').sort(byName);

function fingerprint(files) {
  const hash = createHash('sha256');
  for (const name of files)
    hash
      .update(`${name}\0`)
      .update(readFileSync(path.join(root, name)))
      .update('\0');
  return hash.digest('hex');
}

/** The service, and the types of the SDK for readers of others. */
function compile() {
  const tsc = path.join(root, 'node_modules/typescript-native/bin/tsc');
  if (!existsSync(tsc)) fail('the dependencies are not installed: run npm ci');
  rmSync(path.join(dist, 'sdk'), { recursive: true, force: true });
  for (const project of ['tsconfig.build.json', 'tsconfig.sdk.json']) {
    const done = spawnSync(process.execPath, [tsc, '-p', project], { cwd: root, stdio: ['ignore', 2, 2] });
    if (done.status !== 0) fail('the build failed: tsc found the errors above');
  }
}

/** What converters come with; data of the program itself is in its bundle. */
function copyData(files) {
  for (const name of files.filter((file) => file.startsWith('converters/') && !file.endsWith('.ts'))) {
    mkdirSync(path.dirname(path.join(dist, name)), { recursive: true });
    copyFileSync(path.join(root, name), path.join(dist, name));
  }
}

/** Sources whose own output is kept: those of the service run from its bundle. */
const runAsTheyAre = /^(converters\/|src\/sdk\/|src\/main\.ts$)/;

/** What dist/src and dist/converters hold once these files are built. */
function outputs(files) {
  return files
    .filter((name) => runAsTheyAre.test(name) && !name.endsWith('.d.ts'))
    .map((name) => `dist/${name.replace(/\.ts$/, '.js')}`);
}

/** Drops what the compiler wrote beside it, and outputs whose source is gone: they would still be found at run time. */
function dropOrphans(made) {
  for (const output of [...filesBelow('dist/src'), ...filesBelow('dist/converters')]) {
    if (!made.includes(output)) rmSync(path.join(root, output));
  }
  for (const folder of ['src', 'converters']) dropEmptyFolders(path.join(dist, folder));
}

/** An empty folder of dist/converters would be taken for a converter that is broken. */
function dropEmptyFolders(folder) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) dropEmptyFolders(path.join(folder, entry.name));
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

/**
 * The program is the bundled one, which loads in a third of the time; its address stays. Its arguments of Node are those
 * of src/runtime/children/command-line.ts.
 */
function writeLauncher(main) {
  const node = 'node --no-concurrent-marking --no-incremental-marking';
  writeFileSync(main, `#!/usr/bin/env -S ${node}\nimport '../bundle/nii.js';\n`);
  chmodSync(main, 0o755);
}

async function build(files) {
  const started = Date.now();
  say('nii-hub: building');
  compile();
  copyData(files);
  dropOrphans(outputs(files));
  await buildBundle(bundle);
  await buildPage(page);
  if (existsSync(path.join(bundle, 'nii.js'))) writeLauncher(path.join(dist, 'src/main.js'));
  say(`nii-hub: built in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

const files = sources();
const ofPage = pageSources();
const now = fingerprint([...files, ...ofPage, ...settings]);
const whole =
  existsSync(bundle) &&
  existsSync(path.join(dist, 'sdk/src/sdk/sdk.d.ts')) &&
  (ofPage.length === 0 || existsSync(path.join(page, 'index.html'))) &&
  outputs(files).every((name) => existsSync(path.join(root, name)));
const fresh = whole && existsSync(stamp) && readFileSync(stamp, 'utf8') === now;
if (!(fresh && process.argv.includes('--if-stale'))) {
  rmSync(stamp, { force: true });
  // the compiler's own memory does not see that an output was deleted
  if (!whole) rmSync(path.join(dist, '.tsbuildinfo'), { force: true });
  await build(files);
  writeFileSync(stamp, now);
}
