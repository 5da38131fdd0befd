import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openOnnxRunner } from '../../../../src/adapters/onnx/runner.ts';
import { testGolden } from '../../../../src/infer/installed/golden.ts';
import { ModelShelf } from '../../../../src/infer/installed/shelf.ts';
import { loadModelPackages, type ModelPackage } from '../../../../src/infer/packages.ts';
import { simulatedRecord } from '../../../../src/simulate/index.ts';
import { addPackage, type ModelTools, recordPackage } from '../../../../src/tools/models/packages.ts';
import { eventually } from '../../../support/eventually.ts';
import { writePackage } from '../../../support/infer/package-folder.ts';

let root: string;
let shipped: string;
let own: string;
let tools: ModelTools;
const silent = { info: () => {}, warn: () => {}, error: () => {} };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'nii-golden-'));
  [shipped, own] = [join(root, 'shipped'), join(root, 'own')];
  writePackage(join(shipped, 'opacity/1'));
  writePackage(join(own, 'other/1'), { id: 'other' });
  tools = {
    timeoutMs: 20_000,
    simulate: async (seed) => simulatedRecord(seed),
    open: ({ path }) => openOnnxRunner({ file: path }),
    folders: [shipped, own],
  };
});
afterEach(() => rmSync(root, { recursive: true }));

const packages = () => loadModelPackages(shipped, own);
const at = new Date('2026-11-28T08:00:00Z');

describe('golden.json', () => {
  const folder = () => join(shipped, 'opacity/1');
  const recorded = () => JSON.parse(readFileSync(join(folder(), 'golden.json'), 'utf8'));
  const keep = (golden: unknown) => writeFileSync(join(folder(), 'golden.json'), JSON.stringify(golden));

  async function repeat(): Promise<void> {
    const [pkg] = await packages();
    const runner = await tools.open(pkg as ModelPackage);
    try {
      await testGolden(runner, pkg as ModelPackage, tools);
    } finally {
      await runner.close();
    }
  }

  test('records a pattern and scans of the simulator, and the model repeats them', async () => {
    const { model, runs } = await recordPackage(folder(), tools);
    expect({ model, runs }).toEqual({ model: 'opacity@1', runs: 3 });
    expect(recorded().runs.map(({ kind }: { kind: string }) => kind)).toEqual([
      'tensor',
      'simulated',
      'simulated',
    ]);
    await repeat();
  });

  test.each([
    ['a value of an output', 2e-4, 'NII_MODEL_GOLDEN'],
    ['a value of an output within the tolerance', 5e-5, undefined],
  ])('%s', async (_, difference, code) => {
    await recordPackage(folder(), tools);
    const golden = recorded();
    golden.runs[0].outputs.anomaly_map.values[7] += difference;
    keep(golden);
    const outcome = await repeat().catch((error: { code: string }) => error.code);
    expect(outcome).toBe(code);
  });

  test('a score of a simulated scan, an output more, and another model file are told apart from what was recorded', async () => {
    await recordPackage(folder(), tools);
    const golden = recorded();
    const [tensor, simulated] = golden.runs;
    const changed = [
      { ...golden, runs: [{ ...simulated, scores: [simulated.scores[0] + 0.01] }] },
      { ...golden, runs: [{ ...tensor, outputs: { ...tensor.outputs, more: { shape: [1], values: [0] } } }] },
      { ...golden, sha256: '0'.repeat(64) },
    ];
    for (const one of changed) {
      keep(one);
      await expect(repeat()).rejects.toMatchObject({ code: 'NII_MODEL_GOLDEN' });
    }
  });

  test.each([
    ['no JSON', '{', /not JSON/],
    ['another form', '{"schemaVersion":"1.0","sha256":"x","runs":[]}', /golden.json \/(sha256|runs)/],
  ])('that is %s is invalid, with the field', async (_, text, message) => {
    writeFileSync(join(folder(), 'golden.json'), text);
    await expect(repeat()).rejects.toMatchObject({
      code: 'NII_MODEL_INVALID',
      message: expect.stringMatching(message),
    });
  });
});

