import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { sha256Hex, sha256OfFile } from '../../codec/sha256.ts';
import type { ConverterPackage } from '../../recognise/registry.ts';
import type { NamedBytes } from '../contract/fixtures.ts';
import { type FoundFile, filesBelow, type Wanted } from './bounded-files.ts';

/** One hash of named files: of each in turn its name, a zero byte, the SHA-256 of its bytes and a line feed. */
export class NamedHash {
  readonly #hash = createHash('sha256');

  add(name: string, hash: string): void {
    this.#hash.update(`${name}\0${hash}\n`);
  }

  /** Returns lower-case hexadecimal; nothing can be added afterwards. */
  hex(): string {
    return this.#hash.digest('hex');
  }
}

/** Adds the files of one case of an export, in the order given. */
export function addExported(hash: NamedHash, caseId: string, files: readonly NamedBytes[]): void {
  for (const { name, bytes } of files) hash.add(`${caseId}/${name}`, sha256Hex(bytes));
}

/** Mounts that are made of links are common. */
const everything: Wanted = { takes: () => true, followsLinks: true };

const isCode = (name: string) => /\.(?:[cm]?[jt]s|json|node|wasm)$/i.test(name);
/** What a reader may import from there is hashed; the rest are fixtures, which the kit has, and tools' own notes. */
const isCodeOnly = (name: string) => /^(?:fixtures\/|\.)/.test(name);
/** Where links repeat other files of the package: a mount's versions, named anew each time, and a package manager's commands. */
const isRepeating = (name: string) => /^(?:\.\.|node_modules\/\.bin\/)/.test(name);

/** Every file of a package that a reader may import, each by the names that it keeps from one mount to the next. */
async function filesOfPackage(folder: string): Promise<readonly FoundFile[]> {
  const found = await filesBelow(folder, everything);
  const wanted = found.filter(({ name }) => isCode(name) || !isCodeOnly(name));
  const kept = wanted.filter(({ name }) => !isRepeating(name));
  const hashed = new Set(await Promise.all(kept.map(({ path }) => realpath(path))));
  for (const file of wanted.filter(({ name }) => isRepeating(name))) {
    if (!hashed.has(await realpath(file.path))) kept.push(file);
  }
  return kept;
}

/** Of all that the packages consist of but the data among their fixtures. @throws NII_LIMIT_FILES, NII_LIMIT_DEPTH */
export async function hashOfPackages(packages: readonly ConverterPackage[]): Promise<string> {
  const hash = new NamedHash();
  for (const { manifest, folder } of packages) {
    for (const { name, path } of await filesOfPackage(folder)) {
      hash.add(`${manifest.id}/${name}`, await sha256OfFile(path));
    }
  }
  return hash.hex();
}
