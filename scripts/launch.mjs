/**
 * What the commands of package.json share: they run on a fresh clone, before anything is installed, so this file
 * uses nothing but Node itself. Everything it says goes to stderr; stdout belongs to the command it starts.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const oldestNode = [20, 19, 0];
const forwardedSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Ends the process with one line. */
export function fail(line, status = 1) {
  say(`nii-hub: ${line}`);
  process.exit(status);
}

export function requireNode() {
  const found = process.versions.node.split('.').map(Number);
  const place = oldestNode.findIndex((part, i) => part !== found[i]);
  if (place === -1 || found[place] > oldestNode[place]) return;
  fail(`needs Node ${oldestNode.join('.')} or later; this is Node ${process.versions.node}`);
}

function readJson(file) {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8'));
}

/**
 * Whether node_modules holds what package-lock.json asks for, by npm's own record of what it installed
 * (written last, so an installation that was cut short has none). Optional packages are those of other platforms; a link
 * is a workspace of this repository, which needs no installation.
 */
function isInstalled() {
  if (!existsSync(path.join(root, 'node_modules/.package-lock.json'))) return false;
  const wanted = Object.entries(readJson('package-lock.json').packages).filter(
    ([where, { link }]) => where.startsWith('node_modules/') && link !== true,
  );
  const present = readJson('node_modules/.package-lock.json').packages;
  return wanted.every(([where, { version, optional }]) =>
    present[where] === undefined ? optional === true : present[where].version === version,
  );
}

/** npm as it was started, or the one on the PATH. */
export function npmCommand() {
  const started = process.env.npm_execpath;
  return started?.endsWith('.js') ? [process.execPath, started] : ['npm'];
}

/** Installs the exact dependencies unless they are there. */
export function ensureInstalled() {
  if (isInstalled()) return;
  say('nii-hub: installing the exact dependencies (npm ci)');
  const [command, ...first] = npmCommand();
  const result = spawnSync(command, [...first, 'ci', '--no-progress'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    // npm before 11 ignores allowScripts, and this package's own script would fetch GPU libraries
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  });
  if (result.error) fail(`npm could not be started: ${result.error.message}`);
  if (result.status !== 0) fail(`npm ci ended with ${result.status ?? result.signal}`);
}

/** Builds dist/ unless it is newer than the sources. */
export function ensureBuilt() {
  const result = spawnSync(process.execPath, [path.join(root, 'scripts/build.mjs'), '--if-stale'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (result.status !== 0) fail('the build failed');
}

/** Becomes `nii …args`: same streams, signals passed on, same exit code. */
export function become(args) {
  const child = spawn(process.execPath, [path.join(root, 'dist/src/main.js'), ...args], { stdio: 'inherit' });
  for (const signal of forwardedSignals) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`could not start: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const name of forwardedSignals) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

/** One command from a fresh clone: install, build, run. */
export function launch(command) {
  requireNode();
  process.chdir(root);
  ensureInstalled();
  ensureBuilt();
  become([command, ...process.argv.slice(2)]);
}
