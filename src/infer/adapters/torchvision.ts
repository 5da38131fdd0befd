import type { Tensor } from '../../core/ports/inference.ts';
import { adapterFor, type Boxes, type Fingerprint } from './adapter.ts';
import { readCorners } from './boxes.ts';
import { axisMismatch, floatMismatch, imageMismatch, isFloat, onlyImage, tensorOf } from './tensors.ts';

/**
 * Detectors of torchvision: one image without batch, 0..1, and three outputs in this order whatever their names: boxes
 * K x 4 in input pixels, classes, scores. Mask R-CNN adds masks, which are not read.
 */
export const torchvision = adapterFor({
  name: 'torchvision',
  task: 'detection',

  identify(file: Fingerprint) {
    const [boxes, classes, scores, masks, ...more] = file.outputs;
    if (onlyImage(file, 3) === undefined || !isFloat(boxes, 2) || boxes.shape[1] !== 4) return undefined;
    if (classes?.type !== 'int64' || classes.shape.length !== 1 || !isFloat(scores, 1)) return undefined;
    if (more.length > 0 || (masks !== undefined && !isFloat(masks, 4))) return undefined;
    return { boxes: boxes.name, classes: classes.name, scores: scores.name };
  },

  mismatch(signature, { boxes, classes, scores }, manifest) {
    const { outputs } = signature;
    return (
      imageMismatch(signature, manifest, { rank: 3 }) ??
      floatMismatch(outputs, boxes, 2) ??
      axisMismatch(outputs, boxes, 1, 4) ??
      floatMismatch(outputs, scores, 1) ??
      (tensorOf(outputs, classes) === undefined ? `there is no output '${classes}'` : undefined)
    );
  },

  feed: ({ shape, data }: Tensor, _, { input }) => ({ [input.name]: { shape: shape.slice(1), data } }),

  read: (outputs, output): Boxes => readCorners(outputs, output, 1),
});
