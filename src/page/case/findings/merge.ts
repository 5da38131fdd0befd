import type { Box } from '../../../core/case/box.ts';

/** A finding of a model, with the model named. */
export interface NamedFinding {
  readonly finding: {
    readonly id: string;
    readonly label: string;
    readonly box: Box;
    readonly anomalyPercentile?: number | undefined;
  };
  readonly model: string;
}

/** Boxes that overlap by so much, as intersection over union, are one mark. */
const SAME_PLACE = 0.5;

/** One mark of the picture, and who marked there. */
export interface MarkedPlace {
  /** The smallest one around all of them. */
  readonly box: Box;
  /** The highest percentile first; of each model one finding at most. */
  readonly findings: readonly NamedFinding[];
}

/**
 * Findings of different models at the same place as one mark; each overlaps every other one of its mark by half. Two
 * findings of one model are always two marks. The order in which they come makes no difference.
 */
export function mergeFindings(found: readonly NamedFinding[]): readonly MarkedPlace[] {
  const places: NamedFinding[][] = [];
  for (const one of found.toSorted(byPercentile)) {
    const best = places
      .filter((place) => isOfSamePlace(place, one))
      .toSorted((a, b) => leastOverlap(b, one) - leastOverlap(a, one))[0];
    if (best === undefined) places.push([one]);
    else best.push(one);
  }
  return places.map((findings) => ({ box: boxAround(findings.map(({ finding }) => finding.box)), findings }));
}

function byPercentile(a: NamedFinding, b: NamedFinding): number {
  const difference = (b.finding.anomalyPercentile ?? 0) - (a.finding.anomalyPercentile ?? 0);
  if (difference !== 0) return difference;
  const [first, second] = [a, b].map(({ model, finding }) => JSON.stringify([model, finding.id])) as [
    string,
    string,
  ];
  if (first === second) return 0;
  return first < second ? -1 : 1;
}

function isOfSamePlace(place: readonly NamedFinding[], one: NamedFinding): boolean {
  return place.every(({ model }) => model !== one.model) && leastOverlap(place, one) >= SAME_PLACE;
}

function leastOverlap(place: readonly NamedFinding[], { finding }: NamedFinding): number {
  return Math.min(...place.map((other) => overlapOf(other.finding.box, finding.box)));
}

/** Intersection over union, 0 to 1; 0 in different views. */
export function overlapOf(a: Box, b: Box): number {
  if (a.view !== b.view) return 0;
  const rows = Math.min(a.rowTo, b.rowTo) - Math.max(a.rowFrom, b.rowFrom);
  const columns = Math.min(a.columnTo, b.columnTo) - Math.max(a.columnFrom, b.columnFrom);
  if (rows <= 0 || columns <= 0) return 0;
  const both = rows * columns;
  return both / (areaOf(a) + areaOf(b) - both);
}

function areaOf({ rowFrom, rowTo, columnFrom, columnTo }: Box): number {
  return (rowTo - rowFrom) * (columnTo - columnFrom);
}

function boxAround(boxes: readonly Box[]): Box {
  return {
    view: boxes[0]?.view ?? '',
    rowFrom: Math.min(...boxes.map(({ rowFrom }) => rowFrom)),
    rowTo: Math.max(...boxes.map(({ rowTo }) => rowTo)),
    columnFrom: Math.min(...boxes.map(({ columnFrom }) => columnFrom)),
    columnTo: Math.max(...boxes.map(({ columnTo }) => columnTo)),
  };
}
