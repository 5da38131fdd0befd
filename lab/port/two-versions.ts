import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openOnnxRunner } from '../../src/adapters/onnx/runner.ts';
import type { ModelShelf } from '../../src/infer/installed/shelf.ts';
import { manifestOf, opacityModel } from '../../test/support/infer/models.ts';
import { shelfOf } from '../../test/support/infer/shelf.ts';

/** A model of which administrators may choose one version or the other. */
export interface TwoVersions {
  readonly shelf: ModelShelf;
  close(): Promise<void>;
}

/** Of channels that no scanner of a port has: the model can be loaded and chosen, and scores nothing. */
export async function openTwoVersions(): Promise<TwoVersions> {
  const folder = await mkdtemp(join(tmpdir(), 'nii-port-models-'));
  const packages = ['1', '2'].map(async (version) => {
    const file = opacityModel(1, undefined, undefined, Number(version));
    const path = join(folder, `${version}.onnx`);
    await writeFile(path, file);
    const { input, ...manifest } = manifestOf(file, { version });
    const channels = [{ kind: 'transmission' as const, energy: 'single' as const }];
    const pkg = { manifest: { ...manifest, input: { ...input, channels } }, path };
    return { pkg, runner: () => openOnnxRunner({ file: path }) };
  });
  const shelf = await shelfOf(await Promise.all(packages));
  return { shelf, close: () => rm(folder, { recursive: true }) };
}
