import type { Box } from '../core/case/box.ts';
import type { Analysis } from '../core/case/finding.ts';
import { defined } from '../core/defined.ts';
import type { ModelRunner } from '../core/ports/inference.ts';
import { analyseScan } from '../infer/analyse.ts';
import type { AnalysisResult } from '../infer/analysis.ts';
import type { ModelPackage } from '../infer/packages.ts';
import { treeCpuMs } from '../runtime/process-tree.ts';
import type { ScoreRecord } from './records.ts';
import type { Ordinary, StoredMask, WithObject } from './subjects/subject.ts';

/** A package and the model that is loaded from it. */
export interface EvaluatedModel {
  readonly pkg: ModelPackage;
  readonly runner: ModelRunner;
}

export interface ScoreDeps {
  readonly model: EvaluatedModel;
  /** Of one run of the model. */
  readonly timeoutMs: number;
}

/**
 * Has the model look at one scan as the service has it, and keeps what the figures need.
 * @throws NII_MODEL_FAILED where the model ends without a result
 */
export async function scoreScan(
  { model, timeoutMs }: ScoreDeps,
  subject: Ordinary | WithObject,
  place: Pick<ScoreRecord, 'key' | 'set' | 'cell'>,
): Promise<ScoreRecord> {
  const cpuBefore = await treeCpuMs([process.pid]);
  const begun = performance.now();
  const { assumedHeightMm, source, name, cargo } = subject;
  const result = await analyseScan(model.runner, source, model.pkg, {
    timeoutMs,
    ...defined({ assumedHeightMm }),
  });
  const whole = performance.now() - begun;
  const cpuAfter = await treeCpuMs([process.pid]);
  const cpu = cpuBefore === undefined || cpuAfter === undefined ? undefined : cpuAfter - cpuBefore;
  const { analysis } = result;
  const common = {
    ...place,
    scan: name,
    cargo,
    ...defined({
      notAnalysed: analysis.status === 'analysed' ? undefined : (analysis.reason ?? 'no reason'),
    }),
    milliseconds: { model: analysis.milliseconds, whole: Math.round(whole), ...defined({ cpu }) },
  };
  if (!('object' in subject))
    return { ...common, units: unitsOf(analysis), marks: marksOf(analysis, undefined) };
  const { object, mask } = subject;
  const box = boundsOf(mask);
  return {
    ...common,
    units: ownUnit(subject, analysis, box),
    marks: marksOf(analysis, box),
    object: { ...object },
    // no figure of the grid is about pixels
    ...defined({ pixels: place.set === 'grid' ? undefined : pixelsOf(result, mask) }),
  };
}

function unitsOf({ units }: Analysis): ScoreRecord['units'] {
  return units.map(({ score, anomalyPercentile }) => ({ score, percentile: anomalyPercentile }));
}

/** The unit in whose columns or rows the object lies; the only one, or the highest where nothing says. */
function ownUnit({ source }: WithObject, analysis: Analysis, box: Bounds): ScoreRecord['units'] {
  const holds = source.scan.units.filter(({ extent }) => {
    if (extent === undefined || extent.view !== analysis.view) return false;
    const middle =
      extent.axis === 'columns' ? (box.columnFrom + box.columnTo) / 2 : (box.rowFrom + box.rowTo) / 2;
    return extent.from <= middle && middle < extent.to;
  });
  const own = analysis.units.filter(({ unitId }) => holds.some(({ id }) => id === unitId));
  const chosen = own.length > 0 ? own : analysis.units;
  return [...chosen]
    .sort((a, b) => b.score - a.score)
    .slice(0, 1)
    .map(({ score, anomalyPercentile }) => ({ score, percentile: anomalyPercentile }));
}

type Bounds = Pick<Box, 'rowFrom' | 'rowTo' | 'columnFrom' | 'columnTo'>;

function boundsOf({ rows, columns, bytes }: StoredMask): Bounds {
  const bounds = { rowFrom: rows, rowTo: 0, columnFrom: columns, columnTo: 0 };
  for (const [i, value] of bytes.entries()) {
    if (value === 0) continue;
    const [row, column] = [Math.floor(i / columns), i % columns];
    bounds.rowFrom = Math.min(bounds.rowFrom, row);
    bounds.rowTo = Math.max(bounds.rowTo, row + 1);
    bounds.columnFrom = Math.min(bounds.columnFrom, column);
    bounds.columnTo = Math.max(bounds.columnTo, column + 1);
  }
  return bounds;
}

function marksOf({ findings }: Analysis, object: Bounds | undefined): ScoreRecord['marks'] {
  return findings.map(({ score, box }) => ({ score, hit: object !== undefined && isHit(box, object) }));
}

/** Two boxes that share so much of what both cover are about one thing. */
const LEAST_OVERLAP = 0.1;

/**
 * A mark is on an object if its middle lies in the object's box, or if both boxes share a tenth of what they cover
 * together: a mark over half of the load is no hit.
 */
export function isHit(mark: Bounds, object: Bounds): boolean {
  const row = (mark.rowFrom + mark.rowTo) / 2;
  const column = (mark.columnFrom + mark.columnTo) / 2;
  const isMiddleIn =
    object.rowFrom <= row && row <= object.rowTo && object.columnFrom <= column && column <= object.columnTo;
  const rows = Math.min(mark.rowTo, object.rowTo) - Math.max(mark.rowFrom, object.rowFrom);
  const columns = Math.min(mark.columnTo, object.columnTo) - Math.max(mark.columnFrom, object.columnFrom);
  const shared = Math.max(0, rows) * Math.max(0, columns);
  const overlap = shared / (areaOf(mark) + areaOf(object) - shared);
  const isSizeAlike = areaOf(mark) <= 10 * areaOf(object);
  return (isMiddleIn && isSizeAlike) || overlap >= LEAST_OVERLAP;
}

function areaOf({ rowFrom, rowTo, columnFrom, columnTo }: Bounds): number {
  return (rowTo - rowFrom) * (columnTo - columnFrom);
}

/** How often each level of the map occurs on the object and beside it. */
function pixelsOf({ map }: AnalysisResult, mask: StoredMask): ScoreRecord['pixels'] {
  if (map === undefined) return undefined;
  const inside = new Uint32Array(256);
  const outside = new Uint32Array(256);
  for (let row = 0; row < map.rows; row++) {
    const y = Math.floor(((row + 0.5) * mask.rows) / map.rows);
    for (let column = 0; column < map.columns; column++) {
      const x = Math.floor(((column + 0.5) * mask.columns) / map.columns);
      const counts = (mask.bytes[y * mask.columns + x] ?? 0) > 0 ? inside : outside;
      const level = map.bytes[row * map.columns + column] ?? 0;
      counts[level] = (counts[level] ?? 0) + 1;
    }
  }
  return { inside: levelsOf(inside), outside: levelsOf(outside) };
}

function levelsOf(counts: Uint32Array): [number, number][] {
  return [...counts.entries()].filter(([, count]) => count > 0);
}
