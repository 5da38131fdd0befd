import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { NiiError } from '../core/errors.ts';
import { installedPath } from '../runtime/installed.ts';

/** One bundled scan: a folder of files, and what the simulator hid in it. */
const BundledScan = Type.Object({
  folder: Type.String({ pattern: '^[a-z0-9-]+$' }),
  layout: Type.String(),
  anomalous: Type.Boolean(),
  anomalies: Type.Array(
    Type.Object({ kind: Type.String(), box: Type.Object({ left: Type.Number(), right: Type.Number() }) }),
  ),
  containers: Type.Array(Type.String(), { minItems: 1 }),
  cargo: Type.Array(Type.String()),
  columns: Type.Integer({ minimum: 1 }),
});
export type BundledScan = Static<typeof BundledScan>;

const Manifest = Type.Array(BundledScan);

export interface BundledFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export function bundleFolder(): string {
  return installedPath('fixtures/demo');
}

/** @throws NII_CONFIG when the bundle is not there or not as expected */
export async function readBundle(folder: string): Promise<readonly BundledScan[]> {
  const path = join(folder, 'manifest.json');
  if (!existsSync(path))
    throw new NiiError('NII_CONFIG', 'fixtures/demo is missing; the demo needs the whole repository');
  const value: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (Value.Check(Manifest, value)) return value;
  throw new NiiError('NII_CONFIG', 'fixtures/demo/manifest.json is invalid');
}

export async function filesOf(folder: string, scan: BundledScan): Promise<readonly BundledFile[]> {
  const dir = join(folder, scan.folder, 'files');
  const names = (await readdir(dir)).sort();
  return Promise.all(
    names.map(async (name) => ({ name, bytes: new Uint8Array(await readFile(join(dir, name))) })),
  );
}

/**
 * Whether the simulator hid something in this container. Of several on one lorry it is the one under the middle of
 * what was hidden, the picture shared out evenly: only the demo's own truth, no part of what the model sees.
 */
export function isAnomalous(scan: BundledScan, container: string | undefined): boolean {
  const place = container === undefined ? -1 : scan.containers.indexOf(container);
  if (scan.containers.length < 2 || place < 0) return scan.anomalous;
  const share = scan.columns / scan.containers.length;
  return scan.anomalies.some(({ box }) => Math.floor((box.left + box.right) / 2 / share) === place);
}
