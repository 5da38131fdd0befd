import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startProgram } from '../../../src/program.ts';
import { WHOLE_COLLECTIONS } from '../../../src/runtime/children/command-line.ts';
import { repositoryRoot } from '../../support/markdown-table.ts';

const program = join(repositoryRoot, 'dist/src/main.js');

test('the built program starts by its own first line, with the arguments of Node of the processes that it starts', () => {
  const built = spawnSync(process.execPath, ['scripts/build.mjs', '--if-stale'], { cwd: repositoryRoot });
  expect(built.status, String(built.stderr)).toBe(0);
  expect(readFileSync(program, 'utf8').split('\n')[0]).toBe(
    `#!/usr/bin/env -S node ${WHOLE_COLLECTIONS.join(' ')}`,
  );
  expect(spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout).toMatch(/^nii-hub \d/);
}, 120_000);

test('a worker that the service starts has them too', () => {
  const child = startProgram(['--version'], process.env, 'pipe');
  expect(child.spawnargs.slice(1, 1 + WHOLE_COLLECTIONS.length)).toEqual([...WHOLE_COLLECTIONS]);
});
