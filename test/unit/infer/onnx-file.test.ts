import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isNiiError } from '../../../src/core/errors.ts';
import { namesOf } from '../../../src/infer/adapters/ultralytics/exporter-metadata.ts';
import { readOnnx } from '../../../src/infer/onnx/model-file.ts';
import { parsePythonLiteral } from '../../../src/infer/onnx/python-literal.ts';
import { opacityModel, slowModel } from '../../support/infer/models.ts';
import { FLOAT, type Graph, type Node, onnxModel } from '../../support/infer/onnx-writer.ts';
import { runs } from '../../support/search-size.ts';

const input = { name: 'input', type: FLOAT, shape: ['n', 2, 'h', 'w'] };
const output = { name: 'y', type: FLOAT, shape: ['n', 2, 'h', 'w'] };
const graphOf = (nodes: readonly Node[], more: Partial<Graph> = {}): Graph => ({
  nodes,
  inputs: [input],
  outputs: [output],
  ...more,
});
const identity: Node = { op: 'Identity', inputs: ['input'], outputs: ['y'] };

/** Reads, or is rejected by code: nothing else may happen to any bytes. */
function readsOrRejects(bytes: Uint8Array): boolean {
  try {
    readOnnx(bytes, 'model.onnx');
    return true;
  } catch (error) {
    return isNiiError(error);
  }
}

describe('the head of an ONNX file', () => {
  test('says tensors, metadata, producer and versions without the runtime', () => {
    const file = readOnnx(
      onnxModel(graphOf([identity]), {
        metadata: { names: "{0: 'a'}", stride: '32' },
        producer: 'pytorch',
        opsets: { '': 17, 'ai.onnx.ml': 3 },
      }),
      'model.onnx',
    );
    expect(file).toMatchObject({
      producer: 'pytorch',
      metadata: { names: "{0: 'a'}", stride: '32' },
      opsets: { '': 17, 'ai.onnx.ml': 3 },
      inputs: [{ name: 'input', type: 'float32', shape: ['n', 2, 'h', 'w'] }],
      outputs: [{ name: 'y', type: 'float32', shape: ['n', 2, 'h', 'w'] }],
      externalTensors: [],
      foreignOperators: [],
    });
  });

  test('an input that has its value in the file is none', () => {
    const weight = { name: 'weight', type: FLOAT, dims: [1], values: [2] };
    const graph = graphOf([identity], {
      inputs: [input, { name: 'weight', type: FLOAT, shape: [1] }],
      constants: [weight],
    });
    expect(readOnnx(onnxModel(graph), 'm').inputs.map(({ name }) => name)).toEqual(['input']);
  });

  test('weights in another file are found, also in a graph within a graph', () => {
    const away = { name: 'away', type: FLOAT, dims: [1], values: [], external: '../../etc/passwd' };
    expect(readOnnx(onnxModel(graphOf([identity], { constants: [away] })), 'm').externalTensors).toEqual([
      'away',
    ]);
    const body = graphOf([identity], { constants: [away] });
    const loop: Node = { op: 'Loop', inputs: ['', '', 'input'], outputs: ['y'], attributes: { body } };
    expect(readOnnx(onnxModel(graphOf([loop])), 'm').externalTensors).toEqual(['away']);
  });

  test('operators of other domains are found, also in a graph within a graph; those of the runtime are not', () => {
    const own: Node = { ...identity, op: 'Mine', domain: 'com.example' };
    const fused: Node = { ...identity, op: 'FusedConv', domain: 'com.microsoft' };
    expect(readOnnx(onnxModel(graphOf([fused])), 'm').foreignOperators).toEqual([]);
    expect(readOnnx(onnxModel(graphOf([own])), 'm').foreignOperators).toEqual(['com.example.Mine']);
    const loop: Node = { op: 'Loop', inputs: [], outputs: ['y'], attributes: { body: graphOf([own]) } };
    expect(readOnnx(onnxModel(graphOf([loop])), 'm').foreignOperators).toEqual(['com.example.Mine']);
  });

  test('the operator that made an output is found behind those that only move values', () => {
    const nodes: readonly Node[] = [
      { op: 'Softmax', inputs: ['input'], outputs: ['a'] },
      { op: 'Flatten', inputs: ['a'], outputs: ['b'] },
      { op: 'Identity', inputs: ['b'], outputs: ['y'] },
    ];
    expect(readOnnx(onnxModel(graphOf(nodes)), 'm').lastOperators).toEqual({ y: 'Softmax' });
    const ring: readonly Node[] = [
      { op: 'Identity', inputs: ['y'], outputs: ['z'] },
      { op: 'Identity', inputs: ['z'], outputs: ['y'] },
    ];
    expect(readOnnx(onnxModel(graphOf(ring)), 'm').lastOperators).toEqual({ y: 'Identity' });
  });

  test('graphs nested without end are rejected by code', () => {
    let graph = graphOf([identity]);
    for (let depth = 0; depth < 40; depth++)
      graph = graphOf([{ op: 'Loop', inputs: [], outputs: ['y'], attributes: { body: graph } }]);
    expect(() => readOnnx(onnxModel(graph), 'm')).toThrow(
      expect.objectContaining({ code: 'NII_LIMIT_DEPTH' }),
    );
  });

  test('every truncation of a good file is read or rejected by code', () => {
    for (const file of [opacityModel(2), slowModel(1, 3)])
      for (let length = 0; length < file.length; length++)
        expect(readsOrRejects(file.subarray(0, length))).toBe(true);
  });

  test('any changed byte, and any bytes, are read or rejected by code', () => {
    const file = slowModel(2, 5);
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.nat(255), (at, value) => {
        const changed = Uint8Array.from(file);
        changed[at] = value;
        return readsOrRejects(changed);
      }),
      { numRuns: runs(2000) },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), readsOrRejects), { numRuns: runs(2000) });
  });
});

