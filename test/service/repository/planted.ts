import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { repositoryRoot } from '../../support/markdown-table.ts';

/**
 * Runs one of our checkers, with our settings, on a tree that holds only the given files; returns its exit code and what
 * it said. The tree lies outside the repository, so that nothing that runs beside this test sees what was planted.
 */
export function checkPlanted(
  files: Readonly<Record<string, string>>,
  settings: readonly string[],
  command: readonly string[],
): { readonly status: number | null; readonly said: string } {
  const tree = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'nii-planted-')));
  try {
    for (const name of settings) copyFileSync(`${repositoryRoot}${name}`, path.join(tree, name));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(tree, name)), { recursive: true });
      writeFileSync(path.join(tree, name), text);
    }
    const [script = '', ...args] = command;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [`${repositoryRoot}node_modules/${script}`, ...args],
      { cwd: tree, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
    );
    return { status, said: `${stdout}${stderr}` };
  } finally {
    rmSync(tree, { recursive: true });
  }
}
