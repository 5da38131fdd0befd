import { defined } from '../../core/defined.ts';
import type { ScoreRecord } from '../records.ts';
import { auroc } from '../statistics/ranks.ts';
import { detectionOf, rateOf } from '../statistics/rates.ts';
import { gridCells, nameOfCell } from '../subjects/grid.ts';
import type { EvaluationReport } from './schema.ts';

type Grid = NonNullable<EvaluationReport['grid']>;
type Cell = Grid['cells'][number];

/** What the grid is judged by. */
interface Judged {
  /** Scores of ordinary scans. */
  readonly normals: readonly number[];
  readonly falseAlarmsWanted: number;
  /** Above it a score alarms; undefined where too few ordinary scans fix it. */
  readonly threshold: number | undefined;
}

/** Of each size and thickness that was scored; undefined where no plate was. */
export function gridOf(plates: readonly ScoreRecord[], judged: Judged): EvaluationReport['grid'] {
  const { falseAlarmsWanted, threshold } = judged;
  const cells = gridCells.flatMap((cell) => {
    const name = nameOfCell(cell);
    const own = plates.filter((one) => one.cell !== undefined && nameOfCell(one.cell) === name);
    return own.length === 0 ? [] : [{ ...cell, ...figuresOf(own, judged) }];
  });
  if (cells.length === 0) return undefined;
  return { falseAlarmsWanted, ...defined({ threshold }), cells };
}

function figuresOf(
  plates: readonly ScoreRecord[],
  { normals, falseAlarmsWanted, threshold }: Judged,
): Pick<Cell, 'objects' | 'auroc' | 'detected' | 'boundKnowingMask' | 'boundKnowingBackground'> {
  const scores = plates.flatMap(({ units }) => units.map(({ score }) => score));
  const detected =
    threshold === undefined || scores.length === 0
      ? undefined
      : rateOf(scores.filter((score) => score > threshold).length, scores.length);
  const bound = (dPrimes: readonly number[]) =>
    dPrimes.length === 0
      ? undefined
      : dPrimes.reduce((sum, dPrime) => sum + detectionOf(dPrime, falseAlarmsWanted), 0) / dPrimes.length;
  return {
    objects: plates.length,
    ...defined({
      auroc: auroc(normals, scores),
      detected,
      boundKnowingMask: bound(plates.flatMap(({ object }) => object?.standsOut ?? [])),
      boundKnowingBackground: bound(plates.flatMap(({ object }) => object?.dPrime ?? [])),
    }),
  };
}
