import { adapterFor, type Boxes, type Fingerprint } from '../adapter.ts';
import { bestClass, boxesOfRows, cornersAround } from '../boxes.ts';
import { numbersOf } from '../tensors.ts';
import { isEndToEnd } from './exporter-metadata.ts';
import { boxFile, boxMismatch, classesAfter, holds } from './tensor-of-boxes.ts';

/** Centre and size. */
const BEFORE_CLASSES = 4;
/** Values a box of an end-to-end head, which two classes here have too. */
const VALUES_OF_TWIN = 6;

/** RT-DETR as Ultralytics exports it: N x boxes x (4 + classes), places as parts of the input. */
export const rtDetr = adapterFor({
  name: 'rt-detr',
  task: 'detection',

  identify(file: Fingerprint) {
    const found = boxFile(file);
    if (typeof found !== 'object') return found;
    const { boxes, names, besides } = found;
    const values = BEFORE_CLASSES + names.length;
    if (isEndToEnd(file) || values === VALUES_OF_TWIN || !holds(boxes.shape[2], values, besides))
      return undefined;
    return { boxes: boxes.name, labels: [...names] };
  },

  mismatch: (signature, output, manifest) =>
    boxMismatch(signature, output, manifest, { axis: 2, first: BEFORE_CLASSES }),

  read(outputs, { boxes: name, labels }, { rows: height, columns: width }): Boxes {
    const { shape, data } = numbersOf(outputs, name, 3);
    const [, rows = 0, values = 0] = shape;
    const classes = classesAfter(BEFORE_CLASSES, values, labels);
    const at = (row: number, i: number) => data[row * values + i] ?? 0;
    const candidate = (row: number) => bestClass(data, row * values + BEFORE_CLASSES, classes);
    const corners = (row: number) =>
      cornersAround(at(row, 0) * width, at(row, 1) * height, at(row, 2) * width, at(row, 3) * height);
    return { kind: 'boxes', boxes: boxesOfRows(rows, candidate, corners, labels), isEndToEnd: true };
  },
});
