/**
 * `npm test`: installs, brings the outside parts, then runs every test in one run of vitest, and the checks beside it.
 * One line a step, minutes by part, and as the last line `N passed, N failed`, where a check counts as one and vitest's tests as themselves.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureInstalled, fail, requireNode, root } from './launch.mjs';
import { freePorts } from './s3-ports.mjs';
import {
  build,
  checks,
  keepModules,
  LOW_PRIORITY,
  passInterruptionsOn,
  printStep,
  projects,
  runCommand,
  runStep,
  vitest,
} from './steps.mjs';

const steps = ['build', ...Object.keys(checks), ...projects];

const help = `npm test -- [--only NAME]... [--filter PATH]...

  --only NAME     run only this step: ${steps.join(' ')} (may be repeated)
  --filter PATH   run only the test files whose path contains PATH (implies --only unit, service and medium)

Environment
  CI=true                 installs Debian packages without asking
  NII_TEST_COMPLETE=1     no test may be left out, even if it needs a Debian package or the real inputs.
                          .ci/run sets it if the real inputs are there; without it, each omission is one line
  NII_TEST_SHARED         the folder of the real inputs (scans, files and models from others); without it ../shared/data,
                          if it exists. Each syntax, layout and quirk in them is also in one of our fixtures
  NII_TEST_SEED           the order of files and tests, as an earlier run printed it
  NII_TEST_S3_URL         an S3 server to test against, with NII_TEST_S3_ACCESS_KEY and NII_TEST_S3_SECRET_KEY;
                          without it, a temporary one is started from Debian's Ceph packages
  NII_TEST_DATABASE_URL   a PostgreSQL server to test against, in addition to the embedded one
  NII_TEST_TOTALS         a file to write the totals to, as JSON`;

const mayInstall = process.env.CI === 'true';
const complete = Boolean(process.env.NII_TEST_COMPLETE);

const totals = { passed: 0, failed: 0, skipped: 0 };
/** One line for each failure, told again at the end, where nobody has to search for it. */
const failures = [];
const missing = new Map();
const cleanups = [];
/** Seconds by part of the run. */
const seconds = new Map();
/** Seconds by project that vitest's workers spent together. */
const workerSeconds = new Map();

function count(name, ok) {
  totals[ok ? 'passed' : 'failed'] += 1;
  if (!ok) failures.push(`${name}: see its output above`);
}

async function timed(name, work) {
  const started = Date.now();
  await work();
  seconds.set(name, (seconds.get(name) ?? 0) + (Date.now() - started) / 1000);
}

async function check(name, command, options) {
  count(name, await runStep(name, command, options));
}

/* ---- Parts that come from outside npm ------------------------------------------------------------------ */

/** A part that is not there is one line here and a reason for the tests that would have used it. */
function bringDebianParts() {
  const started = Date.now();
  const always = [
    'dicom',
    'orthanc',
    'prometheus',
    'contain',
    'nginx',
    'postgres',
    'systemd',
    'disk',
    'syslog',
    'chromium',
    'onnx',
    'pdf',
  ];
  const parts = process.env.NII_TEST_S3_URL ? always : [...always, 's3'];
  const result = spawnSync('bash', ['scripts/debian-parts.sh', ...parts], {
    cwd: root,
    stdio: [mayInstall ? 'ignore' : 'inherit', 'pipe', 'inherit'],
  });
  const said = result.stdout?.toString().trim().split('\n').filter(Boolean) ?? [];
  for (const [part, state, why] of said.map((text) => text.split('\t'))) {
    if (state !== 'ready') missing.set(part, why);
    printStep(`part ${part}`, state, started, why);
  }
  if (said.length < parts.length)
    missing.set('parts', result.error?.message ?? 'scripts/debian-parts.sh failed');
}

