import { adapterFor, type Boxes, type Fingerprint } from '../adapter.ts';
import { readCorners } from '../boxes.ts';
import { axisMismatch, floatMismatch, imageMismatch, isFloat, tensorOf } from '../tensors.ts';

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
