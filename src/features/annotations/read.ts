import { type Actor, placeOf } from '../../core/access.ts';
import { type Annotation, toAnnotation } from '../../core/case/annotation.ts';
import { NiiError } from '../../core/errors.ts';
import type { Tx } from '../../core/ports/records.ts';
import { isOpenTo, type Viewing, viewed } from '../../queries/read.ts';
import { annotationDocument } from '../../stored/document-kinds.ts';
import { seenBy } from '../../triage/annotations/whose.ts';

/** Pick<Documents, 'documentsAbout'> of a case that the caller may see, in the order in which they were made. */
export function listAnnotations(
  deps: Viewing<Tx<'case' | 'documentsAbout'>>,
  actor: Actor,
  caseId: string,
  { removed }: { readonly removed: boolean },
): Promise<readonly Annotation[]> {
  return viewed(deps, actor, 'annotations', caseId, { removed }, async (tx) => {
    const current = await tx.case(placeOf(actor), caseId);
    if (current === undefined || !isOpenTo(actor, current))
      throw new NiiError('NII_NOT_FOUND', `Unknown case "${caseId}"`);
    const seen = seenBy(actor, current, await tx.documentsAbout(annotationDocument, caseId));
    return seen.filter((one) => removed || one.removed === undefined).map(toAnnotation);
  });
}
