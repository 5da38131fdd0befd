/**
 * `npm test`: installs, brings the outside parts, then runs every check and every test. One line a step, and as the last
 * line `N passed, N failed`, where a check counts as one and vitest's tests as themselves.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ensureInstalled, fail, requireNode, root } from './launch.mjs';

const help = `npm test -- [--only NAME]... [--filter PATH]...

  --only NAME     one step only: ${'build typecheck lint layers unused schemas vitest'} (may be repeated)
  --filter PATH   only the test files whose path contains PATH (implies --only vitest)

Environment
  CI=true                 installs Debian packages without asking; whatever is left out is a failure
  NII_TEST_S3_URL         an S3 server to test against, with NII_TEST_S3_ACCESS_KEY and NII_TEST_S3_SECRET_KEY;
                          without it a throw-away one is started from Debian's Ceph packages
  NII_TEST_DATABASE_URL   a PostgreSQL server to test against besides the embedded one
  NII_TEST_TOTALS         a file to write the totals to, as JSON`;

const inCi = process.env.CI === 'true';
const node = process.execPath;
const bin = (name) => path.join(root, 'node_modules', name);

/** Name and command of every check, in the order of how soon each can say no. */
const checks = [
  ['build', [node, 'scripts/build.mjs', '--if-stale']],
  ['typecheck', [node, bin('typescript/bin/tsc'), '--noEmit']],
  ['lint', [node, bin('@biomejs/biome/bin/biome'), 'check', '--colors=off', '--error-on-warnings', '.']],
  [
    'layers',
    [
      node,
      bin('dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config',
      '.dependency-cruiser.cjs',
      'src',
      'converters',
    ],
  ],
  ['unused', [node, bin('knip/bin/knip.js')]],
  ['schemas', [node, bin('tsx/dist/cli.mjs'), 'scripts/emit-schemas.ts', '--check']],
];

/** Colours are for a person. */
const plain = process.stdout.isTTY ? {} : { NO_COLOR: '1' };

const totals = { passed: 0, failed: 0, skipped: 0 };
/** One line for each failure, told again at the end, where nobody has to search for it. */
const failures = [];
const missing = new Map();
const cleanups = [];
let running;
let interrupted = false;

function line(name, verdict, started, note = '') {
  const seconds = ((Date.now() - started) / 1000).toFixed(1).padStart(6);
  console.log(`${name.padEnd(12)} ${verdict.padEnd(8)}${seconds} s${note === '' ? '' : `  ${note}`}`);
}

function count(name, ok) {
  totals[ok ? 'passed' : 'failed'] += 1;
  if (!ok) failures.push(`${name}: see its output above`);
}

/** Runs a command to its end. Its output is given back, or shown as it comes when `show` is set. */
function run(command, { show = false, env = {}, stdin = 'ignore' } = {}) {
  return new Promise((resolve) => {
    const [file, ...args] = command;
    const stdio = show ? [stdin, 'inherit', 'inherit'] : [stdin, 'pipe', 'pipe'];
    // a group of its own, so that an interruption reaches what it started too
    running = spawn(file, args, {
      cwd: root,
      env: { ...process.env, ...plain, ...env },
      stdio,
      detached: true,
    });
    const output = [];
    running.stdout?.on('data', (chunk) => output.push(chunk));
    running.stderr?.on('data', (chunk) => output.push(chunk));
    running.on('error', (error) => resolve({ ok: false, output: error.message }));
    running.on('close', (code) => {
      if (!interrupted) resolve({ ok: code === 0, output: Buffer.concat(output).toString() });
    });
  });
}

async function check([name, command]) {
  const started = Date.now();
  const { ok, output } = await run(command);
  count(name, ok);
  line(name, ok ? 'ok' : 'FAILED', started);
  if (!ok) console.log(output.trimEnd());
}

/* ---- Parts that come from outside npm ------------------------------------------------------------------ */

/** A part that is not there is one line here and a reason for the tests that would have used it. */
function bringDebianParts() {
  const started = Date.now();
  const parts = process.env.NII_TEST_S3_URL
    ? ['dicom', 'orthanc', 'prometheus']
    : ['dicom', 'orthanc', 'prometheus', 's3'];
  const result = spawnSync('bash', ['scripts/debian-parts.sh', ...parts], {
    cwd: root,
    stdio: [inCi ? 'ignore' : 'inherit', 'pipe', 'inherit'],
  });
  const said = result.stdout?.toString().trim().split('\n').filter(Boolean) ?? [];
  for (const [part, state, why] of said.map((text) => text.split('\t'))) {
    if (state !== 'ready') missing.set(part, why);
    line(`part ${part}`, state, started, why);
  }
  if (said.length < parts.length)
    missing.set('parts', result.error?.message ?? 'scripts/debian-parts.sh failed');
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A port that is free together with its neighbour and with the pair 20000 above, where the cluster's monitor listens. */
async function freePorts() {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = 7500 + 10 * Math.floor(Math.random() * 300);
    const free = await Promise.all([0, 1, 20000, 20001].map((distance) => isFree(port + distance)));
    if (free.every(Boolean)) return port;
  }
  throw new Error('no free pair of ports for the S3 server');
}

function stopS3(folder, port) {
  spawnSync('bash', ['scripts/ceph-s3.sh', 'stop', folder, String(port)], {
    cwd: root,
    stdio: 'ignore',
    timeout: 60_000,
  });
  rmSync(folder, { recursive: true, force: true });
}

/** Starts Ceph's gateway; the folder's name is short because unix sockets lie in it. */
async function startS3() {
  if (process.env.NII_TEST_S3_URL || missing.has('s3')) return;
  const started = Date.now();
  const folder = mkdtempSync('/tmp/nii-s3-');
  const port = await freePorts();
  cleanups.push(() => stopS3(folder, port));
  process.env.NII_TEST_S3_ACCESS_KEY ??= 'nii-test';
  process.env.NII_TEST_S3_SECRET_KEY ??= 'nii-test-secret';
  const { ok, output } = await run(['bash', 'scripts/ceph-s3.sh', 'start', folder, String(port)]);
  line('part s3', ok ? 'started' : 'FAILED', started);
  if (ok) process.env.NII_TEST_S3_URL = `http://127.0.0.1:${port}`;
  else {
    console.log(output.trimEnd());
    missing.set('s3', 'the gateway did not start');
  }
}

/* ---- The tests ----------------------------------------------------------------------------------------- */

function readCounts(file) {
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8').trim().split('\n').at(-1));
}

async function vitest(filters) {
  const started = Date.now();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'nii-counts-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'counts');
  const env = { NII_TEST_COUNTS: file, NII_TEST_MISSING: [...missing.keys()].join(',') };
  const { ok } = await run([node, bin('vitest/vitest.mjs'), 'run', ...filters], { show: true, env });
  const brokeOff = ['vitest broke off before it could count'];
  const counts = readCounts(file) ?? { passed: 0, failed: 1, skipped: 0, failures: brokeOff };
  for (const key of Object.keys(totals)) totals[key] += counts[key];
  failures.push(...counts.failures);
  // an unhandled error fails the run and no test
  if (!ok && counts.failed === 0) {
    totals.failed += 1;
    failures.push('vitest: an error outside of any test; see its output above');
  }
  line(
    'vitest',
    ok ? 'ok' : 'FAILED',
    started,
    `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
  );
}

/** With CI=true nothing may be left out. */
function accountForLeftOut() {
  for (const [part, why] of missing) console.log(`left out: what needs ${part}: ${why}`);
  if (!inCi) return;
  totals.failed += missing.size + totals.skipped;
  for (const part of missing.keys()) failures.push(`${part} is missing`);
  if (totals.skipped > 0) failures.push(`${totals.skipped} tests were skipped, which CI counts as failed`);
  totals.skipped = 0;
}

function close() {
  const { passed, failed, skipped } = totals;
  if (process.env.NII_TEST_TOTALS)
    writeFileSync(process.env.NII_TEST_TOTALS, JSON.stringify({ passed, failed, failures }));
  for (const failure of failures) console.log(`failed: ${failure}`);
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Ends what is running, within a few seconds, and then this process; its exit stops the servers. */
async function interrupt(signal) {
  interrupted = true;
  if (running?.exitCode === null && running.signalCode === null) {
    const closed = once(running, 'close');
    signalGroup(running, signal);
    await Promise.race([closed, delay(5000)]);
    signalGroup(running, 'SIGKILL');
  }
  process.exit(128 + os.constants.signals[signal]);
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      filter: { type: 'string', multiple: true },
      help: { type: 'boolean' },
    },
  });
  const filters = values.filter ?? [];
  const only = values.only ?? (filters.length > 0 ? ['vitest'] : undefined);
  const unknown = only?.find((name) => name !== 'vitest' && !checks.some(([known]) => known === name));
  if (unknown !== undefined) fail(`no step is called ${unknown}; see npm test -- --help`, 2);
  return { filters, help: values.help === true, wants: (name) => only === undefined || only.includes(name) };
}

async function main({ filters, wants }) {
  ensureInstalled();
  if (wants('vitest')) bringDebianParts();
  // some tests run the built command
  for (const step of checks)
    if (wants(step[0]) || (step[0] === 'build' && wants('vitest'))) await check(step);
  if (wants('vitest')) {
    await startS3();
    await vitest(filters);
  }
  accountForLeftOut();
  close();
}

requireNode();
process.chdir(root);
process.on('exit', () => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => interrupt(signal));
try {
  const options = readOptions();
  if (options.help) console.log(help);
  else await main(options);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
