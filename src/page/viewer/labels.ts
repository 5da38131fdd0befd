/** Where the words beside boxes stand, so that none lies over another's. All in pixels of the screen, y downwards. */

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Labelled {
  readonly box: Rect;
  readonly lines: readonly string[];
  /** Instead of the lines, where they find no place. */
  readonly short?: string | undefined;
}

export interface Label extends Rect {
  readonly lines: readonly string[];
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Of one line of words. */
export const LINE = 15;
/** A letter of 13 pixels is not wider than this on average. */
const LETTER = 7.2;
/** Between a box and its words. */
const BESIDE = 5;
/**
 * The words of each box and their rectangle, within the picture as far as it is wide enough; undefined where no place near
 * the box is free. Those that come first choose first, and all lines of one before what is short of another. A box that
 * is out of the picture gets none.
 */
export function placeLabels(labelled: readonly Labelled[], picture: Size): readonly (Label | undefined)[] {
  const taken: Rect[] = [];
  const place = (box: Rect, lines: readonly string[]) => {
    const label = placed(box, lines, picture, taken);
    if (label !== undefined) taken.push(label);
    return label;
  };
  const full = labelled.map(({ box, lines }) => place(box, lines));
  return labelled.map(
    ({ box, short }, i) => full[i] ?? (short === undefined ? undefined : place(box, [short])),
  );
}

function placed(
  box: Rect,
  lines: readonly string[],
  picture: Size,
  taken: readonly Rect[],
): Label | undefined {
  if (lines.length === 0 || !overlap(box, { x: 0, y: 0, ...picture })) return undefined;
  const width = Math.max(...lines.map((line) => line.length)) * LETTER;
  const height = lines.length * LINE;
  const x = Math.max(0, Math.min(box.x, picture.width - width));
  return heightsBeside(box, { width, height })
    .filter((y) => y >= 0 && y + height <= picture.height)
    .map((y) => ({ x, y, width, height, lines }))
    .find((label) => !taken.some((other) => overlap(label, other)));
}

/** Above the box, below it, a line further off; within it where the words are no wider. */
function heightsBeside(box: Rect, { width, height }: Size): readonly number[] {
  const [above, below] = [box.y - BESIDE - height, box.y + box.height + BESIDE];
  return [above, below, above - LINE, below + LINE, ...(width > box.width ? [] : [box.y + 2])];
}

function overlap(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
