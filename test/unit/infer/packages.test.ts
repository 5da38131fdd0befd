import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { isNiiError } from '../../../src/core/errors.ts';
import { type ModelManifest, parseManifest } from '../../../src/infer/manifest.ts';
import { loadModelPackages } from '../../../src/infer/packages.ts';
import { manifestOf, opacityModel } from '../../support/infer/models.ts';

const model = opacityModel(2);
const made: string[] = [];

/** A folder of models with the given files. */
function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'nii-models-'));
  made.push(folder);
  for (const [name, body] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), body);
  }
  return folder;
}

function packageFiles(
  changes: Partial<ModelManifest> = {},
  folder?: string,
): Record<string, string | Uint8Array> {
  const manifest = manifestOf(model, changes);
  const at = folder ?? `${manifest.id}/${manifest.version}`;
  return { [`${at}/model.json`]: JSON.stringify(manifest), [`${at}/model.onnx`]: model };
}

async function refusalOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const error: unknown = await loadModelPackages(folderOf(files)).catch((e: unknown) => e);
  if (!isNiiError(error, 'NII_MODEL_INVALID') && !isNiiError(error, 'NII_MODEL_EXTERNAL_DATA')) throw error;
  return error.message;
}

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

describe('model packages', () => {
  test('are read in order of id and version, and folders without a model are passed over', async () => {
    const folder = folderOf({
      ...packageFiles({ version: '10' }),
      ...packageFiles({ version: '2' }),
      ...packageFiles({ id: 'alpha' }),
      'training/notes/README.md': 'how it was trained',
      'README.md': 'about this folder',
    });
    const packages = await loadModelPackages(folder);
    const names = packages.map(({ manifest }) => `${manifest.id}/${manifest.version}`);
    expect(names).toEqual(['alpha/1', 'opacity/2', 'opacity/10']);
    expect(packages[0]!.path).toBe(join(folder, 'alpha/1/model.onnx'));
  });

  test('of a second folder join, but the same one twice is refused', async () => {
    const first = folderOf(packageFiles());
    const names = (await loadModelPackages(first, folderOf(packageFiles({ version: '2' })))).length;
    expect(names).toBe(2);
    await expect(loadModelPackages(first, folderOf(packageFiles()))).rejects.toThrow(
      'opacity/1: is installed twice',
    );
  });

  test('a changed byte of the model is found', async () => {
    const changed = Uint8Array.from(model);
    changed[100]! ^= 1;
    const message = await refusalOf({ ...packageFiles(), 'opacity/1/model.onnx': changed });
    expect(message).toMatch(
      /^opacity\/1: 'model.onnx' has SHA-256 [0-9a-f]{64}, but model.json says [0-9a-f]{64}$/,
    );
  });

  test.each([
    ['the folder has another id', packageFiles({}, 'other/1'), /id is 'opacity', but the folder has 'other'/],
    [
      'the folder has another version',
      packageFiles({}, 'opacity/2'),
      /version is '1', but the folder has '2'/,
    ],
    ['the manifest is missing', { 'opacity/1/model.onnx': model }, /without model.json/],
    ['the manifest is no JSON', { 'opacity/1/model.json': '{' }, /not JSON/],
    ['the model file is missing', packageFiles({ file: 'other.onnx' }), /'other.onnx' is absent/],
    [
      'weights lie outside',
      { ...packageFiles(), 'opacity/1/model.onnx.data': 'w' },
      /model.onnx.data' is beside the model/,
    ],
    ['the file is elsewhere', packageFiles({ file: '../model.onnx' }), /\/file/],
  ])('are refused in one line when %s', async (_, files, reason) => {
    const message = await refusalOf(files);
    expect(message).toMatch(reason);
    expect(message).not.toContain('\n');
    expect(message).not.toContain(tmpdir());
  });

  test('without the folder the start-up is refused', async () => {
    await expect(loadModelPackages(join(tmpdir(), 'absent-folder'))).rejects.toMatchObject({
      code: 'NII_MODEL_INVALID',
    });
  });
});

describe('model.json', () => {
  const good = manifestOf(model);

  test('that is good is taken as it is', () => {
    expect(parseManifest(structuredClone(good), 'x')).toEqual(good);
  });

  test.each([
    ['an unknown field', { ...good, extra: 1 }, /\/extra is not a field/],
    ['another schema version', { ...good, schemaVersion: '2.0' }, /\/schemaVersion/],
    ['scores out of order', withReference([0.2, 0.1], 2), /rising order/],
    ['a count below its scores', withReference([0.1, 0.2], 1), /count is less/],
    ['no scores', withReference([], 1), /\/reference\/scores/],
    ['a mean for one of two channels', { ...good, input: { ...good.input, mean: [1] } }, /input.mean/],
    ['a standard deviation of zero', { ...good, input: { ...good.input, std: [1, 0] } }, /\/input\/std/],
    [
      'too much overlap',
      { ...good, shape: { kind: 'tiles', height: 64, width: 32, overlap: 17 } },
      /half a tile/,
    ],
    [
      'buckets above the limit',
      { ...good, shape: { kind: 'buckets', multipleOf: 32, minimum: 64, maximumPixels: 4000 } },
      /smallest bucket/,
    ],
    ['a pitch of zero', { ...good, input: { ...good.input, pitchMm: 0 } }, /\/input\/pitchMm/],
  ])('with %s is refused naming it', (_, value, reason) => {
    expect(() => parseManifest(value, 'opacity/1')).toThrow(reason);
  });

  test('any field removed, or of another type, is refused by code or was optional', () => {
    const fields = Object.keys(good) as (keyof ModelManifest)[];
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.jsonValue(), (field, other) => {
        const changed: Record<string, unknown> = { ...good, [field]: other };
        try {
          expect(parseManifest(changed, 'x')).toEqual(changed);
        } catch (error) {
          expect(isNiiError(error, 'NII_MODEL_INVALID')).toBe(true);
        }
        const { [field]: _, ...rest } = good;
        expect(() => parseManifest(rest, 'x')).toThrow(/^x: model.json/);
      }),
    );
  });

  function withReference(scores: number[], count: number): ModelManifest {
    return { ...good, reference: { population: 'p', count, scores } };
  }
});
