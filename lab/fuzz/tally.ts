/** What a run has seen so far. */
export interface Tally {
  inputs: number;
  /** Processor time of the slowest input, and its number. */
  slowestMs: number;
  slowestIndex: number;
  /** Largest growth of resident memory during one input. */
  largestBytes: number;
  /** `scan` or a code -> how often. */
  words: Record<string, number>;
}

const faultKinds = ['crash', 'hang', 'slow', 'memory'] as const;
export type FaultKind = (typeof faultKinds)[number];

/** One input that did what no input may do. */
export interface Fault {
  readonly kind: FaultKind;
  readonly target: string;
  readonly seed: number;
  readonly index: number;
  readonly what: string;
  readonly detail: string;
}

export interface TargetResult extends Tally {
  readonly target: string;
  readonly seed: number;
  readonly seconds: number;
  readonly faults: readonly Fault[];
}

export function emptyTally(): Tally {
  return { inputs: 0, slowestMs: 0, slowestIndex: 0, largestBytes: 0, words: {} };
}

export function addUp(a: Tally, b: Tally): Tally {
  const words = { ...a.words };
  for (const [word, count] of Object.entries(b.words)) words[word] = (words[word] ?? 0) + count;
  return {
    inputs: a.inputs + b.inputs,
    slowestMs: Math.max(a.slowestMs, b.slowestMs),
    slowestIndex: a.slowestMs >= b.slowestMs ? a.slowestIndex : b.slowestIndex,
    largestBytes: Math.max(a.largestBytes, b.largestBytes),
    words,
  };
}

function faultsOfKind({ faults }: Pick<TargetResult, 'faults'>, kind: FaultKind): number {
  return faults.filter((fault) => fault.kind === kind).length;
}

const columns = [
  'package',
  'inputs',
  'scans',
  'slowest ms',
  'its number',
  'largest MiB',
  'crashes',
  'hangs',
  'slow',
  'memory',
] as const;

/** A line a target, and beneath the codes that were seen. */
export function tableOf(results: readonly TargetResult[]): string {
  const rows = results.map((result) => [
    result.target,
    String(result.inputs),
    String(result.words.scan ?? 0),
    result.slowestMs.toFixed(0),
    String(result.slowestIndex),
    (result.largestBytes / 1024 / 1024).toFixed(0),
    ...faultKinds.map((kind) => String(faultsOfKind(result, kind))),
  ]);
  const widths = columns.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const lines = [columns, ...rows].map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
  const codes = results.map(({ target, words }) => `${target}: ${wordsText(words)}`);
  return [...lines, '', ...codes].join('\n');
}

function wordsText(words: Readonly<Record<string, number>>): string {
  return Object.entries(words)
    .toSorted(([, a], [, b]) => b - a)
    .map(([word, count]) => `${word} ${count}`)
    .join(', ');
}
