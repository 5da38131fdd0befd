import { createHash } from 'node:crypto';
import type { ModelManifest } from '../../../src/infer/manifest.ts';
import {
  type Axis,
  BOOL,
  FLOAT,
  type Graph,
  INT64,
  type Node,
  onnxModel,
  type ValueInfo,
} from './onnx-writer.ts';

const mean: Node = {
  op: 'ReduceMean',
  inputs: ['input'],
  outputs: ['mean'],
  attributes: { axes: [1], keepdims: 1 },
};
const best: Node = {
  op: 'ReduceMax',
  inputs: ['anomaly_map'],
  outputs: ['pred_score'],
  attributes: { axes: [1, 2, 3], keepdims: 0 },
};
const image = (channels: number, height: Axis = 'h', width: Axis = 'w'): ValueInfo => ({
  name: 'input',
  type: FLOAT,
  shape: ['n', channels, height, width],
});
const map: ValueInfo = { name: 'anomaly_map', type: FLOAT, shape: ['n', 1, 'h', 'w'] };
const score: ValueInfo = { name: 'pred_score', type: FLOAT, shape: ['n'] };

/** anomaly_map = one - mean over the channels: what lets nothing through is anomalous. */
export function opacityModel(channels: number, height?: Axis, width?: Axis, one = 1): Uint8Array {
  const invert: Node = { op: 'Sub', inputs: ['one', 'mean'], outputs: ['anomaly_map'] };
  return onnxModel({
    nodes: [mean, invert, best],
    inputs: [image(channels, height, width)],
    outputs: [map, score],
    constants: [{ name: 'one', type: FLOAT, dims: [1], values: [one] }],
  });
}

/** The mean over the channels, smoothed `rounds` times: takes as long as one likes. */
export function slowModel(channels: number, rounds: number): Uint8Array {
  const body: Graph = {
    nodes: [
      { op: 'Identity', inputs: ['go'], outputs: ['goOn'] },
      { op: 'Conv', inputs: ['x', 'kernel'], outputs: ['y'], attributes: { pads: [1, 1, 1, 1] } },
    ],
    inputs: [
      { name: 'i', type: INT64, shape: [] },
      { name: 'go', type: BOOL, shape: [] },
      { name: 'x', type: FLOAT },
    ],
    outputs: [
      { name: 'goOn', type: BOOL, shape: [] },
      { name: 'y', type: FLOAT },
    ],
  };
  const loop: Node = {
    op: 'Loop',
    inputs: ['rounds', 'true', 'mean'],
    outputs: ['anomaly_map'],
    attributes: { body },
  };
  return onnxModel({
    nodes: [mean, loop],
    inputs: [image(channels)],
    outputs: [map],
    constants: [
      { name: 'rounds', type: INT64, dims: [], values: [rounds] },
      { name: 'true', type: BOOL, dims: [], values: [1] },
      { name: 'kernel', type: FLOAT, dims: [1, 1, 3, 3], values: Array<number>(9).fill(1 / 9) },
    ],
  });
}

/** Runs `rounds` rounds where any input is above zero, and none on zeros: the dry run passes, a scan may not. */
export function labelledModel(): Uint8Array {
  const zero = { name: 'zero', type: FLOAT, dims: [1], values: [0] };
  return onnxModel({
    nodes: [
      { op: 'Greater', inputs: ['input', 'zero'], outputs: ['mask'] },
      { op: 'Shape', inputs: ['input'], outputs: ['shape'] },
    ],
    inputs: [image(1)],
    outputs: [
      { name: 'mask', type: BOOL, shape: ['n', 1, 'h', 'w'] },
      { name: 'shape', type: INT64, shape: [4] },
    ],
    constants: [zero],
  });
}

export type Changes = { readonly [K in keyof ModelManifest]?: ModelManifest[K] };

/** A manifest that fits `opacityModel(2)`. */
export function manifestOf(file: Uint8Array, changes: Changes = {}): ModelManifest {
  return {
    schemaVersion: '1.0',
    id: 'opacity',
    version: '1',
    title: 'How little passes',
    task: 'anomaly',
    file: 'model.onnx',
    sha256: createHash('sha256').update(file).digest('hex'),
    licence: 'Apache-2.0',
    input: {
      name: 'input',
      channels: [
        { kind: 'transmission', energy: 'high' },
        { kind: 'transmission', energy: 'low' },
      ],
      units: 'transmission',
      pitchMm: 10,
      pad: 1,
      invalid: 'neighbour-mean',
    },
    shape: { kind: 'buckets', multipleOf: 32, minimum: 32, maximumPixels: 1_000_000 },
    output: { adapter: 'anomaly-map', map: 'anomaly_map', score: 'pred_score' },
    thresholds: { map: 0.5, score: 0.4 },
    reference: {
      population: 'ten invented scores',
      count: 10,
      scores: [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5],
    },
    ...changes,
  };
}
