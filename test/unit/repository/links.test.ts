import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { readRepositoryFile, repositoryRoot } from '../../support/markdown-table.ts';

const skipped = new Set(['node_modules', 'dist', 'shared']);

/** Files below a folder of the repository, by path. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(repositoryRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name) || entry.name.startsWith('.')) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

const files = filesBelow('.');
const pages = files.filter((file) => file.endsWith('.md'));
const withoutCode = (page: string) => page.replace(/^```[^\n]*\n[\s\S]*?^```$/gm, '');

/** The anchors of a page, as GitHub makes them from its headings. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = withoutCode(readRepositoryFile(page)).matchAll(/^#+ (.*)$/gm);
  return new Set(
    [...headings].map(([, text = '']) =>
      text
        .toLowerCase()
        .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
        .replace(/\s/g, '-'),
    ),
  );
}

/** What is wrong with a relative link of a page. */
function faultOf(page: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(repositoryRoot, target))) return `${page}: ${link} does not exist`;
  if (anchor === undefined || !statSync(join(repositoryRoot, target)).isFile()) return undefined;
  return anchorsOf(target).has(anchor) ? undefined : `${page}: ${link} has no such heading`;
}

test('every relative link of every page leads to a file and to a heading', () => {
  const faults = pages.flatMap((page) =>
    [...withoutCode(readRepositoryFile(page)).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^(?:[a-z]+:|\/)/.test(link))
      .flatMap((link) => faultOf(page, link) ?? []),
  );
  expect(pages.length).toBeGreaterThan(50);
  expect(faults).toEqual([]);
});

test('every page that code, scripts and tests mention exists', () => {
  const sources = files.filter(
    (file) =>
      file !== 'test/unit/repository/asvs.test.ts' &&
      /^(?:src|scripts|test|deploy)\/.*\.(?:[cm]?[jt]sx?|sh|yml|sql|service)$/.test(file),
  );
  const missing = sources.flatMap((file) =>
    [...readRepositoryFile(file).matchAll(/\bdocs\/[a-z0-9/-]+(?:\.template)?\.md\b/g)]
      .map(([path]) => path)
      .filter((path) => !existsSync(join(repositoryRoot, path)))
      .map((path) => `${file}: ${path}`),
  );
  expect(missing).toEqual([]);
});
