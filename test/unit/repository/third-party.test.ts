import { expect, test } from 'vitest';
import { readRepositoryFile, tableRows } from '../../support/markdown-table.ts';

interface Package {
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const readPackage = (file: string): Package => JSON.parse(readRepositoryFile(file));
const stated = readPackage('package.json');
/** By the name in node_modules; a package under a name of our own is stated as `npm:name@version`. */
const versionsOf = (some: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(some).map(([name, version]) => [name, version.replace(/^npm:[a-z-]+@/, '')]),
  );
const [dependencies, devDependencies] = [versionsOf(stated.dependencies), versionsOf(stated.devDependencies)];
const page = readRepositoryFile('THIRD_PARTY.md');
const [, runTime = '', development = ''] = page.split(/^## /m);

const named = (section: string) => tableRows(section, (first) => /^[@a-z]/.test(first));

test.each([
  ['run time', runTime, dependencies],
  ['development', development, devDependencies],
])('every %s dependency is listed at its exact version, and no other is', (_, section, versions) => {
  const listed = named(section).map(([name, version]) => [name, version]);
  expect(Object.fromEntries(listed)).toEqual(versions);
  expect(listed).toHaveLength(Object.keys(versions).length);
});

test('every dependency is pinned to one version', () => {
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[a-z0-9.]+)?$/);
  }
});

test('every listed licence is the one that the installed package declares, and every package has its reason', () => {
  for (const [name = '', version, licence, reason] of [...named(runTime), ...named(development)]) {
    const installed = readPackage(`node_modules/${name}/package.json`);
    expect([installed.version, installed.license], name).toEqual([version, licence]);
    expect(reason?.length, name).toBeGreaterThan(10);
  }
});
