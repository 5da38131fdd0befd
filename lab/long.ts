/**
 * `npm run long`: what takes hours, in slices of a minute or a few, part by part in turns. Goes on where the last run
 * stopped, and appends a line to docs/ledger.jsonl for each finished slice. Ends non-zero when one had a fault.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect, parseArgs } from 'node:util';
import { defined } from '../src/core/defined.ts';
import { codec } from './long/codec.ts';
import { fuzz } from './long/fuzz.ts';
import { fuzzInterface } from './long/fuzz-http.ts';
import { appendToLedger, currentCommit, type LedgerLine, overdueParts } from './long/ledger.ts';
import type { Part, SliceResult, SliceTask } from './long/part.ts';
import { port } from './long/port.ts';
import { siege } from './long/siege.ts';
import { soak } from './long/soak.ts';
import { keepFolder, readState, writeState } from './long/state.ts';
import { killFolder, killS3, order, properties, searches } from './long/tests.ts';

/** What a long run does, in turns. Another part is one more entry. */
const parts: readonly Part[] = [
  fuzz,
  codec,
  fuzzInterface,
  port,
  killFolder,
  killS3,
  soak,
  siege,
  properties,
  order,
  ...searches,
];

const width = Math.max(...parts.map(({ name }) => name.length));
const help = `npm run long -- [options]

  --part NAME      only this part (may be repeated)
  --minutes N      begins no slice after so many minutes (60); a slice that has begun is finished
  --slice SECONDS  length of a slice, where a part can choose (60)
  --seed N         begins the parts anew with this seed; without it each goes on where it stopped
  --overdue        only names the parts without a line in docs/ledger.jsonl for 30 days
  --json           progress and results as JSON, one line each
  --help           this text

Parts
${parts.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n')}`;

const { values } = parseArgs({
  options: {
    part: { type: 'string', multiple: true },
    minutes: { type: 'string', default: '60' },
    slice: { type: 'string', default: '60' },
    seed: { type: 'string' },
    overdue: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function stop(message: string): never {
  console.error(message);
  process.exit(2);
}

function positive(name: string, written: string): number {
  const value = Number(written);
  return value > 0 ? value : stop(`--${name} takes a number above 0, not ${written}`);
}

function wholeSeed(written: string): number {
  const value = Number(written);
  return Number.isSafeInteger(value) && value >= 0
    ? value
    : stop(`--seed takes a whole number, not ${written}`);
}

function say(event: Readonly<Record<string, unknown>>, text: string): void {
  const at = new Date().toISOString();
  console.log(values.json ? JSON.stringify({ at, ...event }) : `${at.slice(11, 19)}  ${text}`);
}

function chosenParts(): readonly Part[] {
  const names = parts.map(({ name }) => name);
  const unknown = values.part?.find((name) => !names.includes(name));
  if (unknown !== undefined) stop(`no part is called ${unknown}: use ${names.join(', ')}`);
  const wanted = parts.filter(({ name }) => values.part?.includes(name) ?? true);
  return wanted.filter(({ name, missing }) => {
    const why = missing?.();
    if (why !== undefined) say({ event: 'left out', part: name, why }, `${name} is left out: ${why}`);
    return why === undefined;
  });
}

/** A slice that could not do its work is a fault, and the next one goes on from the same cursor. */
async function resultOf(part: Part, task: SliceTask): Promise<SliceResult> {
  try {
    return await part.slice(task);
  } catch (error) {
    const text = inspect(error);
    appendFileSync(path.join(task.keep, 'errors.log'), `${new Date().toISOString()} ${text}\n`);
    return { count: 0, faults: [text.split('\n', 1)[0] ?? text], cursor: task.cursor };
  }
}

/** Some parts run the built program, which has to be that of these sources. */
function buildProgram(): void {
  const script = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));
  const { status } = spawnSync(process.execPath, [script, '--if-stale'], { stdio: ['ignore', 2, 2] });
  if (status !== 0) stop('the build failed');
}

/** Runs the next slice of a part, and writes down what came of it. @returns how many faults it had */
async function runSlice(part: Part, seconds: number): Promise<number> {
  const { name } = part;
  const state = readState(name) ?? { seed: 1, slices: 0 };
  const started = new Date();
  const commit = currentCommit();
  const { seed, slices, cursor } = state;
  say({ event: 'slice', part: name, slice: slices, seed }, `${name}, slice ${slices}, seed ${seed}`);
  const progress = (text: string) => say({ event: 'progress', part: name, text }, `${name}: ${text}`);
  const task = { seed, number: slices, seconds, cursor, keep: keepFolder(name), progress };
  const { count, faults, figures, of, cursor: next } = await resultOf(part, task);
  const line: LedgerLine = {
    ...{ commit, seed, part: name, ...defined({ of }), slice: slices, count, faults: faults.length },
    ...defined({ figures }),
    ...{ started: started.toISOString(), seconds: Math.round((Date.now() - started.getTime()) / 1000) },
  };
  appendToLedger(line);
  writeState(name, { seed, slices: slices + 1, ...defined({ cursor: next }) });
  const where = of === undefined ? name : `${name} of ${of}`;
  say(
    { event: 'done', ...line },
    `${where}: ${count} ${part.unit}, ${faults.length} faults, ${line.seconds} s`,
  );
  for (const fault of faults) say({ event: 'fault', part: name, fault }, `  fault: ${fault}`);
  if (faults.length > 0) say({ event: 'kept', folder: task.keep }, `  details: ${task.keep}`);
  return faults.length;
}

/** The part whose turn it is, over all runs of this machine. */
function leastFinished(chosen: readonly Part[]): Part | undefined {
  const slices = ({ name }: Part) => readState(name)?.slices ?? 0;
  return chosen.toSorted((a, b) => slices(a) - slices(b))[0];
}

async function runLong(): Promise<void> {
  const end = Date.now() + positive('minutes', values.minutes) * 60_000;
  const seconds = positive('slice', values.slice);
  const chosen = chosenParts();
  if (chosen.length === 0) stop('no part can run here');
  if (values.seed !== undefined)
    for (const { name } of chosen) writeState(name, { seed: wholeSeed(values.seed), slices: 0 });
  buildProgram();
  let faults = 0;
  do {
    const part = leastFinished(chosen);
    if (part !== undefined) faults += await runSlice(part, seconds);
  } while (Date.now() < end);
  say({ event: 'end', faults }, `${faults} faults`);
  process.exitCode = faults === 0 ? 0 : 1;
}

function printOverdue(): void {
  const names = parts.map(({ name }) => name);
  for (const text of overdueParts(names, new Date())) console.log(`overdue: npm run long: ${text}`);
}

if (values.help) console.log(help);
else if (values.overdue) printOverdue();
else await runLong();
