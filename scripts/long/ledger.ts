import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const ledger = path.join(root, 'docs/ledger.jsonl');

/** One finished slice; docs/testing.md says what each field means. */
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
