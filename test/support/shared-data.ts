import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Real inputs, which are never part of the repository: the folder that NII_TEST_SHARED names, or one beside the checkout. */
const folder = process.env.NII_TEST_SHARED
  ? `${process.env.NII_TEST_SHARED}/`
  : fileURLToPath(new URL('../../../shared/data/', import.meta.url));

/**
 * True when the real inputs are here. Without them their tests are left out, with a line that says so: each syntax,
 * layout and quirk that they have is in a fixture of our own as well (inputs/, infer/foreign-models.ts). Where
 * NII_TEST_COMPLETE is set, nothing may be left out.
 */
export function hasSharedData(part: string): boolean {
  if (existsSync(`${folder}${part}`)) return true;
  if (process.env.NII_TEST_COMPLETE) throw new Error(`${folder}${part} must be there for a complete run`);
  console.log(`left out: what reads ${part} of the real inputs, which are not here`);
  return false;
}

export function sharedPath(part: string): string {
  return `${folder}${part}`;
}

export function readShared(part: string): Uint8Array {
  return new Uint8Array(readFileSync(sharedPath(part)));
}
