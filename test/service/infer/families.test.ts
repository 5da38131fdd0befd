import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Check } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openOnnxRunner } from '../../../src/adapters/onnx/runner.ts';
import { Analysis } from '../../../src/core/case/finding.ts';
import type { LoadedModel, Tensor } from '../../../src/core/ports/inference.ts';
import { analyseScan } from '../../../src/infer/analyse.ts';
import {
  adapterOf,
  checkModel,
  identify,
  outputAdapters,
  recognise,
} from '../../../src/infer/fingerprint.ts';
import type { ModelJson, ModelManifest } from '../../../src/infer/manifest.ts';
import { inspectModel } from '../../../src/infer/onnx/inspect.ts';
import { loadModelPackages } from '../../../src/infer/packages.ts';
import { type FamilyModel, familyModels, type Place, SIDE } from '../../support/infer/family-models.ts';
import { manifestOf } from '../../support/infer/models.ts';
import { channelOf, viewOf, withPlanes } from '../../support/infer/scans.ts';

/** What holds for every family of exports, on a real model of its signature in the real runtime. */

const folder = mkdtempSync(join(tmpdir(), 'nii-families-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Of `model.json` for a model of this family; the file itself says how its output is read. */
function jsonOf({ file, task, inputName, channels }: FamilyModel, shape: ModelJson['shape']): ModelJson {
  const energies = channels === 2 ? (['high', 'low'] as const) : Array<'any'>(channels).fill('any');
  const { output: _, ...rest } = manifestOf(file);
  return {
    ...rest,
    schemaVersion: '1.1',
    task,
    input: {
      ...rest.input,
      name: inputName,
      channels: energies.map((energy) => ({ kind: 'transmission', energy })),
    },
    shape,
    thresholds: { map: 0.5, score: 0.5 },
  };
}

const tiles: ModelJson['shape'] = { kind: 'tiles', height: SIDE, width: SIDE, overlap: 8 };

/** A package on disk, as somebody would install it. @returns the folder of packages */
function install(model: FamilyModel, name: string, shape = tiles): string {
  const packages = join(folder, name);
  const at = join(packages, 'opacity/1');
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, 'model.onnx'), model.file);
  writeFileSync(join(at, 'model.json'), JSON.stringify(jsonOf(model, shape)));
  for (const [file, body] of Object.entries(model.beside ?? {}))
    writeFileSync(join(at, file), JSON.stringify(body));
  return packages;
}

/** Air in both energies, with a box that lets a quarter through. */
function scanOf(rows: number, columns: number) {
  const plane = new Uint16Array(rows * columns).fill(60_000);
  for (let row = 16; row < 48; row++) plane.fill(15_000, row * columns + 8, row * columns + 40);
  const channels = [channelOf(rows, columns), channelOf(rows, columns, { id: 'low', energy: 'low' })];
  return withPlanes(viewOf(channels), [plane, plane]);
}

const boxOf = ({ rows, columns }: Place, right = 0) => ({
  view: 'side',
  rowFrom: rows[0],
  rowTo: rows[1],
  columnFrom: columns[0] + right,
  columnTo: columns[1] + right,
});
const near = (score: number) => expect.closeTo(score, 5);

const named = familyModels.map((model, i) => ({ ...model, model, folderName: `family-${i}` }));

