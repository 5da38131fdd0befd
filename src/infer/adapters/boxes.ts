import type { Tensor } from '../../core/ports/inference.ts';
import { type Boxes, classLabel, type LabelledBox } from './adapter.ts';
import { numbersOf, unusable } from './tensors.ts';

/** Rows below it are noise of the model; Ultralytics' own evaluation starts here too. */
const LEAST_SCORE = 0.001;

/** One row of a detector: its best class and where it is, in any form. */
export interface Candidate {
  readonly score: number;
  readonly index: number;
}

/** The best of some scores that lie `step` apart. */
export function bestClass(
  values: Float32Array,
  from: number,
  count: number,
  step = 1,
  finish: (value: number) => number = (value) => value,
): Candidate {
  let index = 0;
  for (let i = 1; i < count; i++) {
    if ((values[from + i * step] ?? 0) > (values[from + index * step] ?? 0)) index = i;
  }
  return { index, score: finish(values[from + index * step] ?? 0) };
}

/** Boxes of the rows that say anything. */
export function boxesOfRows(
  rows: number,
  candidateOf: (row: number) => Candidate,
  cornersOf: (row: number) => readonly [left: number, top: number, right: number, bottom: number],
  labels: readonly string[] | undefined,
): readonly LabelledBox[] {
  const boxes: LabelledBox[] = [];
  for (let row = 0; row < rows; row++) {
    const { score, index } = candidateOf(row);
    if (score < LEAST_SCORE) continue;
    const [left, top, right, bottom] = cornersOf(row);
    boxes.push({ label: classLabel(labels, index), score, left, top, right, bottom });
  }
  return boxes;
}

/** Corners of a centre and a size. */
export function cornersAround(
  x: number,
  y: number,
  width: number,
  height: number,
): readonly [number, number, number, number] {
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
}

/** Names of three outputs: two corners a box, class numbers and scores. */
interface ThreeTensors {
  readonly boxes: string;
  readonly classes: string;
  readonly scores: string;
  readonly labels?: readonly string[];
}

/**
 * Boxes that come as corners in pixels, each object once. @param rank - of classes and scores; that of boxes is one more
 * @throws NII_MODEL_OUTPUT
 */
export function readCorners(
  outputs: Readonly<Record<string, Tensor>>,
  { boxes, classes, scores, labels }: ThreeTensors,
  rank: 1 | 2,
): Boxes {
  const { data: numbers } = numbersOf(outputs, classes, rank);
  const { data: values } = numbersOf(outputs, scores, rank);
  const { data: places } = numbersOf(outputs, boxes, rank + 1);
  const rows = values.length;
  if (numbers.length !== rows || places.length !== 4 * rows)
    throw unusable(`'${boxes}', '${classes}' and '${scores}' differ in length`);
  const at = (row: number, i: number) => places[4 * row + i] ?? 0;
  const candidate = (row: number) => ({ score: values[row] ?? 0, index: numbers[row] ?? 0 });
  const corners = (row: number) => [at(row, 0), at(row, 1), at(row, 2), at(row, 3)] as const;
  return { kind: 'boxes', boxes: boxesOfRows(rows, candidate, corners, labels), isEndToEnd: true };
}
