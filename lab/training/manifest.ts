/** model.json of a file that export.py wrote. What scores it gives is found out after that, by reference.ts. */
import { basename, dirname, join, resolve } from 'node:path';
import { sha256OfFile } from '../../src/codec/sha256.ts';
import { loadKinds } from '../../src/core/case/finding.ts';
import { type ModelManifest, parseManifest } from '../../src/infer/manifest.ts';
import { inspectModel } from '../../src/infer/onnx/inspect.ts';

const FILE = 'model.onnx';
/** As export.py names them. */
const OUTPUT = { adapter: 'anomaly-map', map: 'anomaly_map', score: 'pred_score' } as const;

/**
 * The manifest of FOLDER/model.onnx, id and version by the folder's place. Its reference is empty, so that every object
 * is scored, and each says what its load looks like.
 */
export async function manifestOf(folder: string): Promise<ModelManifest> {
  const path = resolve(folder);
  const file = join(path, FILE);
  const energies = await energiesOf(file);
  const manifest = {
    schemaVersion: '1.1',
    id: basename(dirname(path)),
    version: basename(path),
    title: `Unusual places in cargo, ${energies.length === 2 ? 'dual' : 'single'} energy (demonstration, trained on simulated scans only)`,
    task: 'anomaly',
    file: FILE,
    sha256: await sha256OfFile(file),
    licence: 'Apache-2.0',
    input: {
      name: 'input',
      channels: energies.map((energy) => ({ kind: 'transmission', energy })),
      units: 'transmission',
      pitchMm: 11,
      pad: 1,
      invalid: 'neighbour-mean',
    },
    shape: { kind: 'buckets', multipleOf: 32, minimum: 64, maximumPixels: 4_000_000 },
    output: OUTPUT,
    thresholds: { map: 1, score: 1 },
    reference: {
      population: 'none',
      count: 1,
      scores: [0],
      within: 'hold',
      loads: loadKinds.map((load) => ({ load, scores: [0] })),
    },
  };
  return { ...parseManifest(manifest, path), output: OUTPUT };
}

/** What the channels of the file's input stand for. */
async function energiesOf(file: string): Promise<readonly ('high' | 'low' | 'single')[]> {
  const { inputs } = await inspectModel(file);
  const channels = inputs[0]?.shape[1];
  if (channels === 1) return ['single'];
  if (channels === 2) return ['high', 'low'];
  throw new Error(`${file}: its input has ${channels} channels; 1 and 2 are known`);
}
