import { defined } from '../../core/defined.ts';
import { adapterFor, type Boxes, besideOf, type Fingerprint } from './adapter.ts';
import { bestClass, boxesOfRows, type Candidate, cornersAround, readCorners } from './boxes.ts';
import {
  axisMismatch,
  floatMismatch,
  imageMismatch,
  isFloat,
  numbersOf,
  onlyImage,
  sigmoid,
  softmax,
  tensorOf,
  unusable,
} from './tensors.ts';

/** model_type of config.json, and what makes scores of its classes (transformers' post-processing of each). */
const activations: Readonly<Record<string, 'sigmoid' | 'softmax'>> = {
  detr: 'softmax',
  table_transformer: 'softmax',
  yolos: 'softmax',
  conditional_detr: 'sigmoid',
  deformable_detr: 'sigmoid',
  d_fine: 'sigmoid',
  rt_detr: 'sigmoid',
  rt_detr_v2: 'sigmoid',
};

/** The DETR family as optimum exports it: `pixel_values` -> `logits`, `pred_boxes`; the rest is in config.json. */
export const detrLogits = adapterFor({
  name: 'detr-logits',
  task: 'detection',

  identify(file: Fingerprint) {
    const { outputs } = file;
    if (!isFloat(tensorOf(outputs, 'logits'), 3) || !isFloat(tensorOf(outputs, 'pred_boxes'), 3))
      return undefined;
    if (onlyImage(file) === undefined)
      return 'the model needs another input besides the image, such as pixel_mask';
    const config = besideOf(file, 'config.json');
    const kind = String(config.model_type);
    const activation = Object.hasOwn(activations, kind) ? activations[kind] : undefined;
    if (activation === undefined)
      return 'it is unknown how the logits become scores: put config.json beside the model, or set output.activation';
    return {
      logits: 'logits',
      boxes: 'pred_boxes',
      activation,
      ...defined({ labels: labelsOf(config.id2label) }),
    };
  },

  mismatch(signature, { logits, boxes }, manifest) {
    const { outputs } = signature;
    return (
      imageMismatch(signature, manifest) ??
      floatMismatch(outputs, logits, 3) ??
      floatMismatch(outputs, boxes, 3) ??
      axisMismatch(outputs, boxes, 2, 4)
    );
  },

  read(outputs, { logits, boxes, activation, labels }, { rows: height, columns: width }): Boxes {
    const { shape, data } = numbersOf(outputs, logits, 3);
    const [, rows = 0, classes = 0] = shape;
    const { data: places } = numbersOf(outputs, boxes, 3);
    if (places.length !== 4 * rows) throw unusable(`'${logits}' and '${boxes}' differ in length`);
    const at = (row: number, i: number) => places[4 * row + i] ?? 0;
    const candidate = (row: number) => bestOf(data, row * classes, classes, activation);
    const corners = (row: number) =>
      cornersAround(at(row, 0) * width, at(row, 1) * height, at(row, 2) * width, at(row, 3) * height);
    return { kind: 'boxes', boxes: boxesOfRows(rows, candidate, corners, labels), isEndToEnd: true };
  },
});

function bestOf(
  data: Float32Array,
  from: number,
  classes: number,
  activation: 'sigmoid' | 'softmax',
): Candidate {
  if (activation === 'sigmoid') return bestClass(data, from, classes, 1, sigmoid);
  // the last class is no object
  const scores = softmax([...data.subarray(from, from + classes)]);
  return bestClass(Float32Array.from(scores), 0, classes - 1);
}

/** `{"0": "person", "1": "cab"}`; undefined where numbers are left out. */
function labelsOf(names: unknown): string[] | undefined {
  if (typeof names !== 'object' || names === null) return undefined;
  const labels = Object.values(names).map((name) => String(name).slice(0, 256));
  return Object.keys(names).every((number, i) => number === String(i)) && labels.length > 0
    ? labels
    : undefined;
}

const SIZES = 'orig_target_sizes';

/**
 * RT-DETR and D-FINE as their own repositories export them: a second input says width and height of the image, and the
 * boxes come in its pixels. `images`, `orig_target_sizes` -> `labels`, `boxes`, `scores`.
 */
export const detrBoxes = adapterFor({
  name: 'detr-boxes',
  task: 'detection',

  identify({ inputs, outputs }: Fingerprint) {
    const sizes = tensorOf(inputs, SIZES);
    const image = inputs.find(({ name }) => name !== SIZES);
    if (inputs.length !== 2 || sizes?.type !== 'int64' || !isFloat(image, 4)) return undefined;
    const classes = tensorOf(outputs, 'labels');
    if (classes === undefined || !isFloat(tensorOf(outputs, 'boxes'), 3)) return undefined;
    if (!isFloat(tensorOf(outputs, 'scores'), 2)) return undefined;
    return { sizes: SIZES, boxes: 'boxes', classes: 'labels', scores: 'scores' };
  },

  mismatch({ inputs, outputs }, { sizes, boxes, classes, scores }, manifest) {
    const found = tensorOf(inputs, sizes);
    if (found === undefined) return `there is no input '${sizes}'`;
    if (found.type !== 'int64' || found.shape.length !== 2)
      return `the input '${sizes}' is not int64 of rank 2`;
    return (
      imageMismatch({ inputs, outputs }, manifest, { besides: 1 }) ??
      floatMismatch(outputs, boxes, 3) ??
      axisMismatch(outputs, boxes, 2, 4) ??
      floatMismatch(outputs, scores, 2) ??
      (tensorOf(outputs, classes) === undefined ? `there is no output '${classes}'` : undefined)
    );
  },

  feed(tile, { sizes }, { input }) {
    const [height = 0, width = 0] = tile.shape.slice(-2);
    return { [input.name]: tile, [sizes]: { shape: [1, 2], data: Float32Array.of(width, height) } };
  },

  read: (outputs, output): Boxes => readCorners(outputs, output, 2),
});
