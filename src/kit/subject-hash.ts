import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { ConverterPackage } from '../convert/registry.ts';
import { filesBelow, type Wanted } from './bounded-files.ts';
import type { NamedBytes } from './fixtures.ts';
import { sha256 } from './subject.ts';

/** One hash of named files: of each in turn its name, a zero byte, the SHA-256 of its bytes and a line feed. */
export class NamedHash {
  readonly #hash = createHash('sha256');

  add(name: string, hash: string): void {
    this.#hash.update(`${name}\0${hash}\n`);
  }

  /** Lower-case hexadecimal; nothing can be added any more. */
  hex(): string {
    return this.#hash.digest('hex');
  }
}

/** Adds the files of one case of an export, in the order given. */
export function addExported(hash: NamedHash, caseId: string, files: readonly NamedBytes[]): void {
  for (const { name, bytes } of files) hash.add(`${caseId}/${name}`, sha256(bytes));
}

/** Mounts that are made of links are common. */
const ofPackage: Wanted = {
  takes: (name) => name !== 'fixtures' && name !== 'node_modules' && !name.startsWith('.'),
  followsLinks: true,
};

/** Of all that the packages consist of but their fixtures, which the kit has. */
export async function hashOfPackages(packages: readonly ConverterPackage[]): Promise<string> {
  const hash = new NamedHash();
  for (const { manifest, folder } of packages) {
    for (const { name, path } of await filesBelow(folder, ofPackage)) {
      hash.add(`${manifest.id}/${name}`, await hashOfFile(path));
    }
  }
  return hash.hex();
}

async function hashOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}