/** Scans, files and models of others, which are no part of the repository. */
function lookForRealInputs() {
  const folder = path.resolve(process.env.NII_TEST_SHARED || '../shared/data');
  if (!existsSync(folder)) missing.set('the real inputs', `there is no ${folder}`);
  printStep('real inputs', missing.has('the real inputs') ? 'missing' : 'ready', Date.now());
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
  const { ok, output } = await runCommand(['bash', 'scripts/ceph-s3.sh', 'start', folder, String(port)]);
  printStep('part s3', ok ? 'started' : 'FAILED', started);
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

/** One run of vitest over all wanted projects, so that no worker waits for the last file of a project. */
async function runTests(wanted, filters) {
  const started = Date.now();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'nii-counts-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'counts');
  const env = { NII_TEST_COUNTS: file };
  const nothing = filters.length > 0 ? ['--passWithNoTests'] : [];
  const command = vitest(wanted, [...filters, ...nothing, keepModules]);
  const { ok } = await runCommand(command, { show: true, env });
  const counts = readCounts(file) ?? {
    projects: { tests: { passed: 0, failed: 1, skipped: 0, seconds: 0 } },
    failures: ['vitest stopped before it could count'],
  };
  failures.push(...counts.failures);
  for (const [project, found] of Object.entries(counts.projects)) addCounts(project, found, started);
  // an unhandled error fails the run and no test
  if (ok || counts.failures.length > 0) return;
  totals.failed += 1;
  failures.push('an error outside of any test; see the output of vitest above');
}

function addCounts(project, { passed, failed, skipped, seconds: worked }, started) {
  for (const [key, n] of Object.entries({ passed, failed, skipped })) totals[key] += n;
  workerSeconds.set(project, worked);
  printStep(
    project,
    failed === 0 ? 'ok' : 'FAILED',
    started,
    `${passed} passed, ${failed} failed, ${skipped} skipped`,
  );
}

/** What was left out is one line each; in a complete run it is a failure. */
function accountForLeftOut() {
  for (const [part, why] of missing) console.log(`left out: what needs ${part}: ${why}`);
  if (!complete) return;
  totals.failed += missing.size + totals.skipped;
  for (const part of missing.keys()) failures.push(`${part} is missing`);
  if (totals.skipped > 0)
    failures.push(`${totals.skipped} tests were skipped, which a complete run counts as failed`);
  totals.skipped = 0;
}

function printMinutes() {
  const print = (what, [name, took]) => console.log(`${what} ${name.padEnd(8)} ${(took / 60).toFixed(1)}`);
  for (const part of seconds) print('minutes', part);
  for (const project of workerSeconds) print('worker minutes', project);
}

function close() {
  const { passed, failed, skipped } = totals;
  if (process.env.NII_TEST_TOTALS)
    writeFileSync(
      process.env.NII_TEST_TOTALS,
      JSON.stringify({
        ...{ passed, failed, failures },
        ...{ seconds: Object.fromEntries(seconds), workerSeconds: Object.fromEntries(workerSeconds) },
      }),
    );
  for (const failure of failures) console.log(`failed: ${failure}`);
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
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
  const only = values.only ?? (filters.length > 0 ? projects : undefined);
  const unknown = only?.find((name) => !steps.includes(name));
  if (unknown !== undefined) fail(`unknown step ${unknown}; see npm test -- --help`, 2);
  return { filters, help: values.help === true, wants: (name) => only === undefined || only.includes(name) };
}

/** Beside tests the checks follow each other and give way; alone, none of them keeps two cores busy. */
async function runChecks(wants, isBesideTests) {
  const wanted = Object.entries(checks).filter(([name]) => wants(name));
  if (!isBesideTests) return Promise.all(wanted.map(([name, command]) => check(name, command)));
  for (const [name, command] of wanted) await check(name, command, { priority: LOW_PRIORITY });
}

async function main({ filters, wants }) {
  ensureInstalled();
  const wanted = projects.filter(wants);
  const needsBuild = wanted.some((name) => name !== 'unit');
  await timed('set-up', async () => {
    if (needsBuild) bringDebianParts();
    if (wanted.length > 0) lookForRealInputs();
    if (wants('medium')) await startS3();
    // some tests run the built command
    if (needsBuild || wants('build')) await check('build', build);
  });
  await Promise.all([
    timed('checks', () => runChecks(wants, wanted.length > 0)),
    wanted.length > 0 && timed('tests', () => runTests(wanted, filters)),
  ]);
  accountForLeftOut();
  printMinutes();
  close();
}

requireNode();
process.chdir(root);
process.on('exit', () => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});
passInterruptionsOn();
try {
  const options = readOptions();
  if (options.help) console.log(help);
  else await main(options);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
