/**
 * `npm run coverage`: which lines of src/ and converters/ the unit and service tests run, in the tests' own processes
 * and in the child processes that they start. Prints a table by room, and fails where one is below its floor in
 * coverage-floor.json. `--raise` lifts the floors to what was found; none is ever lowered.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readChildren } from './coverage/children.mjs';
import { compareWithFloor, raiseFloor } from './coverage/floor.mjs';
import { countRooms, tableOfRooms } from './coverage/rooms.mjs';
import { ensureInstalled, fail, requireNode, root } from './launch.mjs';
import { passInterruptionsOn, runCommand, vitest } from './steps.mjs';

const help = `npm run coverage -- [options] [PATH]...

  --raise         lift the floors in coverage-floor.json to what was found
  --project NAME  unit or service (both; may be repeated)
  PATH            only the test files whose path contains PATH: prints the table and compares nothing`;

const folder = path.join(root, '.cache/coverage');
const children = path.join(folder, 'children');
const workers = path.join(folder, 'workers');
const FOLD_MS = 20_000;
const floorFile = path.join(root, 'coverage-floor.json');

async function runTests(wanted, filters) {
  const command = vitest(wanted, [
    ...['--coverage.enabled', '--coverage.provider=v8', '--coverage.reporter=json'],
    '--coverage.reportOnFailure',
    ...['--coverage.include=src/**/*.ts', '--coverage.include=converters/**/*.ts'],
    `--coverage.reportsDirectory=${workers}`,
    ...filters,
  ]);
  const { ok } = await runCommand(command, { show: true, env: { NII_COVERAGE_CHILDREN: children } });
  if (!ok) process.exitCode = 1;
}

/** Lines by file that a test process ran, or could have run. */
function linesOfWorkers() {
  const report = JSON.parse(readFileSync(path.join(workers, 'coverage-final.json'), 'utf8'));
  return new Map(Object.values(report).map((file) => [path.relative(root, file.path), linesOf(file)]));
}

/** Line -> how often its statements ran, the most. */
function linesOf({ statementMap, s }) {
  const lines = new Map();
  for (const [id, { start }] of Object.entries(statementMap))
    lines.set(start.line, Math.max(lines.get(start.line) ?? 0, s[id]));
  return lines;
}

/** What a child ran counts where the tests' own processes know of a statement. */
function addChildren(files, ofChildren) {
  for (const [name, ran] of ofChildren) {
    const lines = files.get(name);
    for (const line of ran) if (lines?.has(line)) lines.set(line, Math.max(1, lines.get(line)));
  }
}

function readFloor() {
  return existsSync(floorFile) ? JSON.parse(readFileSync(floorFile, 'utf8')) : {};
}

async function main({ raise, wanted, filters }) {
  ensureInstalled();
  rmSync(folder, { recursive: true, force: true });
  const ofChildren = readChildren(children);
  const folding = setInterval(() => ofChildren.fold(), FOLD_MS);
  await runTests(wanted, filters);
  clearInterval(folding);
  const files = linesOfWorkers();
  const { lines, reports } = ofChildren.finish();
  addChildren(files, lines);
  const rooms = countRooms(files);
  const floor = readFloor();
  console.log(tableOfRooms(rooms, floor));
  console.log(`with ${reports} reports of child processes`);
  if (filters.length > 0 || wanted.length < 2)
    return console.log('a part of the tests: not compared with the floors');
  if (raise) writeFileSync(floorFile, `${JSON.stringify(raiseFloor(rooms, floor), null, 2)}\n`);
  const below = compareWithFloor(rooms, floor);
  for (const line of below) console.log(line);
  if (below.length > 0) process.exitCode = 1;
}

function readOptions() {
  const { values, positionals } = parseArgs({
    options: {
      raise: { type: 'boolean', default: false },
      project: { type: 'string', multiple: true, default: ['unit', 'service'] },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const unknown = values.project.find((name) => !['unit', 'service'].includes(name));
  if (unknown !== undefined) fail(`--project takes unit or service, not ${unknown}`, 2);
  return { raise: values.raise, wanted: values.project, filters: positionals, help: values.help };
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
