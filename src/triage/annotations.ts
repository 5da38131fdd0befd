import { type Actor, idsOf, isReader } from '../core/access.ts';
import type { AnnotationShape, NewAnnotation, StoredAnnotation } from '../core/case/annotation.ts';
import type { Case } from '../core/case/case.ts';
import { MOST_CORNERS, type Region } from '../core/case/region.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import type { NiiScan } from '../core/scan/scan.ts';
import { isRedacted } from './redact.ts';
import { checkRegions, sidesAt } from './regions.ts';

/** Where annotations lie, and what regions they are of a verdict. */

type Drawn = Pick<NewAnnotation, 'shape' | 'view' | 'channel' | 'points' | 'text'>;

const pointsOf: Readonly<Record<AnnotationShape, readonly [least: number, most: number]>> = {
  point: [1, 1],
  text: [1, 1],
  arrow: [2, 2],
  box: [2, 2],
  polygon: [3, MOST_CORNERS],
};

/** A point is seen as a square of this many samples on each side of it. */
const AROUND = 4;

/**
 * An annotation lies in the picture that was claimed, has the points of its shape, and touches the object of inspection.
 * @throws NII_BAD_REQUEST with the field and what is allowed
 */
export function checkAnnotation(
  scan: Pick<NiiScan, 'views' | 'units'>,
  unitId: string,
  annotation: Drawn,
): void {
  const { shape, points, text } = annotation;
  const [least, most] = pointsOf[shape];
  if (points.length < least || points.length > most) {
    const allowed = least === most ? String(least) : `${least} to ${most}`;
    throw invalid('points', `Invalid points: a ${shape} has ${allowed}, but ${points.length} were sent`);
  }
  if (shape === 'text' && text === undefined)
    throw invalid('text', 'Missing text: an annotation of the shape text has 1 to 500 characters');
  const { columns, rows } = sidesAt(scan.views, annotation, '');
  for (const [i, { x, y }] of points.entries()) {
    const [right, bottom] = isOfSamples(shape) ? [columns - 1, rows - 1] : [columns, rows];
    if (x <= right && y <= bottom) continue;
    const detail = `Invalid point ${x}, ${y}: use x 0 to ${right} and y 0 to ${bottom} in view "${annotation.view}"`;
    throw invalid(`points.${i}`, detail);
  }
  const [one, other] = points;
  if (shape === 'arrow' && one?.x === other?.x && one?.y === other?.y)
    throw invalid('points', 'Invalid points: the tail and the head of an arrow must differ');
  if (shape === 'box' && (one?.x === other?.x || one?.y === other?.y))
    throw invalid('points', 'Invalid points: the corners of a box must differ in x and in y');
  checkRegions(scan, unitId, [regionOf(scan, annotation)], () => 'points');
}

/** Points and texts name a sample, and an arrow what its head is on; the others have corners between samples. */
function isOfSamples(shape: AnnotationShape): boolean {
  return shape === 'point' || shape === 'text' || shape === 'arrow';
}

function invalid(field: string, detail: string): NiiError {
  return new NiiError('NII_BAD_REQUEST', { detail, field });
}

/** The region of a verdict that an annotation becomes: what has no area is the square around it, cut to the picture. */
export function regionOf({ views }: Pick<NiiScan, 'views'>, annotation: Drawn): Region {
  const { shape, view, channel, points, text } = annotation;
  const place = { view, ...defined({ channel, text }) };
  if (shape === 'polygon') return { ...place, points };
  const { columns, rows } = sidesAt(views, annotation, '');
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  if (shape === 'box') return { ...place, ...between(xs, ys) };
  const { x, y } = points.at(-1) ?? { x: 0, y: 0 };
  return {
    ...place,
    ...between(
      [Math.max(0, x - AROUND), Math.min(columns, x + AROUND + 1)],
      [Math.max(0, y - AROUND), Math.min(rows, y + AROUND + 1)],
    ),
  };
}

function between(xs: readonly number[], ys: readonly number[]) {
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** Which annotations of a case are of a reading, and who sees which. */

/** A reopened case is read again: earlier annotations belong to an earlier reading. */
export function openingOf({ history }: Pick<Case, 'history'>): number {
  return history.filter(({ kind }) => kind === 'reopened').length;
}

/** What the person who holds the case has drawn on the revision in hand, and not removed. */
export function standingOf(
  actor: Pick<Actor, 'person' | 'keyId'>,
  current: Pick<Case, 'history' | 'claim'>,
  all: readonly StoredAnnotation[],
): readonly StoredAnnotation[] {
  return ownOf(actor, current, all).filter(
    ({ revision, removed }) => removed === undefined && revision === current.claim?.revision,
  );
}

/** All that the person drew since the case was last opened. */
export function ownOf(
  actor: Pick<Actor, 'person' | 'keyId'>,
  current: Pick<Case, 'history'>,
  all: readonly StoredAnnotation[],
): readonly StoredAnnotation[] {
  const own = idsOf(actor);
  const opening = openingOf(current);
  return all.filter((one) => own.includes(one.madeBy) && one.opening === opening);
}

/** Annotations of the reader whose case this person observes. */
function lookedAlong(
  actor: Pick<Actor, 'person' | 'keyId'>,
  current: Pick<Case, 'history' | 'claim'>,
  all: readonly StoredAnnotation[],
): readonly StoredAnnotation[] {
  const own = idsOf(actor);
  const { claim } = current;
  if (claim?.advice?.colleagues.some(({ by }) => own.includes(by)) !== true) return [];
  return ownOf({ keyId: claim.analyst }, current, all);
}

/**
 * While anybody may still read the image a reader sees the own ones, and who looks along those of the reader; afterwards those that verdicts carried. Whoever
 * audits, and is no reader, sees all.
 */
export function seenBy(
  actor: Pick<Actor, 'role' | 'person' | 'keyId'>,
  current: Case,
  all: readonly StoredAnnotation[],
): readonly StoredAnnotation[] {
  if (!isReader(actor)) return all;
  if (isRedacted(current)) {
    const along = lookedAlong(actor, current, all);
    return along.length === 0 ? ownOf(actor, current, all) : along;
  }
  const opening = openingOf(current);
  return all.filter(
    (one) =>
      one.opening === opening &&
      one.removed === undefined &&
      current.verdicts.some(({ analyst, revision }) => analyst === one.madeBy && revision === one.revision),
  );
}
