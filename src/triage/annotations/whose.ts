import { type Actor, idsOf, isReader } from '../../core/access.ts';
import type { StoredAnnotation } from '../../core/case/annotation.ts';
import type { Case } from '../../core/case/case.ts';
import { isRedacted } from '../redact.ts';

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
