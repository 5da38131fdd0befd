import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ModelTrial } from '../../../../src/tools/models/try-model.ts';
import { customOperatorModel, hungryModel, nanModel } from '../../../support/infer/bad-models.ts';
import { familyModels } from '../../../support/infer/family-models.ts';
import { foreignSignatures, modelWith } from '../../../support/infer/foreign-models.ts';
import { manifestOf, opacityModel, slowModel } from '../../../support/infer/models.ts';
import { hasSharedData, sharedPath } from '../../../support/shared-data.ts';
import { openWorld, type World } from '../../../support/world.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

function fileOf(name: string, bytes: Uint8Array): string {
  const path = join(world.dir, name);
  writeFileSync(path, bytes);
  return path;
}

async function tried(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly trial: ModelTrial }> {
  const { code, out } = await world.nii('models', 'test', '--json', ...args);
  return { code, trial: JSON.parse(out) as ModelTrial };
}

test('nii models list shows what is installed, and how its output is read', async () => {
  const { code, out } = await world.nii('models', 'list', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toContainEqual(
    expect.objectContaining({ id: 'cargo-anomaly', version: '2', adapter: 'anomaly-map', task: 'anomaly' }),
  );
  expect((await world.nii('models', 'list')).out).toMatch(/^id +version +task +adapter/);
});

describe('nii models test', () => {
  test.each(familyModels.map((model, i) => ({ ...model, i })))(
    '$family: accepted, with its adapter, its tensors and the time of a run',
    async ({ i, file, adapter, task, inputName, beside = {} }) => {
      const folder = join(world.dir, `family-${i}`);
      mkdirSync(folder);
      writeFileSync(join(folder, 'best.onnx'), file);
      for (const [name, body] of Object.entries(beside))
        writeFileSync(join(folder, name), JSON.stringify(body));
      const { code, trial } = await tried(folder);
      expect(trial).toMatchObject({
        accepted: true,
        adapter,
        manifest: {
          schemaVersion: '1.1',
          task,
          file: 'best.onnx',
          input: { name: inputName },
          output: { adapter },
        },
        run: { milliseconds: expect.any(Number) },
      });
      expect(trial.inputs?.length).toBeGreaterThan(0);
      expect(code).toBe(0);
    },
  );

  test('a package is tried as it says, and one that contradicts its file is rejected', async () => {
    const file = opacityModel(2);
    const good = join(world.dir, 'good');
    mkdirSync(good);
    writeFileSync(join(good, 'model.onnx'), file);
    writeFileSync(join(good, 'model.json'), JSON.stringify(manifestOf(file)));
    expect(await tried(good)).toMatchObject({ code: 0, trial: { accepted: true, adapter: 'anomaly-map' } });
    writeFileSync(join(good, 'model.json'), JSON.stringify(manifestOf(new Uint8Array())));
    const { code, trial } = await tried(good);
    expect(code).toBe(3);
    expect(trial).toMatchObject({ accepted: false, problem: { code: 'NII_MODEL_INVALID' } });
  });

  test.each(foreignSignatures.map((signature, i) => ({ ...signature, i })))(
    '$kind is accepted, or rejected with each of its tensors',
    async (signature) => {
      const { code, trial } = await tried(fileOf(`foreign-${signature.i}.onnx`, modelWith(signature)));
      expect(code).toBe(trial.accepted ? 0 : 3);
      if (trial.accepted) return expect(trial.run).toBeDefined();
      // the heat map here is one pixel, which no map of an image is
      if (trial.adapter === 'anomaly-map') return expect(trial.problem?.code).toBe('NII_MODEL_OUTPUT');
      expect(trial.problem?.code).toBe('NII_MODEL_UNKNOWN');
      for (const name of [...Object.keys(signature.inputs), ...Object.keys(signature.outputs)])
        expect(trial.problem?.detail).toContain(name);
    },
  );

  test('a model that hangs, takes all memory, or is none, is rejected by code', async () => {
    const hangs = fileOf('hangs.onnx', slowModel(2, 1_000_000_000));
    expect(await tried('--timeout', '2', hangs)).toMatchObject({
      code: 3,
      trial: { accepted: false, problem: { code: 'NII_MODEL_TIMEOUT' }, adapter: 'anomaly-map' },
    });
    expect(await tried(fileOf('own.onnx', customOperatorModel()))).toMatchObject({
      code: 3,
      trial: { problem: { code: 'NII_MODEL_OPERATOR' }, inputs: [{ name: 'input' }] },
    });
    expect(await tried(fileOf('page.onnx', new TextEncoder().encode('<html>')))).toMatchObject({
      code: 3,
      trial: { problem: { code: 'NII_MODEL_INVALID' } },
    });
    expect((await tried(fileOf('nan.onnx', nanModel()))).code).toBe(0);
    expect((await tried(fileOf('eats.onnx', hungryModel(4)))).code).toBe(0);
  });

  test('the words for people name the tensors and the reason', async () => {
    const { code, out } = await world.nii('models', 'test', fileOf('own-2.onnx', customOperatorModel()));
    expect(code).toBe(3);
    expect(out).toContain('own-2.onnx: rejected');
    expect(out).toMatch(/rejected +NII_MODEL_OPERATOR: .*com\.example\.Secret/);
    const good = await world.nii('models', 'test', fileOf('good.onnx', opacityModel(2)));
    expect(good.out).toMatch(/adapter +anomaly-map\n +run +[\d.]+ ms on all-zero input: a map of/);
  });

  test('a path that is not there, and wrong operands, are said so', async () => {
    expect((await world.nii('models', 'test', join(world.dir, 'absent'))).err).toContain('NII_NOT_FOUND');
    expect((await world.nii('models', 'drop')).code).toBe(2);
    expect((await world.nii('models', 'test')).code).toBe(2);
  });
});

/** What each published model is; INDEX.tsv beside them says what it does. */
const published: Readonly<Record<string, string | null>> = {
  'ch_PP-OCRv4_det_infer.onnx': 'anomaly-map',
  'ch_PP-OCRv4_rec_infer.onnx': null,
  'light_resnet50.onnx': 'classifier',
  'light_shufflenet.onnx': 'classifier',
  'light_squeezenet.onnx': 'classifier',
  'mlsd_320x320_tiny.onnx': null,
  'mlsd_tiny_320_backbone.onnx': null,
  'mobilenet_v2_0.35_128_tfs_channel_first.onnx': 'classifier',
  'mobilenetv2_nsfwjs_features.onnx': null,
  'st_ssd_mobilenet_v1_025_256.onnx': null,
};

describe.skipIf(!hasSharedData('onnx'))('published models', () => {
  const files = hasSharedData('onnx')
    ? readdirSync(sharedPath('onnx')).filter((name) => name.endsWith('.onnx'))
    : [];

  test.each(files)(
    '%s is accepted with its adapter, or rejected with the list of its tensors',
    async (name) => {
      const { code, trial } = await tried(sharedPath(`onnx/${name}`));
      expect(trial.adapter ?? null).toBe(published[name]);
      expect(trial.accepted).toBe(published[name] !== null);
      expect(code).toBe(trial.accepted ? 0 : 3);
      if (!trial.accepted)
        for (const tensor of [...(trial.inputs ?? []), ...(trial.outputs ?? [])])
          expect(trial.problem?.detail).toContain(tensor.name);
    },
  );
});
