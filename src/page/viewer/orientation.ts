import { noTurn, stepsOf, type Turn } from '../../core/scan/turn.ts';

/** What the reader does to the upright picture: first rotate, then mirror. */
export interface Orientation {
  /** Degrees counter-clockwise. */
  readonly rotate: 0 | 90 | 180 | 270;
  /** Left to right. */
  readonly mirror: boolean;
}

const quarters = [0, 90, 180, 270] as const;
/** Every way in which a picture can lie. */
const turns: readonly Turn[] = [false, true].flatMap((flipColumns) =>
  quarters.map((rotate) => ({ flipRows: false, rotate, flipColumns })),
);

/** The one turn from stored samples to what the reader sees: upright by the record's `display`, then as they turned it. */
export function turnOnScreen(display: Turn, { rotate, mirror }: Orientation): Turn {
  const own = stepsOf({ flipRows: false, rotate, flipColumns: mirror });
  const upright = stepsOf(display);
  const rowRow = own.rowRow * upright.rowRow + own.rowColumn * upright.columnRow;
  const rowColumn = own.rowRow * upright.rowColumn + own.rowColumn * upright.columnColumn;
  const columnRow = own.columnRow * upright.rowRow + own.columnColumn * upright.columnRow;
  const columnColumn = own.columnRow * upright.rowColumn + own.columnColumn * upright.columnColumn;
  const isSame = (turn: Turn) => {
    const steps = stepsOf(turn);
    return (
      steps.rowRow === rowRow &&
      steps.rowColumn === rowColumn &&
      steps.columnRow === columnRow &&
      steps.columnColumn === columnColumn
    );
  };
  return turns.find(isSame) ?? noTurn;
}
