import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Real inputs beside the checkout; never part of it. */
const folder = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

/**
 * True when the real inputs are here. Tests that need them skip with a clear line where they are not, and fail in CI.
 */
export function hasSharedData(part: string): boolean {
  if (existsSync(`${folder}${part}`)) return true;
  if (process.env.CI === 'true') throw new Error(`../shared/data/${part} must be there in CI`);
  console.log(`left out: ../shared/data/${part} is not there`);
  return false;
}

export function sharedPath(part: string): string {
  return `${folder}${part}`;
}

export function readShared(part: string): Uint8Array {
  return new Uint8Array(readFileSync(sharedPath(part)));
}
