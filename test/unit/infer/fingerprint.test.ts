import { describe, expect, test } from 'vitest';
import type { LoadedModel, Tensor, TensorInfo } from '../../../src/core/ports/inference.ts';
import { anomalyMap } from '../../../src/infer/adapters/anomaly-map.ts';
import { describeTensors, recognise } from '../../../src/infer/fingerprint.ts';
import { manifestOf } from '../../support/infer/models.ts';

const manifest = manifestOf(new Uint8Array());
const input: TensorInfo = { name: 'input', type: 'float32', shape: ['n', 2, 'h', 'w'] };
const map: TensorInfo = { name: 'anomaly_map', type: 'float32', shape: ['n', 1, 'h', 'w'] };
const score: TensorInfo = { name: 'pred_score', type: 'float32', shape: ['n'] };

type Signature = Pick<LoadedModel, 'inputs' | 'outputs'>;
const good: Signature = { inputs: [input], outputs: [map, score] };

describe('the fingerprint of an anomaly model', () => {
  test('is recognised, with or without what else anomalib writes', () => {
    const label = { name: 'pred_label', type: 'bool', shape: ['n'] };
    const mask = { name: 'pred_mask', type: 'bool', shape: ['n', 1, 'h', 'w'] };
    expect(recognise(good, manifest)).toBe(anomalyMap);
    expect(recognise({ ...good, outputs: [score, label, map, mask] }, manifest)).toBe(anomalyMap);
  });

  const tiles = { ...manifest, shape: { kind: 'tiles' as const, height: 64, width: 96, overlap: 8 } };
  const fixed = { ...input, shape: [1, 2, 64, 96] };

  test('a fixed size is taken when the package says tiles of that size', () => {
    expect(recognise({ inputs: [fixed], outputs: [map, score] }, tiles)).toBe(anomalyMap);
  });

  test.each([
    ['two inputs', { ...good, inputs: [input, input] }, manifest, /one input/],
    ['another name of the input', { ...good, inputs: [{ ...input, name: 'images' }] }, manifest, /'images'/],
    [
      'bytes for an input',
      { ...good, inputs: [{ ...input, type: 'uint8' }] },
      manifest,
      /not float32 of rank 4/,
    ],
    [
      'three channels',
      { ...good, inputs: [{ ...input, shape: [1, 3, 'h', 'w'] }] },
      manifest,
      /number of channels/,
    ],
    ['a fixed size and buckets', { ...good, inputs: [fixed] }, manifest, /fixed size/],
    [
      'tiles of another size',
      { ...good, inputs: [{ ...fixed, shape: [1, 2, 64, 64] }] },
      tiles,
      /differs in size/,
    ],
    ['no map', { ...good, outputs: [score] }, manifest, /no output 'anomaly_map'/],
    [
      'a map of two channels',
      { ...good, outputs: [{ ...map, shape: [1, 2, 'h', 'w'] }, score] },
      manifest,
      /more than one channel/,
    ],
    ['a flat map', { ...good, outputs: [{ ...map, shape: ['n', 'h'] }, score] }, manifest, /rank 4/],
    ['no score', { ...good, outputs: [map] }, manifest, /no output 'pred_score'/],
    [
      'integers for scores',
      { ...good, outputs: [map, { ...score, type: 'int64' }] },
      manifest,
      /not one float32/,
    ],
  ] as const)('%s: refused with the list of tensors', (_, signature, known, reason) => {
    expect(() => recognise(signature, known)).toThrow(reason);
    expect(() => recognise(signature, known)).toThrow(describeTensors(signature));
    expect(() => recognise(signature, known)).toThrow(expect.objectContaining({ code: 'NII_MODEL_UNKNOWN' }));
  });

  test('another task than the adapter reads is a contradiction of the package', () => {
    expect(() => recognise(good, { ...manifest, task: 'detection' })).toThrow(
      expect.objectContaining({ code: 'NII_MODEL_INVALID' }),
    );
  });
});

describe('the output of an anomaly model', () => {
  const size = { rows: 2, columns: 2 };
  const tensor = (shape: number[], data: number[]): Tensor => ({ shape, data: Float32Array.from(data) });

  test('is the map as it came', () => {
    const outputs = { anomaly_map: tensor([1, 1, 2, 2], [0, 1, 2, 3]) };
    expect([...anomalyMap.read(outputs, manifest, size).map]).toEqual([0, 1, 2, 3]);
  });

  test.each([
    ['missing', {}],
    ['of another size', { anomaly_map: tensor([1, 1, 1, 2], [0, 1]) }],
    ['shorter than its shape', { anomaly_map: tensor([1, 1, 2, 2], [0, 1]) }],
    ['not a number', { anomaly_map: tensor([1, 1, 2, 2], [0, 1, Number.NaN, 3]) }],
  ])('is refused when it is %s', (_, outputs) => {
    expect(() => anomalyMap.read(outputs, manifest, size)).toThrow(
      expect.objectContaining({ code: 'NII_MODEL_OUTPUT' }),
    );
  });
});
