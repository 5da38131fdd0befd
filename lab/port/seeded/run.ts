/** Runs the adversary against a copy of the service in which one rule is switched off. */
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { SeededFault } from './faults.ts';

export interface Outcome {
  readonly name: string;
  /** The kind of fault that the adversary saw; undefined: it saw none. */
  readonly found: string | undefined;
  readonly seconds: number;
  readonly acts: number;
}

/** What a copy shares with the repository, and what it does not need. */
const shared = new Set(['node_modules', 'dist']);
const left = new Set(['.git', '.cache', 'shared', 'docs', 'training']);

/** The text of a file without the rule. @throws where the rule does not occur once */
export function withoutRule(source: string, { name, file, rule, without }: SeededFault): string {
  const parts = source.split(rule);
  if (parts.length === 2) return parts.join(without);
  throw new Error(`${file} has the rule of "${name}" ${parts.length - 1} times: it must occur once`);
}

/** A copy of the repository in which files may be changed. The caller removes it. */
export async function copyRepository(from: string): Promise<string> {
  const copy = await mkdtemp(path.join(tmpdir(), 'nii-seeded-'));
  for (const name of await readdir(from)) {
    if (left.has(name)) continue;
    if (shared.has(name)) await symlink(path.join(from, name), path.join(copy, name));
    else await cp(path.join(from, name), path.join(copy, name), { recursive: true });
  }
  return copy;
}

export const removeCopy = (copy: string): Promise<void> => rm(copy, { recursive: true, force: true });

/** Plays until the fault shows, or so many seconds. */
export async function findFault(
  copy: string,
  fault: SeededFault,
  { seed, seconds }: { readonly seed: number; readonly seconds: number },
): Promise<Outcome> {
  const file = path.join(copy, fault.file);
  const source = await readFile(file, 'utf8');
  await writeFile(file, withoutRule(source, fault));
  const started = Date.now();
  try {
    const report = await playIn(copy, ['--seed', String(seed), '--seconds', String(seconds)]);
    const found = report.faults.find(({ open }) => open === undefined)?.kind;
    const elapsed = Math.round((Date.now() - started) / 1000);
    return { name: fault.name, found, seconds: elapsed, acts: report.acts };
  } finally {
    await writeFile(file, source);
  }
}

interface Played {
  readonly acts: number;
  readonly faults: readonly { readonly kind: string; readonly open?: string }[];
}

async function playIn(copy: string, options: readonly string[]): Promise<Played> {
  const command = ['--import', 'tsx', 'lab/port.ts', '--first', '--shrink', '0', '--json', ...options];
  const child = spawn(process.execPath, command, { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, told] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const from = out.indexOf('{');
  if (from === -1) throw new Error(`The adversary did not report: ${told.slice(-2000)}`);
  return JSON.parse(out.slice(from)); // as toJson of report.ts makes it
}
