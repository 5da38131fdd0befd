import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NiiError } from '../../core/errors.ts';
import { exists } from '../../runtime/exists.ts';
import { type Expected, parseExpected } from './expected.ts';

export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The files of one scan, and what they must become. */
export interface Fixture {
  readonly name: string;
  readonly files: readonly NamedBytes[];
  readonly expected: Expected;
}

const EXPECTED_FILE = 'expected.json';

/** Every fixture of a package, in order of name; none where it has no such folder. @throws NII_CONFIG */
export async function fixturesIn(packageFolder: string): Promise<readonly Fixture[]> {
  const root = join(packageFolder, 'fixtures');
  if (!(await exists(root))) return [];
  const entries = await readdir(root, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(names.toSorted().map((name) => fixtureOf(join(root, name), name)));
}

async function fixtureOf(folder: string, name: string): Promise<Fixture> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== EXPECTED_FILE);
  return {
    name,
    files: await Promise.all(files.map((entry) => namedBytes(folder, entry.name))),
    expected: parseExpected(await jsonOf(folder, name), `fixture ${name}`),
  };
}

async function namedBytes(folder: string, name: string): Promise<NamedBytes> {
  return { name, bytes: new Uint8Array(await readFile(join(folder, name))) };
}

async function jsonOf(folder: string, name: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(folder, EXPECTED_FILE), 'utf8'));
  } catch (cause) {
    const detail = `fixture ${name}: ${EXPECTED_FILE} is missing or not JSON`;
    throw new NiiError('NII_CONFIG', { detail, cause });
  }
}
