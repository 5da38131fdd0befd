import type { Actor } from '../core/access.ts';
import type { Case } from '../core/case/case.ts';
import { MOST_REGIONS, type Region } from '../core/case/region.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import type { Tx } from '../core/ports/records.ts';
import { annotationDocument, photographDocument } from '../stored/document-kinds.ts';
import { regionOf, standingOf } from '../triage/annotations.ts';
import type { Decision } from '../triage/case.ts';

/** Those that the outcome of this search names: what is there, without what an earlier outcome named. */
export async function photographsToName(
  tx: Tx<'documentsAbout'>,
  current: Case,
): Promise<{ readonly photographs?: string[] }> {
  const earlier = namedBefore(current);
  const standing = (await tx.documentsAbout(photographDocument, current.id)).filter(
    ({ removed }) => removed === undefined,
  );
  const ids = standing.map(({ id }) => id).filter((id) => !earlier.has(id));
  return defined({ photographs: ids.length === 0 ? undefined : ids });
}

/** What outcomes of earlier searches named: their events have what was recorded. */
export function namedBefore({ history }: Pick<Case, 'history'>): ReadonlySet<unknown> {
  return new Set(
    history.flatMap(({ kind, detail: { photographs } }) =>
      kind === 'outcome' && Array.isArray(photographs) ? photographs : [],
    ),
  );
}

/**
 * The decision with what its reader drew as regions, after those that it names itself.
 * @throws NII_BAD_REQUEST where that is more than a verdict carries
 */
export async function withAnnotations(
  tx: Tx<'documentsAbout' | 'revision'>,
  actor: Actor,
  current: Case,
  decision: Decision,
): Promise<Decision> {
  if (current.claim === undefined) return decision;
  const standing = standingOf(actor, current, await tx.documentsAbout(annotationDocument, current.id));
  const scan =
    standing.length === 0 ? undefined : (await tx.revision(current.scanId, current.claim.revision))?.scan;
  if (scan === undefined) return decision;
  const regions: Region[] = [...(decision.regions ?? []), ...standing.map((one) => regionOf(scan, one))];
  if (regions.length > MOST_REGIONS) {
    const detail = `${regions.length} regions and annotations: a verdict can have at most ${MOST_REGIONS}`;
    throw new NiiError('NII_BAD_REQUEST', { detail, field: 'regions' });
  }
  return { ...decision, regions };
}
