import { adapterFor, type Boxes, type Fingerprint } from '../adapter.ts';
import { bestClass, boxesOfRows, cornersAround } from '../boxes.ts';
import { numbersOf } from '../tensors.ts';
import { boxFile, boxMismatch, classesAfter, holds } from './tensor-of-boxes.ts';

/** Centre, size and objectness. */
const BEFORE_CLASSES = 5;

/** YOLOv5: N x boxes x (5 + classes). A score is objectness times class. */
export const yolo5 = adapterFor({
  name: 'yolo-5',
  task: 'detection',

  identify(file: Fingerprint) {
    const found = boxFile(file);
    if (typeof found !== 'object') return found;
    const { boxes, names, besides } = found;
    if (!holds(boxes.shape[2], BEFORE_CLASSES + names.length, besides)) return undefined;
    return { boxes: boxes.name, labels: [...names] };
  },

  mismatch: (signature, output, manifest) =>
    boxMismatch(signature, output, manifest, { axis: 2, first: BEFORE_CLASSES }),

  read(outputs, { boxes: name, labels }): Boxes {
    const { shape, data } = numbersOf(outputs, name, 3);
    const [, rows = 0, values = 0] = shape;
    const classes = classesAfter(BEFORE_CLASSES, values, labels);
    const at = (row: number, i: number) => data[row * values + i] ?? 0;
    const candidate = (row: number) => {
      const objectness = at(row, 4);
      return bestClass(data, row * values + BEFORE_CLASSES, classes, 1, (score) => score * objectness);
    };
    const corners = (row: number) => cornersAround(at(row, 0), at(row, 1), at(row, 2), at(row, 3));
    return { kind: 'boxes', boxes: boxesOfRows(rows, candidate, corners, labels), isEndToEnd: false };
  },
});
