import type { Case } from '../../core/case/case.ts';
import { defined } from '../../core/defined.ts';
import type { Tx } from '../../core/ports/records.ts';
import { photographDocument } from '../../stored/document-kinds.ts';

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
