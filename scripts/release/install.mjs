#!/usr/bin/env node
/**
 * Installs nii-hub from a signed archive, on a machine without internet. Uses nothing but Node and tar(1).
 *
 *   node install.mjs verify ARCHIVE --key PUBLIC.pem
 *   node install.mjs install ARCHIVE --to FOLDER --key PUBLIC.pem      # also upgrades; later without --key
 *                                                                      # --older: also to an older version
 *   node install.mjs rollback --to FOLDER
 *   node install.mjs check --to FOLDER                                 # compares all files with their signed hashes
 *   node install.mjs list --to FOLDER
 *
 * FOLDER/versions holds the versions side by side; FOLDER/current is a link to the one in use, FOLDER/previous to the
 * earlier one. An archive is used only after its signature and hashes have been checked. An installed version is never
 * changed. Exit codes: 0 done, 1 failed, 2 wrong use, 3 rejected.
 */
import { spawnSync } from 'node:child_process';
import { createHash, createPublicKey, verify } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

class Rejected extends Error {}
class WrongUse extends Error {}

const signed = ['bundle.json', 'FILES.sha256', 'sbom.cdx.json', 'install.mjs', 'payload.tar.gz'];
const members = ['SHA256SUMS', 'SHA256SUMS.sig', ...signed];
const titleForm = /^nii-hub-\d{1,5}\.\d{1,5}\.\d{1,5}(-[0-9A-Za-z.-]{1,40})?$/;
const lineForm = /^([0-9a-f]{64}) {2}(.+)$/;
/** Of the files that are read whole; the payload is not. */
const SMALL_FILE_CEILING = 16 << 20;
const BLOCK = 1 << 20;
const TAR_LIST_CEILING = 64 << 10;

function run(program, args, options = {}) {
  const done = spawnSync(program, args, {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    ...options,
  });
  if (done.error) throw new Error(`${program} could not be started: ${done.error.message}`);
  return done;
}

function sha256OfFile(file) {
  const hash = createHash('sha256');
  const opened = openSync(file, 'r');
  const block = Buffer.alloc(BLOCK);
  try {
    for (let read = readSync(opened, block); read > 0; read = readSync(opened, block))
      hash.update(block.subarray(0, read));
  } finally {
    closeSync(opened);
  }
  return hash.digest('hex');
}

function readSmall(file) {
  const { size } = lstatSync(file);
  if (size > SMALL_FILE_CEILING)
    throw new Rejected(`${path.basename(file)} has ${size} bytes, at most ${SMALL_FILE_CEILING} are allowed`);
  return readFileSync(file);
}

/** Lines of sha256sum(1). */
function readSums(text, what) {
  const lines = text.split('\n').filter((line) => line !== '');
  return new Map(
    lines.map((line) => {
      const match = lineForm.exec(line);
      if (match === null)
        throw new Rejected(`${what} has a line that is not "HASH  NAME": ${JSON.stringify(line)}`);
      return [match[2], match[1]];
    }),
  );
}

