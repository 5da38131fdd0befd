import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const ledger = path.join(root, 'docs/ledger.jsonl');

/** One finished slice; docs/how-to/testing.md says what each field means. */
export interface LedgerLine {
  readonly commit: string;
  readonly seed: number;
  readonly part: string;
  readonly of?: string;
  readonly slice: number;
  readonly count: number;
  readonly faults: number;
  /** What the part measured, in its own words. */
  readonly figures?: unknown;
  readonly started: string;
  readonly seconds: number;
}

/** After this many days without a line, a part is overdue. */
const FRESH_DAYS = 30;

/** Which of these parts have no fresh line in the ledger, each with its last one. */
export function overdueParts(names: readonly string[], now: Date): readonly string[] {
  const lines: readonly LedgerLine[] = readFileSync(ledger, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  const earliest = new Date(now.getTime() - FRESH_DAYS * 24 * 3_600_000).toISOString();
  return names.flatMap((name) => {
    const last = lines
      .filter(({ part }) => part === name)
      .map(({ started }) => started)
      .toSorted()
      .at(-1);
    if (last === undefined) return [`${name} has never run`];
    return last < earliest ? [`${name} last ran on ${last.slice(0, 10)}`] : [];
  });
}

export function appendToLedger(line: LedgerLine): void {
  appendFileSync(ledger, `${JSON.stringify(line)}\n`);
}

/** The commit that is tried, with a plus where files differ from it; the ledger itself does not count. */
export function currentCommit(): string {
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' });
  const changed = git('status', '--porcelain')
    .split('\n')
    .some((line) => line !== '' && !line.endsWith('docs/ledger.jsonl'));
  return `${git('rev-parse', '--short=12', 'HEAD').trim()}${changed ? '+' : ''}`;
}
