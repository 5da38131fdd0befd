import { execFileSync } from 'node:child_process';
import { lstatSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readRepositoryFile, repositoryRoot } from '../../support/markdown-table.ts';

const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: repositoryRoot, encoding: 'utf8' })
  .split('\0')
  .filter(
    (name) => name !== '' && lstatSync(`${repositoryRoot}${name}`, { throwIfNoEntry: false })?.isFile(),
  );

/** Not behind a letter, dot or brace: that would be the middle of a longer path or of an address. */
const machinePath = /(?<![\w.}\])-])\/(work|home|root)\/[a-z]/;

test('no tracked file holds a path of the machine that it was written on', () => {
  const found = tracked.flatMap((name) =>
    readFileSync(`${repositoryRoot}${name}`, 'latin1')
      .split('\n')
      .flatMap((line, i) => (machinePath.test(line) ? [`${name}:${i + 1}`] : [])),
  );
  expect(found).toEqual([]);
});

test('the pattern finds such a path in text, in quotes and in an address of a file', () => {
  const folder = ['', 'home', 'someone', 'scan'].join('/');
  for (const text of [folder, `see ${folder}.`, `'${folder}'`, `file://${folder}`]) {
    expect(machinePath.test(text), text).toBe(true);
  }
  expect(machinePath.test('https://example.org/work/plan')).toBe(false);
});

test('the lock file names no registry', () => {
  const { packages } = JSON.parse(readRepositoryFile('package-lock.json'));
  // a link is a folder of this repository
  const resolved = Object.entries<{ resolved?: string; link?: boolean }>(packages).filter(
    ([, { resolved, link }]) => resolved && link !== true,
  );
  expect(resolved.map(([name]) => name)).toEqual([]);
  expect(Object.keys(packages).length).toBeGreaterThan(100);
});

test('nothing that is built, installed or kept at run time is tracked', () => {
  expect(tracked.filter((name) => /^(node_modules|dist|data)\//.test(name))).toEqual([]);
});

test('no dependency of ours runs a script when it is installed', () => {
  const { packages } = JSON.parse(readRepositoryFile('package-lock.json'));
  const { allowScripts } = JSON.parse(readRepositoryFile('package.json'));
  const scripted = Object.entries<{ hasInstallScript?: boolean }>(packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([where]) => where.slice(where.lastIndexOf('node_modules/') + 'node_modules/'.length));
  expect(scripted.filter((name) => allowScripts[name] !== false)).toEqual([]);
});
