import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Place of a sidecar in fixtures/vendor-xml. */
export function sidecarPath(name: string): string {
  return fileURLToPath(new URL(`../../../fixtures/vendor-xml/${name}`, import.meta.url));
}

export function readSidecar(name: string): Uint8Array {
  return new Uint8Array(readFileSync(sidecarPath(name)));
}
