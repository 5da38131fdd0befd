import { type Actor, placeOf } from '../../core/access.ts';
import { type Photograph, type StoredPhotograph, toPhotograph } from '../../core/case/photograph.ts';
import { NiiError } from '../../core/errors.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Stores } from '../../core/ports/stores.ts';
import { isOpenTo, type OpenedObject, redactFor, type Viewing, viewed } from '../../queries/read.ts';
import { photographDocument } from '../../stored/document-kinds.ts';
import { originalKey, shownKey } from '../../stored/photographs.ts';

/** Pick<Documents, 'documentsAbout'> of a case, in the order in which they were added: to whoever may see its outcome. */
export function listPhotographs(
  deps: Viewing<Tx<'case' | 'documentsAbout'>>,
  actor: Actor,
  caseId: string,
  { removed }: { readonly removed: boolean },
): Promise<readonly Photograph[]> {
  return viewed(deps, actor, 'photographs', caseId, { removed }, async (tx) => {
    const all = await photographsFor(tx, actor, caseId);
    return all.filter((one) => removed || one.removed === undefined).map(toPhotograph);
  });
}

/** What is shown of one that is there, or the file of any as the camera wrote it. @throws NII_NOT_FOUND */
export async function openPhotograph(
  deps: Stores<Tx<'case' | 'documentsAbout' | 'object' | 'audit'>>,
  actor: Actor,
  caseId: string,
  photographId: string,
  what: 'shown' | 'original',
): Promise<OpenedObject> {
  const detail = { photograph: photographId, what };
  const row = await viewed(deps, actor, 'photograph', caseId, detail, async (tx) => {
    const all = await photographsFor(tx, actor, caseId);
    const found = all.find(({ id, removed }) => id === photographId && isGiven(what, removed));
    const kept = found && (await tx.object(what === 'shown' ? shownKey(found) : originalKey(found)));
    if (kept === undefined) throw new NiiError('NII_NOT_FOUND', `Unknown photograph "${photographId}"`);
    return kept;
  });
  return { row, stream: (range) => deps.objects.stream(row.key, range) };
}

function isGiven(what: 'shown' | 'original', removed: StoredPhotograph['removed']): boolean {
  return what === 'original' || removed === undefined;
}

/** None while somebody may still read the image: they say that it was searched. */
async function photographsFor(
  tx: Tx<'case' | 'documentsAbout'>,
  actor: Actor,
  caseId: string,
): Promise<readonly StoredPhotograph[]> {
  const current = await tx.case(placeOf(actor), caseId);
  if (current === undefined || !isOpenTo(actor, current))
    throw new NiiError('NII_NOT_FOUND', `Unknown case "${caseId}"`);
  return redactFor(actor, current) === current ? tx.documentsAbout(photographDocument, caseId) : [];
}
