/**
 * What `npm test` and `npm run check` share: the checks by name, and running a command to its end. Uses nothing but Node
 * itself, because it runs before anything is installed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { root } from './launch.mjs';

const node = process.execPath;
const bin = (name) => path.join(root, 'node_modules', name);

/** How long what was started may take to end after an interruption, before it is killed. */
const END_MS = 5000;

/** Its threads check much of the same: on few cores, which other steps use too, one of them is done sooner. */
const threads = os.availableParallelism() > 4 ? [] : ['--singleThreaded'];

function typecheck(project, memory) {
  return [
    node,
    bin('typescript-native/bin/tsc'),
    ...threads,
    '--noEmit',
    '--project',
    project,
    '--incremental',
    '--tsBuildInfoFile',
    memory,
  ];
}

/** Name and command of every check. The type checker keeps what it knows in .cache, so that a second run is short. */
export const checks = {
  typecheck: typecheck('tsconfig.json', '.cache/types.tsbuildinfo'),
  'page-types': typecheck('tsconfig.page.json', '.cache/page-types.tsbuildinfo'),
  lint: [node, bin('@biomejs/biome/bin/biome'), 'check', '--colors=off', '--error-on-warnings', '.'],
  layers: [
    node,
    bin('dependency-cruiser/bin/dependency-cruise.mjs'),
    '--config',
    '.dependency-cruiser.cjs',
    '--cache',
    '.cache/layers',
    '--cache-strategy',
    'content',
    'src',
    'converters',
    'lab',
  ],
  unused: [node, bin('knip/bin/knip.js')],
  schemas: [node, bin('tsx/dist/cli.mjs'), 'scripts/emit-schemas.ts', '--check'],
};

export const build = [node, 'scripts/build.mjs', '--if-stale'];

/** Names the parts of the long run that are overdue. */
export const overdue = [node, bin('tsx/dist/cli.mjs'), 'lab/long.ts', '--overdue'];

/** The projects of vitest.config.ts. */
export const projects = ['unit', 'service', 'medium'];

/** What vitest makes of our sources is kept in .cache/vitest, for the next project and the next run. */
export const keepModules = '--experimental.fsModuleCache';

/** One run of vitest over these projects. */
export function vitest(wanted, filters = []) {
  return [
    node,
    bin('vitest/vitest.mjs'),
    'run',
    ...wanted.flatMap((name) => ['--project', name]),
    ...filters,
  ];
}

/** Colours are for a person. */
const plain = process.stdout.isTTY ? {} : { NO_COLOR: '1' };

const running = new Set();
let interrupted = false;

/** For a command that runs beside tests: it takes the processor time that they leave. */
export const LOW_PRIORITY = 10;

/** Linux weighs sessions before it weighs their processes, so the session has a niceness of its own. */
function lowerPriority(pid, niceness) {
  os.setPriority(pid, niceness);
  const session = `/proc/${pid}/autogroup`;
  try {
    if (existsSync(session)) writeFileSync(session, String(niceness));
  } catch {
    // ordinary users may do so ten times a second, all of them together; then the command takes a little more
  }
}

/** Runs a command to its end. Its output is given back, or shown as it comes when `show` is set. */
export function runCommand([file, ...args], { show = false, env = {}, priority = 0 } = {}) {
  return new Promise((resolve) => {
    const stdio = show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'];
    // a group of its own, so that an interruption reaches what it started too
    const child = spawn(file, args, {
      cwd: root,
      env: { ...process.env, ...plain, ...env },
      stdio,
      detached: true,
    });
    running.add(child);
    if (priority !== 0 && child.pid !== undefined) lowerPriority(child.pid, priority);
    const output = [];
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => resolve({ ok: false, output: error.message }));
    child.on('close', (code) => {
      running.delete(child);
      if (!interrupted) resolve({ ok: code === 0, output: Buffer.concat(output).toString() });
    });
  });
}

/** One line for a step that has ended. */
export function printStep(name, verdict, started, note = '') {
  const seconds = ((Date.now() - started) / 1000).toFixed(1).padStart(6);
  console.log(`${name.padEnd(12)} ${verdict.padEnd(8)}${seconds} s${note === '' ? '' : `  ${note}`}`);
}

/** Runs a command as a step: one line, and its output if it failed. */
export async function runStep(name, command, options) {
  const started = Date.now();
  const { ok, output } = await runCommand(command, options);
  printStep(name, ok ? 'ok' : 'FAILED', started);
  if (!ok) console.log(output.trimEnd());
  return ok;
}

function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

async function endChild(child, signal) {
  const closed = once(child, 'close');
  signalGroup(child, signal);
  await Promise.race([closed, delay(END_MS)]);
  signalGroup(child, 'SIGKILL');
}

/** Ends what is running, within a few seconds, and then this process; its exit handlers clean up. */
async function interrupt(signal) {
  interrupted = true;
  await Promise.all([...running].map((child) => endChild(child, signal)));
  process.exit(128 + os.constants.signals[signal]);
}

/** From now on an interruption reaches what was started, too. */
export function passInterruptionsOn() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => interrupt(signal));
}
