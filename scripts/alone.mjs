/**
 * `npm run alone`: tests drawn by a seed, each run with no other beside it. A test that needs what another one left
 * behind fails here. Prints a line a test, and as the last line `N passed, N failed`.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureInstalled, fail, requireNode, root } from './launch.mjs';
import { keepModules, passInterruptionsOn, printStep, projects, runCommand, vitest } from './steps.mjs';

const help = `npm run alone -- [options]

  --count N        number of tests to draw (100)
  --seed N         seed of the draw: the same seed draws the same tests from the same list (random, and printed)
  --skip N         skips the first N drawn tests, to continue where a run stopped (0)
  --project NAME   ${projects.join(', ')} (unit and service; may be repeated)`;

/** Small generator (mulberry32): the same numbers on every machine. */
function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The first `count` of the list, shuffled (Fisher and Yates). */
function draw(list, count, random) {
  const all = [...list];
  for (let i = 0; i < Math.min(count, all.length); i += 1) {
    const other = i + Math.floor(random() * (all.length - i));
    [all[i], all[other]] = [all[other], all[i]];
  }
  return all.slice(0, count);
}

/** Runs vitest with a file for what it has to tell, and gives back what is in it. */
async function withAnswer(command, env = {}) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'nii-alone-'));
  const file = path.join(folder, 'answer');
  try {
    const { ok, output } = await runCommand(command(file), { env: { ...env, NII_TEST_COUNTS: file } });
    return { ok, output, answer: readAnswer(file) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readAnswer(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8').trim());
  } catch {
    return undefined;
  }
}

async function listTests(wanted) {
  const command = (file) => [
    ...vitest(wanted).map((word) => (word === 'run' ? 'list' : word)),
    `--json=${file}`,
  ];
  const { answer, output } = await withAnswer(command);
  if (answer === undefined) fail(`the tests could not be listed:\n${output}`);
  return answer.map(({ name, file, projectName }) => ({
    name: name.replaceAll(' > ', ' '),
    file: path.relative(root, file),
    project: projectName,
  }));
}

/** Exactly this name, which vitest takes as a pattern. */
function patternOf(name) {
  return `^${name.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&')}$`;
}

async function runAlone({ name, file, project }) {
  const started = Date.now();
  const command = vitest([project], [file, '-t', patternOf(name), keepModules]);
  const { ok, output, answer } = await withAnswer(() => command);
  const ran = ok && answer?.failed === 0 && (answer.passed > 0 || answer.skipped > 0);
  const left = ran && answer.passed === 0 ? '  left out, as in the whole run' : '';
  printStep(project, ran ? 'ok' : 'FAILED', started, `${file} > ${name}${left}`);
  if (!ran)
    console.log(answer?.passed === 0 && answer.failed === 0 ? 'no test has this name' : output.trimEnd());
  return ran;
}

function wholeOf(name, written) {
  const value = Number(written);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  return fail(`Invalid --${name} ${written}: use a whole number`, 2);
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '100' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      skip: { type: 'string', default: '0' },
      project: { type: 'string', multiple: true, default: ['unit', 'service'] },
      help: { type: 'boolean' },
    },
  });
  const unknown = values.project.find((name) => !projects.includes(name));
  if (unknown !== undefined) fail(`unknown project ${unknown}: use ${projects.join(', ')}`, 2);
  const [count, seed, skip] = ['count', 'seed', 'skip'].map((name) => wholeOf(name, values[name]));
  return { count, seed, skip, wanted: values.project, help: values.help === true };
}

async function main({ count, seed, skip, wanted }) {
  ensureInstalled();
  const all = await listTests(wanted);
  const drawn = draw(all, count, randomOf(seed)).slice(skip);
  console.log(`${drawn.length} of ${all.length} tests, seed ${seed}`);
  const failures = [];
  for (const test of drawn) if (!(await runAlone(test))) failures.push(test);
  for (const { file, name } of failures) console.log(`failed alone: ${file} > ${name}`);
  console.log(`${drawn.length - failures.length} passed, ${failures.length} failed`);
  process.exitCode = failures.length === 0 && drawn.length > 0 ? 0 : 1;
}

requireNode();
process.chdir(root);
passInterruptionsOn();
try {
  const options = readOptions();
  if (options.help) console.log(help);
  else await main(options);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
