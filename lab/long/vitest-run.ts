import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly string[];
}

export interface TestRun {
  readonly passed: number;
  /** One line each; also when the run broke off. */
  readonly faults: readonly string[];
  /** What a test wrote into the file of NII_TEST_FIGURES. */
  readonly figures?: unknown;
}

/** Runs tests as `npm test` does. The output of a run with faults is kept in the folder. */
export async function runTests(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  keep: string,
): Promise<TestRun> {
  const folder = mkdtempSync(path.join(tmpdir(), 'nii-long-'));
  const counts = path.join(folder, 'counts');
  const figures = path.join(folder, 'figures');
  try {
    const child = spawn(process.execPath, [vitest, 'run', ...args], {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1', ...env, NII_TEST_COUNTS: counts, NII_TEST_FIGURES: figures },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => output.push(chunk));
    const [code] = await once(child, 'close');
    const run = judge(readJson<Counts>(counts), code);
    if (run.faults.length > 0) writeFileSync(path.join(keep, `${Date.now()}.log`), Buffer.concat(output));
    const measured = readJson(figures);
    return measured === undefined ? run : { ...run, figures: measured };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8').trim());
  } catch {
    return undefined;
  }
}

function judge(counts: Counts | undefined, code: unknown): TestRun {
  if (counts === undefined) return { passed: 0, faults: [`the tests broke off with ${code}`] };
  const { passed, failures } = counts;
  if (failures.length > 0) return { passed, faults: failures };
  if (code !== 0) return { passed, faults: [`the tests ended with ${code}, and no test failed`] };
  return { passed, faults: passed > 0 ? [] : ['no test ran'] };
}