describe.each(named)('$family', ({ model, folderName }) => {
  let packages: string;
  let path: string;
  let manifest: ModelManifest;
  let loaded: LoadedModel;

  beforeAll(async () => {
    packages = install(model, folderName);
    const [pkg] = await loadModelPackages(packages);
    manifest = pkg!.manifest;
    path = pkg!.path;
    loaded = await openOnnxRunner({ file: path });
  });
  afterAll(() => loaded?.close());

  test('is recognised by its file alone, and the runtime sees the same tensors', async () => {
    const file = await inspectModel(path);
    expect(identify(file, 'x').adapter.name).toBe(model.adapter);
    expect(identify({ ...file, inputs: loaded.inputs, outputs: loaded.outputs }, 'x').output).toEqual(
      manifest.output,
    );
    expect(recognise(loaded, manifest)).toBe(adapterOf(manifest));
    expect(file.inputs.map(({ name, type }) => [name, type])).toEqual(
      loaded.inputs.map(({ name, type }) => [name, type]),
    );
  });

  test('no other family takes the file', async () => {
    const file = await inspectModel(path);
    const takers = outputAdapters.filter((adapter) => typeof adapter.identify(file) === 'object');
    // a map of anomalib 1 is a heat map too, and a map with its highest value is a score: the first one stands
    const both = ['anomalib-1', 'anomaly-map', 'score'];
    const others = takers.map(({ name }) => name).filter((name) => name !== model.adapter);
    expect(others.filter((name) => !(both.includes(name) && both.includes(model.adapter)))).toEqual([]);
    expect(takers[0]?.name).toBe(model.adapter);
  });

  test('what is found on a scan of one tile is where it is, with its label and score', async () => {
    const { analysis } = await analyseScan(loaded, scanOf(SIDE, SIDE), { manifest }, { timeoutMs: 20_000 });
    expect(Check(Analysis, analysis)).toBe(true);
    const found = analysis.findings.map(({ label, box, score }) => ({ label, box, score }));
    expect(found).toEqual(expectedOn(model));
    expect(analysis.units).toEqual([
      { unitId: 'u1', score: expectedOn(model)[0]?.score, anomalyPercentile: expect.any(Number) },
    ]);
    expect(analysis.alarm).toBe(true);
  });

  // only boxes of neighbouring tiles are joined
  const testBoxes = model.places === undefined ? undefined : test;
  testBoxes?.('in overlapping tiles each object is found once a place', async () => {
    const { analysis } = await analyseScan(loaded, scanOf(SIDE, 100), { manifest }, { timeoutMs: 20_000 });
    const boxes = analysis.findings.map(({ box }) => JSON.stringify(box)).sort();
    const wanted = [0, 36].flatMap((right) =>
      (model.places ?? []).map((place) => JSON.stringify(boxOf(place, right))),
    );
    expect(boxes).toEqual(wanted.sort());
  });

  test('an output that is no number, is missing or is of another rank is rejected by code', async () => {
    const adapter = adapterOf(manifest);
    const size = { rows: SIDE, columns: SIDE };
    const zeros = {
      shape: [1, model.channels, SIDE, SIDE],
      data: new Float32Array(model.channels * SIDE * SIDE),
    };
    const outputs = await loaded.run(adapter.feed(zeros, manifest), 20_000);
    expect(() => adapter.read(outputs, manifest, size)).not.toThrow();
    const read = Object.keys(outputs).filter((name) => isRead(name, manifest));
    expect(read.length).toBeGreaterThan(0);
    for (const name of read)
      for (const spoil of [withNan, withoutAxis, () => undefined]) {
        const spoilt = Object.fromEntries(
          Object.entries(outputs).flatMap(([key, tensor]) => {
            const changed = key === name ? spoil(tensor) : tensor;
            return changed === undefined ? [] : [[key, changed]];
          }),
        );
        expect(() => adapter.read(spoilt, manifest, size)).toThrow(
          expect.objectContaining({ code: 'NII_MODEL_OUTPUT' }),
        );
      }
  });

  test('tensors of another rank or type are no model of this family', () => {
    const adapter = adapterOf(manifest);
    for (const list of ['inputs', 'outputs'] as const)
      for (const [i, tensor] of loaded[list].entries()) {
        if (list === 'outputs' && !isRead(tensor.name, manifest)) continue;
        for (const changed of [
          { ...tensor, name: 'other' },
          { ...tensor, shape: [...tensor.shape, 7] },
        ]) {
          // class numbers of any rank are checked when they are read
          if (changed.name !== 'other' && tensor.type === 'int64' && list === 'outputs') continue;
          const signature = {
            inputs: loaded.inputs,
            outputs: loaded.outputs,
            [list]: loaded[list].with(i, changed),
          };
          expect(adapter.mismatch(signature, manifest), `${list} ${JSON.stringify(changed)}`).toEqual(
            expect.any(String),
          );
        }
      }
  });
});

/** An output that the package names; others are passed over. */
function isRead(name: string, { output }: ModelManifest): boolean {
  const { score: _, ...rest } = output.adapter === 'anomaly-map' ? output : { ...output, score: '' };
  return [...Object.values(rest), output.adapter === 'score' ? output.score : ''].includes(name);
}

function withNan({ shape, data }: Tensor): Tensor {
  return { shape, data: data.with(data.length - 1, Number.NaN) };
}

function withoutAxis({ data }: Tensor): Tensor {
  return { shape: [2, data.length / 2, 1, 1, 1], data };
}

function expectedOn({ places, image }: FamilyModel) {
  if (places !== undefined)
    return places.map((place) => ({ label: place.label, box: boxOf(place), score: near(place.score) }));
  if (image !== undefined)
    return [
      {
        label: image.label,
        box: { view: 'side', rowFrom: 0, rowTo: SIDE, columnFrom: 0, columnTo: SIDE },
        score: near(image.score),
      },
    ];
  return [{ label: 'anomaly', box: expect.objectContaining({ view: 'side' }), score: near(0.75) }];
}

describe('a whole image in one run', () => {
  const yolo = familyModels.find(({ adapter }) => adapter === 'yolo-8')!;
  const whole = (fit: 'letterbox' | 'stretch'): ModelJson['shape'] => ({
    kind: 'whole',
    height: SIDE,
    width: SIDE,
    fit,
  });

  async function found(fit: 'letterbox' | 'stretch', rows: number, columns: number) {
    const [pkg] = await loadModelPackages(install(yolo, `${fit}-${rows}-${columns}`, whole(fit)));
    const loaded = await openOnnxRunner({ file: pkg!.path });
    try {
      await checkModel(loaded, pkg!, 20_000);
      return (await analyseScan(loaded, scanOf(rows, columns), pkg!, { timeoutMs: 20_000 })).analysis;
    } finally {
      await loaded.close();
    }
  }

  test('in a letterbox: padding is taken off, and boxes end where the image ends', async () => {
    const { findings } = await found('letterbox', 64, 32);
    expect(findings.map(({ box }) => [box.rowFrom, box.rowTo, box.columnFrom, box.columnTo])).toEqual([
      [16, 48, 0, 24],
      [4, 20, 28, 32],
    ]);
  });

  test('stretched: each axis comes back by its own scale', async () => {
    const { findings } = await found('stretch', 64, 32);
    expect(findings.map(({ box }) => [box.rowFrom, box.rowTo, box.columnFrom, box.columnTo])).toEqual([
      [16, 48, 4, 20],
      [4, 20, 22, 30],
    ]);
  });

  test('a scan that would be coarser than the package allows is not analysed, with the reason', async () => {
    expect(await found('letterbox', 64, 128)).toMatchObject({
      status: 'not-analysed',
      reason: 'The whole image fits the model at 20.0 mm per pixel, but it needs 10 mm or less',
    });
  });
});
