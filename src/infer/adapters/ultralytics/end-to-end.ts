import { adapterFor, type Boxes, type Fingerprint } from '../adapter.ts';
import { boxesOfRows } from '../boxes.ts';
import { axisMismatch, floatMismatch, imageMismatch, numbersOf } from '../tensors.ts';
import { isEndToEnd } from './exporter-metadata.ts';
import { boxFile, holds } from './tensor-of-boxes.ts';

/** Two corners, score and class. */
const VALUES = 6;
/** RT-DETR of two classes has as many values a box. */
const CLASSES_OF_TWIN = 2;

/** YOLOv10, YOLO26, and any head of Ultralytics that was exported with `nms=True`: N x boxes x 6, no duplicates. */
export const yoloEndToEnd = adapterFor({
  name: 'yolo-end-to-end',
  task: 'detection',

  identify(file: Fingerprint) {
    const found = boxFile(file);
    if (typeof found !== 'object') return found;
    const { boxes, names, besides } = found;
    if (!holds(boxes.shape[2], VALUES, besides)) return undefined;
    if (!isEndToEnd(file) && names.length === CLASSES_OF_TWIN)
      return 'two classes and six values per box: model.json must set yolo-end-to-end or rt-detr';
    return { boxes: boxes.name, labels: [...names] };
  },

  mismatch(signature, { boxes }, manifest) {
    return (
      imageMismatch(signature, manifest) ??
      floatMismatch(signature.outputs, boxes, 3) ??
      tooFew(signature.outputs, boxes)
    );
  },

  read(outputs, { boxes: name, labels }): Boxes {
    const { shape, data } = numbersOf(outputs, name, 3);
    const [, rows = 0, values = 0] = shape;
    const at = (row: number, i: number) => data[row * values + i] ?? 0;
    const candidate = (row: number) => ({ score: at(row, 4), index: Math.round(at(row, 5)) });
    const corners = (row: number) => [at(row, 0), at(row, 1), at(row, 2), at(row, 3)] as const;
    return { kind: 'boxes', boxes: boxesOfRows(rows, candidate, corners, labels), isEndToEnd: true };
  },
});

/** With masks there are more values, and those of the boxes come first. */
function tooFew(outputs: Parameters<typeof axisMismatch>[0], name: string): string | undefined {
  return outputs.length > 1 ? undefined : axisMismatch(outputs, name, 2, VALUES);
}
