import { adapterFor, type Boxes, type Fingerprint } from '../adapter.ts';
import { bestClass, boxesOfRows, cornersAround } from '../boxes.ts';
import { numbersOf } from '../tensors.ts';
import { isEndToEnd } from './exporter-metadata.ts';
import { boxFile, boxMismatch, classesAfter, holds } from './tensor-of-boxes.ts';

/** Centre and size. */
const BEFORE_CLASSES = 4;

/** YOLOv8, 11 and 26 without its end-to-end head: N x (4 + classes) x boxes, scores between 0 and 1. */
export const yolo8 = adapterFor({
  name: 'yolo-8',
  task: 'detection',

  identify(file: Fingerprint) {
    const found = boxFile(file);
    if (typeof found !== 'object') return found;
    const { boxes, names, besides } = found;
    if (isEndToEnd(file) || !holds(boxes.shape[1], BEFORE_CLASSES + names.length, besides)) return undefined;
    return { boxes: boxes.name, labels: [...names] };
  },

  mismatch: (signature, output, manifest) =>
    boxMismatch(signature, output, manifest, { axis: 1, first: BEFORE_CLASSES }),

  read(outputs, { boxes: name, labels }): Boxes {
    const { shape, data } = numbersOf(outputs, name, 3);
    const [, values = 0, rows = 0] = shape;
    const classes = classesAfter(BEFORE_CLASSES, values, labels);
    const at = (row: number, i: number) => data[i * rows + row] ?? 0;
    const candidate = (row: number) => bestClass(data, BEFORE_CLASSES * rows + row, classes, rows);
    const corners = (row: number) => cornersAround(at(row, 0), at(row, 1), at(row, 2), at(row, 3));
    return { kind: 'boxes', boxes: boxesOfRows(rows, candidate, corners, labels), isEndToEnd: false };
  },
});
