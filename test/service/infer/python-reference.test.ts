import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { openOnnxRunner } from '../../../src/adapters/onnx/runner.ts';
import type { LoadedModel, Tensor } from '../../../src/core/ports/inference.ts';
import { hasPython } from '../../support/dicom-tools.ts';
import { familyModels } from '../../support/infer/family-models.ts';
import { seededRandom } from '../../support/random.ts';
import { hasSharedData, sharedPath } from '../../support/shared-data.ts';

/** Our runner in Node beside Debian's onnxruntime for Python, an older version built by others, on the same numbers. */

const LARGEST_DIFFERENCE = 1e-4;
/** Free axes but the first: what the shipped model asks for divides by 32. */
const FREE = [320, 512] as const;

const folder = mkdtempSync(join(tmpdir(), 'nii-python-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const shipped = fileURLToPath(new URL('../../../models/cargo-anomaly/', import.meta.url));
const models = [
  ...readdirSync(shipped).map((version) => ({
    name: `cargo-anomaly ${version}`,
    path: join(shipped, version, 'model.onnx'),
  })),
  ...familyModels.map(({ family, file }, i) => ({
    name: family,
    path: written(`family-${i}.onnx`, file),
  })),
  ...(hasSharedData('onnx/INDEX.tsv')
    ? readdirSync(sharedPath('onnx'))
        .filter((file) => file.endsWith('.onnx'))
        .map((file) => ({ name: file, path: sharedPath(`onnx/${file}`) }))
    : []),
];

/** Transmissions between 0 and 1 for every input, the same in each run. */
function inputsOf({ inputs }: LoadedModel): Record<string, Tensor> {
  const random = seededRandom(7);
  return Object.fromEntries(
    inputs.map(({ name, shape }) => {
      let free = 0;
      const sides = shape.map((axis, i) => {
        if (typeof axis === 'number' && axis > 0) return axis;
        return i === 0 ? 1 : i === 1 ? 3 : (FREE[free++ % 2] ?? 1);
      });
      const data = Float32Array.from({ length: sides.reduce((a, b) => a * b, 1) }, random);
      return [name, { shape: sides, data }];
    }),
  );
}

interface Run {
  readonly name: string;
  readonly path: string;
  readonly inputs: Record<string, Tensor>;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

async function ran({ name, path }: { name: string; path: string }): Promise<Run> {
  const runner = await openOnnxRunner({ file: path });
  try {
    const inputs = inputsOf(runner);
    return { name, path, inputs, outputs: await runner.run(inputs, 60_000) };
  } finally {
    await runner.close();
  }
}

function byPython(runs: readonly Run[]): readonly Record<string, readonly [number[], string]>[] {
  const cases = runs.map(({ path, inputs, outputs }, number) => ({
    model: path,
    folder,
    outputs: Object.keys(outputs),
    inputs: Object.entries(inputs).map(([name, { shape, data }], i) => ({
      name,
      shape,
      file: written(`input-${number}-${i}`, new Uint8Array(data.buffer)),
    })),
  }));
  const script = fileURLToPath(new URL('onnx-reference.py', import.meta.url));
  const python = spawnSync('/usr/bin/python3', [script], { input: JSON.stringify(cases), encoding: 'utf8' });
  // Debian's build complains of each operator that it registers twice, and goes on
  const complaints = python.stderr
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('Schema error'));
  expect(python.status, complaints.join('\n')).toBe(0);
  return JSON.parse(python.stdout);
}

/** Of the answers of a model: a difference says little where they are all the same. */
const rangeOf = (values: Float32Array) =>
  values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY) -
  values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);

function largestDifference(ours: Float32Array, path: string): number {
  const bytes = readFileSync(path);
  const theirs = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  expect(theirs).toHaveLength(ours.length);
  return ours.reduce((most, value, i) => Math.max(most, Math.abs(value - (theirs[i] ?? Number.NaN))), 0);
}

test.runIf(hasPython('numpy', 'onnxruntime'))(
  `every model answers as in Python, to ${LARGEST_DIFFERENCE}`,
  async () => {
    const runs: Run[] = [];
    for (const model of models) runs.push(await ran(model));
    const answers = byPython(runs);
    expect(answers).toHaveLength(models.length);
    const differences = runs.map(({ name, outputs }, i) => {
      const each = Object.entries(outputs).map(([output, { shape, data }]) => {
        const [theirShape, path] = answers[i]?.[output] ?? [[], ''];
        expect(theirShape, `${name}: ${output}`).toEqual(shape);
        return largestDifference(data, path);
      });
      const ranges = Object.values(outputs).map(({ data }) => rangeOf(data).toExponential(1));
      console.log(`${name}: ${each.map((one, i) => `${one.toExponential(1)} of ${ranges[i]}`).join(', ')}`);
      return Math.max(...each);
    });
    expect(Math.max(...differences)).toBeLessThanOrEqual(LARGEST_DIFFERENCE);
  },
);