describe('a package that is added', () => {
  const candidate = () => join(root, 'candidate');
  beforeEach(() => writePackage(candidate(), { version: '2', one: 0.9 }));

  test('is tested, copied with its golden runs, and waits for its activation', async () => {
    await recordPackage(candidate(), tools);
    const added = await addPackage(candidate(), tools, at);
    expect(added).toMatchObject({ id: 'opacity', version: '2', folder: join(own, 'opacity/2') });
    const found = (await packages()).map(({ manifest: { id, version }, waits }) => [id, version, waits]);
    expect(found).toEqual([
      ['opacity', '1', false],
      ['opacity', '2', true],
      ['other', '1', false],
    ]);
    expect(readdirSync(added.folder).toSorted()).toEqual([
      'README.md',
      'added.json',
      'golden.json',
      'model.json',
      'model.onnx',
    ]);
    await expect(addPackage(candidate(), tools, at)).rejects.toMatchObject({ code: 'NII_CONFLICT' });
  });

  test('whose golden runs differ stays out, and leaves nothing behind', async () => {
    await recordPackage(candidate(), tools);
    writePackage(candidate(), { version: '2', one: 0.8 });
    await expect(addPackage(candidate(), tools, at)).rejects.toMatchObject({ code: 'NII_MODEL_GOLDEN' });
    expect(readdirSync(own)).toEqual(['other']);
  });
});

describe('the shelf', () => {
  const logged: string[] = [];
  const open = (idleMs = 60_000) =>
    ModelShelf.open({
      read: packages,
      open: (pkg) => tools.open(pkg),
      test: (runner, pkg) => testGolden(runner, pkg, tools),
      onLeftOut: ({ manifest: { id, version } }) => logged.push(`${id}@${version}`),
      log: { ...silent, info: (_, event) => logged.push(event) },
      idleMs,
    });
  beforeEach(() => logged.splice(0));

  test('finds what was added while it is open, and never packages with other bytes', async () => {
    const shelf = await open();
    writePackage(join(own, 'opacity/2'), { version: '2', one: 0.9 });
    const found = await shelf.find('opacity', '2');
    expect(found).toMatchObject({ id: 'opacity', version: '2' });
    expect(await shelf.model({ id: 'opacity', version: '2', sha256: '0'.repeat(64) })).toBeUndefined();
    await shelf.test(found!);
    await shelf.close();
  });

  test('a model whose golden runs differ is handed out to nobody, and told of once', async () => {
    await recordPackage(join(shipped, 'opacity/1'), tools);
    const golden = JSON.parse(readFileSync(join(shipped, 'opacity/1/golden.json'), 'utf8'));
    golden.runs[1].scores[0] += 0.1;
    writeFileSync(join(shipped, 'opacity/1/golden.json'), JSON.stringify(golden));
    const shelf = await open();
    const [model] = shelf.installed;
    for (let i = 0; i < 2; i += 1) {
      const used = model!.use(async () => 'used');
      await expect(used).rejects.toMatchObject({ code: 'NII_MODEL_GOLDEN' });
    }
    expect(logged).toEqual(['opacity@1']);
    await shelf.close();
  });

  test('closes a model that nobody wants after its last run, not under it, and opens it again', async () => {
    const shelf = await open(20);
    const [model] = shelf.installed;
    const input = { input: { shape: [1, 2, 32, 32], data: new Float32Array(2 * 32 * 32) } };
    await model!.use(async (runner) => {
      shelf.want(() => false);
      await runner.run(input, 5_000);
      expect(logged).toEqual([]);
    });
    await eventually('it is closed', 10, () => logged.includes('model closed'));
    const { anomaly_map } = await model!.use((runner) => runner.run(input, 5_000));
    expect(anomaly_map?.data[0]).toBe(1);
    await shelf.close();
  });

  test('opens nothing after it is closed, so that no process is left', async () => {
    let opened = 0;
    const shelf = await ModelShelf.open({
      read: packages,
      open: async (pkg) => {
        opened += 1;
        return tools.open(pkg);
      },
      test: (runner, pkg) => testGolden(runner, pkg, tools),
      onLeftOut: () => {},
      log: silent,
    });
    const [first, second] = shelf.installed;
    const testing = first!.test();
    await shelf.close();
    await testing.catch(() => undefined);
    for (const model of [first, second]) {
      await expect(model!.test()).rejects.toMatchObject({ code: 'NII_BUSY' });
      await expect(model!.use(async () => 'used')).rejects.toMatchObject({ code: 'NII_BUSY' });
    }
    expect(opened).toBe(1);
  });
});
