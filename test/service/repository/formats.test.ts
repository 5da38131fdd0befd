import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

test('docs/reference/formats.md and the ratings are what the contract suite and the manifests give', () => {
  const run = () =>
    execFileSync(process.execPath, ['--import', 'tsx', 'scripts/formats.ts', '--check'], { cwd: root });
  expect(run).not.toThrow();
});

test('the template holds no rating', () => {
  const template = readFileSync(`${root}docs/reference/formats.template.md`, 'utf8');
  expect(template).not.toMatch(/^\| \[/m);
});