describe('a Python literal', () => {
  test.each([
    [
      "{0: 'person', 1: \"driver's cab\"}",
      new Map([
        [0, 'person'],
        [1, "driver's cab"],
      ]),
    ],
    ['[640, 640]', [640, 640]],
    [
      "{'batch': 1, 'half': False, 'nms': True, 'x': None}",
      new Map<string, unknown>([
        ['batch', 1],
        ['half', false],
        ['nms', true],
        ['x', null],
      ]),
    ],
    ["('a', -1.5e3, )", ['a', -1500]],
    ["'it\\'s\\n\\x41\\u00e9'", "it's\nAé"],
    ['{}', new Map()],
    ['[]', []],
  ])('%s is read', (text, value) => {
    expect(parsePythonLiteral(text)).toEqual(value);
  });

  test.each([
    '',
    '{0: ',
    "{'a'}",
    "__import__('os').system('id')",
    "'open",
    '[1 2]',
    '1; 2',
    'print',
    '[[',
    '{[1]: 2}',
  ])('%s is rejected by code', (text) => {
    expect(() => parsePythonLiteral(text)).toThrow(expect.objectContaining({ code: 'NII_MALFORMED' }));
  });

  test('levels and length have ceilings', () => {
    expect(() => parsePythonLiteral('['.repeat(100_000))).toThrow(
      expect.objectContaining({ code: 'NII_LIMIT_DEPTH' }),
    );
    expect(() => parsePythonLiteral(`'${'a'.repeat(2 ** 20)}'`)).toThrow(
      expect.objectContaining({ code: 'NII_LIMIT_BYTES' }),
    );
    expect(parsePythonLiteral(`'${'a'.repeat(900_000)}'`)).toHaveLength(900_000);
  });

  test('any text is read or rejected by code', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[](),:\'"\\0123.eE-+ TrueFalsN\n') }), (text) => {
        try {
          parsePythonLiteral(text);
          return true;
        } catch (error) {
          return isNiiError(error);
        }
      }),
      { numRuns: runs(5000) },
    );
  });
});

describe('class names of an exporter', () => {
  const of = (names: string) => namesOf({ metadata: { names } });

  test('are in the order of their numbers, whatever the order in the file', () => {
    expect(of("{1: 'b', 0: 'a'}")).toEqual(['a', 'b']);
    expect(of("['a', 'b']")).toEqual(['a', 'b']);
  });

  test('with a gap, or unreadable, are none', () => {
    expect(of("{0: 'a', 2: 'c'}")).toBeUndefined();
    expect(of('exec(1)')).toBeUndefined();
    expect(namesOf({ metadata: {} })).toBeUndefined();
  });
});
