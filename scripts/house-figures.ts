/**
 * `npx tsx scripts/house-figures.ts [--list] [FOLDER]`: figures of the structure of this checkout, or of another one whose
 * packages are installed. `--list` also names functions over 40 lines and parameters that take more ports than they use.
 * What must not get worse is tested: test/unit/repository/house.test.ts, test/service/repository/ports.test.ts.
 * Takes about a minute: the compiler reads all of src/.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { cruise } from 'dependency-cruiser';
import { conditionalSpreads, functionLengths, portSizes, supervisesProcesses } from './house/functions.ts';
import { takenPorts } from './house/ports.ts';
import { movableSmallFiles, textsOf } from './house/rooms.ts';
import { ownFiles, pageSources, programOf, sourceFiles } from './house/sources.ts';

const LONG_FUNCTION = 40;
const SMALL_FILE = 25;

const [other] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const isListed = process.argv.includes('--list');
const root = path.resolve(other ?? path.join(import.meta.dirname, '..'));
const folders = ['src', 'converters', 'lab', 'scripts', 'test'].filter((name) =>
  existsSync(path.join(root, name)),
);
const files = folders.flatMap((folder) => sourceFiles(root, folder));

/** Circles of imports, those of types alone included, each once. */
async function circles(): Promise<readonly string[]> {
  process.chdir(root);
  const { output } = await cruise(['src', 'converters'], {
    validate: true,
    ruleSet: { forbidden: [{ name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } }] },
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  });
  if (typeof output === 'string') throw new TypeError(`no result of dependency-cruiser: ${output}`);
  const found = output.summary.violations.map(({ from, cycle = [] }) =>
    [...new Set([from, ...cycle.map(({ name }) => name)])].sort(byText).join(' '),
  );
  return [...new Set(found)];
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function printRows(rows: Readonly<Record<string, string | number>>): void {
  for (const [name, value] of Object.entries(rows)) console.log(`${name.padEnd(56)} ${value}`);
}

/** Lines as an editor counts them. */
function linesOf(name: string): number {
  return readFileSync(path.join(root, name), 'utf8').replace(/\n$/, '').split('\n').length;
}

function printSizes(): void {
  const ofProgram = files.filter((name) => name.startsWith('src/'));
  const lines = ofProgram.map(linesOf);
  printRows({
    'source files in src': ofProgram.length,
    'lines in src': lines.reduce((sum, count) => sum + count, 0),
    'folders in src': new Set(ofProgram.map((name) => path.posix.dirname(name))).size,
    [`files in src under ${SMALL_FILE} lines`]: lines.filter((count) => count < SMALL_FILE).length,
    'small files that could move': movableSmallFiles(textsOf(root, files)).filter(
      (name) => !name.startsWith('test/'),
    ).length,
  });
}

function printPorts(program: ReturnType<typeof programOf>): void {
  const taken = takenPorts(program, root);
  const wasteful = taken.filter(({ unused }) => unused.length > 0);
  const widths = taken.map(({ width }) => width);
  printRows({
    'parameters that take ports': taken.length,
    'of these, taking more than they use': wasteful.length,
    'ports and parts taken and not used': wasteful.reduce((sum, { unused }) => sum + unused.length, 0),
    'most ports and parts of one parameter': Math.max(...widths),
    'parameters with more than eight': widths.filter((width) => width > 8).length,
  });
  if (isListed) for (const { where, unused } of wasteful) console.log(where, unused.join(' '));
}

function printSources(program: ReturnType<typeof programOf>): void {
  const sources = [...ownFiles(program, root), ...pageSources(root)].map(([name, file]) => ({ name, file }));
  const lengths = sources.flatMap(({ file }) => functionLengths(file)).sort((a, b) => a - b);
  const ports = sources.flatMap(({ file }) => portSizes(file)).sort((a, b) => b.methods - a.methods);
  const starters = sources.filter(({ file }) => supervisesProcesses(file)).map(({ name }) => name);
  printRows({
    'interfaces of ports': ports.length,
    'largest port, methods of its own': `${ports[0]?.name} (${ports[0]?.methods})`,
    functions: lengths.length,
    'lines of a function: median, 90th percentile, longest': [0.5, 0.9, 1]
      .map((part) => lengths[Math.ceil(part * lengths.length) - 1])
      .join(', '),
    [`functions over ${LONG_FUNCTION} lines`]: lengths.filter((length) => length > LONG_FUNCTION).length,
    'conditional spreads': sources.flatMap(({ file }) => conditionalSpreads(file)).length,
    'files that supervise processes': `${starters.length}: ${starters.join(' ')}`,
  });
  if (!isListed) return;
  for (const { name, file } of sources) {
    const long = functionLengths(file).filter((length) => length > LONG_FUNCTION);
    if (long.length > 0) console.log(name, ...long);
  }
}

printSizes();
printRows({ 'circles of imports': (await circles()).length });
const program = programOf(root);
printSources(program);
printPorts(program);
