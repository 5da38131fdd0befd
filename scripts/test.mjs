/**
 * `npm test`: installs, brings the outside parts, then runs every check and every test. One line a step, minutes per
 * project, and as the last line `N passed, N failed`, where a check counts as one and vitest's tests as themselves.
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
  passInterruptionsOn,
  printStep,
  projects,
  runCommand,
  runStep,
  vitest,
} from './steps.mjs';

const steps = ['build', ...Object.keys(checks), ...projects];

const help = `npm test -- [--only NAME]... [--filter PATH]...

  --only NAME     one step only: ${steps.join(' ')} (may be repeated)
  --filter PATH   only the test files whose path contains PATH (implies --only unit, service and medium)

Environment
  CI=true                 installs Debian packages without asking
  NII_TEST_COMPLETE=1     nothing may be left out: neither what needs a Debian package nor what needs the real inputs.
                          .ci/run sets it where the real inputs are there; otherwise what is left out is one line each
  NII_TEST_SHARED         the folder of the real inputs, scans, files and models of others; without it ../shared/data,
                          if it is there. Each syntax, layout and quirk in them is in a fixture of our own as well
  NII_TEST_SEED           the order of files and tests, as a run before printed it
  NII_TEST_S3_URL         an S3 server to test against, with NII_TEST_S3_ACCESS_KEY and NII_TEST_S3_SECRET_KEY;
                          without it a throw-away one is started from Debian's Ceph packages
  NII_TEST_DATABASE_URL   a PostgreSQL server to test against besides the embedded one
  NII_TEST_TOTALS         a file to write the totals to, as JSON`;

const mayInstall = process.env.CI === 'true';
const complete = Boolean(process.env.NII_TEST_COMPLETE);

const totals = { passed: 0, failed: 0, skipped: 0 };
/** One line for each failure, told again at the end, where nobody has to search for it. */
const failures = [];
const missing = new Map();
const cleanups = [];
/** Seconds by step. */
const seconds = new Map();

function count(name, ok) {
  totals[ok ? 'passed' : 'failed'] += 1;
  if (!ok) failures.push(`${name}: see its output above`);
}

async function timed(name, work) {
  const started = Date.now();
  await work();
  seconds.set(name, (seconds.get(name) ?? 0) + (Date.now() - started) / 1000);
}

async function check(name, command) {
  count(name, await runStep(name, command));
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

async function runProject(project, filters) {
  const started = Date.now();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'nii-counts-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'counts');
  const env = { NII_TEST_COUNTS: file };
  const nothing = filters.length > 0 ? ['--passWithNoTests'] : [];
  const { ok } = await runCommand(vitest(project, [...filters, ...nothing, keepModules]), {
    show: true,
    env,
  });
  const brokeOff = [`${project}: vitest broke off before it could count`];
  const counts = readCounts(file) ?? { passed: 0, failed: 1, skipped: 0, failures: brokeOff };
  for (const key of Object.keys(totals)) totals[key] += counts[key];
  failures.push(...counts.failures);
  // an unhandled error fails the run and no test
  if (!ok && counts.failed === 0) {
    totals.failed += 1;
    failures.push(`${project}: an error outside of any test; see its output above`);
  }
  const note = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
  printStep(project, ok ? 'ok' : 'FAILED', started, note);
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
  for (const [name, took] of seconds) console.log(`minutes ${name.padEnd(8)} ${(took / 60).toFixed(1)}`);
}

function close() {
  const { passed, failed, skipped } = totals;
  if (process.env.NII_TEST_TOTALS)
    writeFileSync(
      process.env.NII_TEST_TOTALS,
      JSON.stringify({ passed, failed, failures, seconds: Object.fromEntries(seconds) }),
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
  if (unknown !== undefined) fail(`no step is called ${unknown}; see npm test -- --help`, 2);
  return { filters, help: values.help === true, wants: (name) => only === undefined || only.includes(name) };
}

async function runChecks(wants, needsBuild) {
  if (needsBuild || wants('build')) await check('build', build);
  const wanted = Object.entries(checks).filter(([name]) => wants(name));
  // none of them keeps two cores busy
  await Promise.all(wanted.map(([name, command]) => check(name, command)));
}

async function main({ filters, wants }) {
  ensureInstalled();
  const outside = projects.filter((name) => name !== 'unit' && wants(name));
  await timed('set-up', async () => outside.length > 0 && bringDebianParts());
  if (projects.some(wants)) lookForRealInputs();
  // some tests run the built command
  await timed('checks', () => runChecks(wants, outside.length > 0));
  for (const project of projects.filter(wants)) {
    if (project === 'medium') await timed('set-up', startS3);
    await timed(project, () => runProject(project, filters));
  }
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
