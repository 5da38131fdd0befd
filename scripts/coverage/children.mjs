import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { eachMapping, TraceMap } from '@jridgewell/trace-mapping';
import { root } from '../launch.mjs';

/** Ours in a child process is always built: the bundle of the sources, or dist/. Both have source maps beside them. */
const built = ['.cache/bundle', 'dist'].map((folder) => path.join(root, folder) + path.sep);

/** A report that was written so long ago is whole. */
const WRITTEN_MS = 5000;

/**
 * Lines of our sources that child processes ran, from the reports that Node writes into the folder that
 * NODE_V8_COVERAGE names. They are large and many, so `fold` adds up those that are whole and removes them.
 */
export function readChildren(folder) {
  const scripts = new Map();
  let reports = 0;
  const fold = (untilMs = Date.now() - WRITTEN_MS) => {
    for (const file of reportsIn(folder)) {
      if (statSync(file).mtimeMs > untilMs) continue;
      addReport(scripts, readReport(file));
      rmSync(file);
      reports += 1;
    }
  };
  const finish = () => {
    fold(Number.POSITIVE_INFINITY);
    const lines = new Map();
    for (const [file, ran] of scripts) addLines(lines, file, ran);
    return { lines, reports };
  };
  return { fold, finish };
}

function reportsIn(folder) {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.map((name) => path.join(folder, name));
}

/** A process that was killed while it wrote leaves a part of a report, which says nothing. */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).result;
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

/** Adds what ran of each script to what ran of it in other processes. */
function addReport(scripts, result) {
  for (const { url, functions } of result) {
    if (!url.startsWith('file://')) continue;
    const file = fileURLToPath(url);
    if (!built.some((place) => file.startsWith(place)) || !existsSync(`${file}.map`)) continue;
    const ran = ranOffsets(functions);
    const before = scripts.get(file);
    if (before === undefined) scripts.set(file, ran);
    else for (const [i, one] of ran.entries()) if (one === 1) before[i] = 1;
  }
}

/** For each character of a script whether it ran. The ranges of V8 are nested, the outer before the inner. */
function ranOffsets(functions) {
  const ranges = functions.flatMap((one) => one.ranges);
  const ran = new Uint8Array(Math.max(0, ...ranges.map(({ endOffset }) => endOffset)));
  const inOrder = ranges.toSorted((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  for (const { startOffset, endOffset, count } of inOrder)
    ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  return ran;
}

/** Line of a source is run when something that was made of it ran. */
function addLines(lines, file, ran) {
  const starts = lineStarts(readFileSync(file, 'utf8'));
  const map = new TraceMap(readFileSync(`${file}.map`, 'utf8'), file);
  eachMapping(map, ({ generatedLine, generatedColumn, source, originalLine }) => {
    if (source === null || ran[(starts[generatedLine - 1] ?? 0) + generatedColumn] !== 1) return;
    const name = path.relative(root, source.startsWith('file://') ? fileURLToPath(source) : source);
    if (!lines.has(name)) lines.set(name, new Set());
    lines.get(name).add(originalLine);
  });
}

function lineStarts(text) {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
