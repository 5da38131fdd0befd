import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allCommands } from '../../../src/cli/index.ts';
import { readRepositoryFile, repositoryRoot } from '../../support/markdown-table.ts';

/** `npm install -g .` makes nii a command, without a registry. */

const prefix = mkdtempSync(join(tmpdir(), 'nii-global-'));
const nii = (...args: string[]) =>
  spawnSync(join(prefix, 'bin/nii'), args, { cwd: prefix, encoding: 'utf8' });

beforeAll(() => {
  const args = [
    'install',
    '--global',
    '.',
    '--prefix',
    prefix,
    '--offline',
    '--cache',
    join(prefix, 'cache'),
  ];
  const { status, stderr } = spawnSync('npm', args, { cwd: repositoryRoot, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
});
afterAll(() => rmSync(prefix, { recursive: true, force: true }));

test('nii --version says the version of package.json', () => {
  const { version } = JSON.parse(readRepositoryFile('package.json'));
  expect(nii('--version')).toMatchObject({ status: 0, stdout: `nii-hub ${version}\n` });
});

test('nii --help lists every command', async () => {
  const { status, stdout } = nii('--help');
  expect(status).toBe(0);
  const listed = await allCommands();
  expect(listed.length).toBeGreaterThan(10);
  expect(listed.filter(({ name }) => !stdout.includes(`\n  ${name} `))).toEqual([]);
});