function readKey(file) {
  let key;
  try {
    key = createPublicKey(readFileSync(file));
  } catch (error) {
    throw new WrongUse(`Invalid key "${file}" (${error.message}): use an Ed25519 public key in PEM form`);
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw new WrongUse(
      `Invalid key "${file}" (${key.asymmetricKeyType}): use an Ed25519 public key in PEM form`,
    );
  return key;
}

/* ---- Checking ---------------------------------------------------------------------------------------------- */

/** The one folder of the archive, by its list of names; anything but the known files is rejected. */
function titleOf(archive) {
  const listed = run('tar', ['--list', '--file', archive], { maxBuffer: TAR_LIST_CEILING });
  if (listed.status !== 0)
    throw new Rejected(`${archive} is not a complete TAR archive: ${listed.stderr.trim()}`);
  const names = listed.stdout.split('\n').filter((name) => name !== '');
  const title = names[0]?.replace(/\/$/, '') ?? '';
  const wanted = [`${title}/`, ...members.map((member) => `${title}/${member}`)];
  if (names.length !== wanted.length || wanted.some((name) => !names.includes(name)))
    throw new Rejected(
      `${archive} does not have the files of an nii-hub archive: ${members.join(', ')} in one folder`,
    );
  if (!titleForm.test(title))
    throw new Rejected(`Invalid folder "${title}" in the archive: only nii-hub-VERSION-PLATFORM is allowed`);
  return title;
}

/** Takes the outer files out, into a folder that only this user reads. Links are rejected: they would lead elsewhere. */
function openArchive(archive, folder) {
  const title = titleOf(archive);
  const options = ['--no-same-owner', '--no-same-permissions', '--strip-components=1'];
  const names = members.map((member) => `${title}/${member}`);
  const done = run('tar', [
    '--extract',
    '--file',
    archive,
    '--directory',
    folder,
    ...options,
    '--',
    ...names,
  ]);
  if (done.status !== 0) throw new Rejected(`${archive} cannot be unpacked: ${done.stderr.trim()}`);
  for (const member of members) {
    const state = lstatSync(path.join(folder, member));
    if (!state.isFile() || state.nlink !== 1)
      throw new Rejected(`${member} in the archive is not a regular file`);
  }
  return title;
}

/** First the signature, with a key that does not come from the archive; then every hash. */
function checkOpened(folder, title, keyFile) {
  const at = (member) => path.join(folder, member);
  const sums = readSmall(at('SHA256SUMS'));
  if (!verify(null, sums, readKey(keyFile), readSmall(at('SHA256SUMS.sig'))))
    throw new Rejected(
      `The signature of the archive does not match the key "${keyFile}": the archive was changed, or somebody else made it`,
    );
  const wanted = readSums(sums.toString(), 'SHA256SUMS');
  for (const member of signed)
    if (wanted.get(member) !== sha256OfFile(at(member)))
      throw new Rejected(`${member} in the archive was changed: its SHA-256 is not the one that was signed`);
  const description = JSON.parse(readSmall(at('bundle.json')).toString());
  if (title !== `${description.name}-${description.version}-${description.platform}`)
    throw new Rejected(
      `The archive is named "${title}", but its signed content is ${description.version} for ${description.platform}`,
    );
  return description;
}

/** Opens the archive beside where it will be, gives it to `use`, and removes what is left. */
function withArchive(archive, keyFile, place, use) {
  mkdirSync(place, { recursive: true, mode: 0o755 });
  const folder = mkdtempSync(path.join(place, '.incoming-'));
  try {
    return use(folder, checkOpened(folder, openArchive(archive, folder), keyFile));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rejectOtherMachine({ platform, node }) {
  const here = `${process.platform}-${process.arch}`;
  if (platform !== here) throw new Rejected(`The archive is for ${platform}, but this machine is ${here}`);
  const oldest = node.replace('>=', '').split('.').map(Number);
  const found = process.versions.node.split('.').map(Number);
  const place = oldest.findIndex((part, i) => part !== found[i]);
  if (place !== -1 && oldest[place] > found[place])
    throw new Rejected(`The archive needs Node ${node}, but this is Node ${process.versions.node}`);
}

/* ---- Versions side by side ---------------------------------------------------------------------------------- */

function syncFolder(folder) {
  const opened = openSync(folder, 'r');
  fsyncSync(opened);
  closeSync(opened);
}

/** Who looks sees the link of before or the new one, and never none. */
function setLink(to, name, target) {
  const made = path.join(to, `.${name}-${process.pid}`);
  rmSync(made, { force: true });
  symlinkSync(target, made);
  renameSync(made, path.join(to, name));
  syncFolder(to);
}

function linked(to, name) {
  const link = path.join(to, name);
  if (!lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) return undefined;
  const version = path.basename(readlinkSync(link));
  return existsSync(path.join(to, 'versions', version)) ? version : undefined;
}

function versionsIn(to) {
  const folder = path.join(to, 'versions');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort();
}

/**
 * As semantic versioning orders them (2.0.0, clause 11): numbers by value, and a version before its release is older than
 * the release.
 */
function isOlder(version, than) {
  const parts = (text) => {
    const [release = '', before] = text.split(/-(.*)/s);
    // a release comes after all that are before it
    return [...release.split('.'), ...(before === undefined ? ['~'] : before.split('.'))];
  };
  const [mine, theirs] = [parts(version), parts(than)];
  const at = mine.findIndex((part, i) => part !== theirs[i]);
  if (at === -1) return mine.length < theirs.length;
  const [a, b] = [mine[at], theirs[at]];
  if (b === undefined) return false;
  const areNumbers = [a, b].map((part) => /^[0-9]+$/.test(part));
  if (areNumbers[0] !== areNumbers[1]) return areNumbers[0];
  return areNumbers[0] ? Number(a) < Number(b) : a < b;
}

/** Whoever can choose the archive could choose one with a known fault: its signature stays valid. */
function rejectOlder({ version }, to) {
  const current = linked(to, 'current');
  if (current !== undefined && isOlder(version, current))
    throw new Rejected(
      `The archive has version ${version}, which is older than the current ${current}: give --older if you want it`,
    );
}

function use(to, version) {
  const before = linked(to, 'current');
  if (before !== undefined && before !== version) setLink(to, 'previous', `versions/${before}`);
  setLink(to, 'current', `versions/${version}`);
  return before;
}

/** `bin/nii` and `bin/nii-install` follow `current`, so they never change. */
function linkPrograms(to) {
  mkdirSync(path.join(to, 'bin'), { recursive: true, mode: 0o755 });
  setLink(path.join(to, 'bin'), 'nii', '../current/dist/src/main.js');
  setLink(path.join(to, 'bin'), 'nii-install', '../current/install.mjs');
}

function place(folder, { version }, to) {
  const at = path.join(to, 'versions', version);
  if (existsSync(at)) {
    if (sha256OfFile(path.join(at, 'SHA256SUMS')) === sha256OfFile(path.join(folder, 'SHA256SUMS'))) return;
    throw new Rejected(
      `Version ${version} is already installed with other files: give the new archive its own version`,
    );
  }
  const program = path.join(folder, 'program');
  mkdirSync(program);
  const options = ['--preserve-permissions', '--no-same-owner'];
  const done = run('tar', [
    '--extract',
    '--gzip',
    '--file',
    path.join(folder, 'payload.tar.gz'),
    '--directory',
    program,
    ...options,
  ]);
  if (done.status !== 0) throw new Error(`The program cannot be unpacked: ${done.stderr.trim()}`);
  for (const member of members.filter((name) => name !== 'payload.tar.gz'))
    copyFileSync(path.join(folder, member), path.join(program, member));
  chmodSync(path.join(program, 'install.mjs'), 0o755);
  chmodSync(program, 0o755);
  compareFiles(program);
  run('sync', ['--file-system', program]);
  renameSync(program, at);
  syncFolder(path.dirname(at));
}

/** Every file of a version has the hash that was signed. */
function compareFiles(folder) {
  const wanted = readSums(readFileSync(path.join(folder, 'FILES.sha256'), 'utf8'), 'FILES.sha256');
  for (const [name, hash] of wanted) {
    const file = path.join(folder, name);
    if (!lstatSync(file, { throwIfNoEntry: false })?.isFile())
      throw new Rejected(`${file} is missing or is not a regular file`);
    if (sha256OfFile(file) !== hash)
      throw new Rejected(`${file} was changed: its SHA-256 is not the one that was signed`);
  }
  return wanted.size;
}

/* ---- Commands ------------------------------------------------------------------------------------------------ */

/** The key of the first installation is kept and is the only one for upgrades, unless another is named. */
function keyFor(to, named) {
  const kept = path.join(to, 'release.pub');
  if (named !== undefined) return named;
  if (!existsSync(kept))
    throw new WrongUse(
      '--key is missing: name the file with the public key of the person who makes the archives',
    );
  return kept;
}

const commands = {
  verify({ archive, key }) {
    if (key === undefined)
      throw new WrongUse(
        '--key is missing: name the file with the public key of the person who makes the archives',
      );
    const { version, platform, commit } = withArchive(
      archive,
      key,
      process.env.TMPDIR ?? '/tmp',
      (_, found) => found,
    );
    return `${archive} is complete and signed: nii-hub ${version} for ${platform}, commit ${commit}`;
  },
  install({ archive, to, key, older }) {
    const keyFile = keyFor(to, key);
    const started = Date.now();
    const installed = withArchive(archive, keyFile, path.join(to, 'versions'), (folder, description) => {
      rejectOtherMachine(description);
      if (!older) rejectOlder(description, to);
      place(folder, description, to);
      return description.version;
    });
    if (key !== undefined) writeFileSync(path.join(to, 'release.pub'), readFileSync(key), { mode: 0o644 });
    const before = use(to, installed);
    linkPrograms(to);
    const change = before === undefined || before === installed ? 'installed' : `upgraded from ${before}`;
    return `nii-hub ${installed} ${change} in ${((Date.now() - started) / 1000).toFixed(1)} s: ${to}/bin/nii. Restart the service`;
  },
  rollback({ to }) {
    const before = linked(to, 'current');
    const version = linked(to, 'previous');
    if (version === undefined)
      throw new Rejected(
        `${to} has no version earlier than ${before ?? 'this one'}; it has: ${versionsIn(to).join(', ')}`,
      );
    use(to, version);
    return `nii-hub ${version} is in use again, after ${before}. Restart the service`;
  },
  check({ to, key }) {
    const folder = realpathSync(path.join(to, 'current'));
    const sums = readSmall(path.join(folder, 'SHA256SUMS'));
    const keyFile = keyFor(to, key);
    if (!verify(null, sums, readKey(keyFile), readSmall(path.join(folder, 'SHA256SUMS.sig'))))
      throw new Rejected(`The signature in ${folder} does not match the key "${keyFile}"`);
    const wanted = readSums(sums.toString(), 'SHA256SUMS');
    for (const member of signed.filter((name) => name !== 'payload.tar.gz'))
      if (wanted.get(member) !== sha256OfFile(path.join(folder, member)))
        throw new Rejected(`${folder}/${member} was changed`);
    return `${compareFiles(folder)} files of ${path.basename(folder)} are unchanged since they were signed`;
  },
  list({ to }) {
    const marks = { [linked(to, 'previous')]: ' (previous)', [linked(to, 'current')]: ' (current)' };
    return versionsIn(to)
      .map((version) => `${version}${marks[version] ?? ''}`)
      .join('\n');
  },
};

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      to: { type: 'string' },
      key: { type: 'string' },
      older: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const [name, archive, ...more] = positionals;
  if (values.help || name === undefined) return { help: true };
  if (!Object.hasOwn(commands, name))
    throw new WrongUse(`Invalid command "${name}": use ${Object.keys(commands).join(', ')}`);
  const needsArchive = name === 'verify' || name === 'install';
  if (needsArchive !== (archive !== undefined) || more.length > 0)
    throw new WrongUse(needsArchive ? `${name} takes one ARCHIVE` : `${name} takes no ARCHIVE`);
  if (values.older && name !== 'install') throw new WrongUse('--older is for install only');
  if (name !== 'verify' && values.to === undefined)
    throw new WrongUse('--to is missing: name the folder of the installation');
  return {
    name,
    archive,
    to: values.to === undefined ? undefined : path.resolve(values.to),
    key: values.key,
    older: values.older === true,
  };
}

function main() {
  const { help, name, ...given } = readArguments();
  if (help) {
    const [, text = ''] =
      /\/\*\*\n([\s\S]*?)\n \*\//.exec(readFileSync(new URL(import.meta.url), 'utf8')) ?? [];
    console.log(text.replaceAll(/^ \* ?/gm, ''));
    return;
  }
  console.log(commands[name](given));
}

process.umask(0o022);
try {
  main();
} catch (error) {
  console.error(`install: ${error.message}`);
  process.exitCode =
    error instanceof Rejected
      ? 3
      : error instanceof WrongUse || error.code?.startsWith('ERR_PARSE_ARGS')
        ? 2
        : 1;
}
