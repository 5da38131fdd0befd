import { type Command, earlierAnswer, keepAnswer } from '../../commands/command.ts';
import { requireVersion, withLockedCase } from '../../commands/with-case.ts';
import { type Actor, actingAs, idsOf } from '../../core/access.ts';
import type { AnnotationChange, NewAnnotation, StoredAnnotation } from '../../core/case/annotation.ts';
import type { Case } from '../../core/case/case.ts';
import { MOST_REGIONS } from '../../core/case/region.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import { moveOf } from '../../core/person/move.ts';
import type { ObjectWrites } from '../../core/ports/objects.ts';
import type { Clock } from '../../core/ports/process.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Locks, Transactions } from '../../core/ports/transactions.ts';
import type { NiiScan } from '../../core/scan/scan.ts';
import { annotationDocument } from '../../stored/document-kinds.ts';
import { storeDocuments } from '../../stored/documents.ts';
import { checkAnnotation, openingOf, ownOf, standingOf } from '../../triage/annotations.ts';
import { claimOf, mustHold } from '../../triage/case-moves.ts';

/**
 * What a reader draws on the picture, kept at once. Only who holds the case draws; a removal is kept, too.
 * @throws NII_NOT_FOUND, NII_STATE_CONFLICT, NII_PRECONDITION_FAILED, NII_IDEMPOTENCY_MISMATCH, NII_BAD_REQUEST
 */

type AnnotateTx = Tx<
  | 'lockCase'
  | 'saveCase'
  | 'saveMeasured'
  | 'documentsAbout'
  | 'lockDocuments'
  | 'putDocuments'
  | 'putObjects'
  | 'revision'
  | 'appendChange'
  | 'audit'
  | 'answered'
  | 'putAnswer'
>;

export interface AnnotateDeps {
  readonly records: Transactions<AnnotateTx> & Locks;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
}

/** `replayed`: it was here already, and nothing was done now. */
export interface AnnotationAnswer {
  readonly annotation: StoredAnnotation;
  readonly replayed: boolean;
}

/** Changes of annotations are counted, and each is kept. */
const MOST_VERSIONS = 999;
/** Of one reader and case, removed ones too. */
const MOST_DRAWN = 512;

/** What a step on a locked case sees. */
interface Held {
  readonly current: Case;
  readonly all: readonly StoredAnnotation[];
  readonly scan: NiiScan;
}

export function addAnnotation(
  deps: AnnotateDeps,
  command: Command,
  caseId: string,
  wanted: NewAnnotation,
): Promise<AnnotationAnswer> {
  return whileHeld(deps, command, caseId, async (tx, { current, all, scan }) => {
    const { actor } = command;
    const earlier = all.find(({ id }) => id === wanted.id);
    if (earlier !== undefined) return { annotation: sameAs(actor, earlier, wanted), replayed: true };
    requireVersion(command, current);
    rejectTooMany(actor, current, all);
    checkAnnotation(scan, current.unitId, wanted);
    const at = deps.clock.now().toISOString();
    const annotation: StoredAnnotation = {
      ...wanted,
      revision: claimOf(current).revision,
      version: 1,
      madeBy: actingAs(actor),
      madeAt: at,
      changedAt: at,
      caseId,
      administration: current.administration,
      site: current.site,
      opening: openingOf(current),
    };
    return keep(deps, tx, command, current, 'add', annotation);
  });
}

export function changeAnnotation(
  deps: AnnotateDeps,
  command: Command,
  caseId: string,
  annotationId: string,
  { points, text }: AnnotationChange,
): Promise<AnnotationAnswer> {
  return whileHeld(deps, command, caseId, async (tx, { current, all, scan }) => {
    const before = ownOne(command, current, all, annotationId);
    if (before.removed !== undefined)
      throw new NiiError('NII_STATE_CONFLICT', 'This annotation was removed: add a new one');
    const { text: said, ...rest } = before;
    const annotation: StoredAnnotation = {
      ...rest,
      ...defined({ points, text: text === undefined ? said : (text ?? undefined) }),
      version: before.version + 1,
      changedAt: deps.clock.now().toISOString(),
    };
    if (annotation.version > MOST_VERSIONS)
      throw new NiiError(
        'NII_STATE_CONFLICT',
        `This annotation was changed ${MOST_VERSIONS} times, which is the limit: remove it and add a new one`,
      );
    checkAnnotation(scan, current.unitId, annotation);
    return keep(deps, tx, command, current, 'change', annotation);
  });
}

/** The row stays, with who removed it and when. Removing it again changes nothing. */
export function removeAnnotation(
  deps: AnnotateDeps,
  command: Command,
  caseId: string,
  annotationId: string,
): Promise<AnnotationAnswer> {
  return whileHeld(deps, command, caseId, async (tx, { current, all }) => {
    const before = all.find(({ id }) => id === annotationId);
    if (before?.removed !== undefined && ownOf(command.actor, current, all).includes(before))
      return { annotation: before, replayed: true };
    const standing = ownOne(command, current, all, annotationId);
    const at = deps.clock.now().toISOString();
    const annotation: StoredAnnotation = {
      ...standing,
      version: standing.version + 1,
      changedAt: at,
      removed: { by: actingAs(command.actor), at },
    };
    return keep(deps, tx, command, current, 'remove', annotation);
  });
}

/** One transaction on a case that the caller holds; the answer of a request that was sent before comes first. */
function whileHeld(
  deps: Pick<AnnotateDeps, 'records' | 'clock'>,
  command: Command,
  caseId: string,
  work: (tx: AnnotateTx, held: Held) => Promise<AnnotationAnswer>,
): Promise<AnnotationAnswer> {
  const { actor } = command;
  return withLockedCase(deps, actor, caseId, async (tx, current) => {
    const earlier = await earlierAnswer(tx, command);
    // What was kept is an answer that this service wrote; it is read back as it is.
    if (earlier !== undefined) return { annotation: earlier as StoredAnnotation, replayed: true };
    mustHold(current, moveOf(actor, deps.clock.now()));
    const { revision } = claimOf(current);
    const scan = (await tx.revision(current.scanId, revision))?.scan;
    if (scan === undefined) throw new NiiError('NII_STATE_CONFLICT', 'The scan has no image to annotate');
    return work(tx, { current, all: await tx.documentsAbout(annotationDocument, caseId), scan });
  });
}

/** The same id with the same shape was sent before; its text may have been changed since. */
function sameAs(actor: Actor, earlier: StoredAnnotation, wanted: NewAnnotation): StoredAnnotation {
  const shapeOf = ({ shape, view, channel, points }: NewAnnotation) =>
    JSON.stringify([shape, view, channel ?? null, points.map(({ x, y }) => [x, y])]);
  const isFirst = earlier.version > 1 || shapeOf(earlier) === shapeOf(wanted);
  if (isFirst && idsOf(actor).includes(earlier.madeBy)) return earlier;
  const detail = 'This id was used for another annotation: generate a new id of 32 hexadecimal digits';
  throw new NiiError('NII_CONFLICT', { detail, field: 'id' });
}

function rejectTooMany(actor: Actor, current: Case, all: readonly StoredAnnotation[]): void {
  if (standingOf(actor, current, all).length >= MOST_REGIONS)
    throw new NiiError(
      'NII_STATE_CONFLICT',
      `A verdict can have at most ${MOST_REGIONS} annotations: remove one before you add another`,
    );
  if (ownOf(actor, current, all).length >= MOST_DRAWN)
    throw new NiiError(
      'NII_STATE_CONFLICT',
      `You have drawn ${MOST_DRAWN} annotations on this case, including removed ones, which is the limit`,
    );
}

function ownOne(
  { actor, ifMatch }: Command,
  current: Case,
  all: readonly StoredAnnotation[],
  annotationId: string,
): StoredAnnotation {
  const { revision } = claimOf(current);
  const found = ownOf(actor, current, all).find(
    (one) => one.id === annotationId && one.revision === revision,
  );
  if (found === undefined) throw new NiiError('NII_NOT_FOUND', `Unknown annotation "${annotationId}"`);
  if (ifMatch !== undefined && ifMatch !== String(found.version))
    throw new NiiError('NII_PRECONDITION_FAILED', 'The annotation has changed; reload and retry');
  return found;
}

/** The object first, then the record, the audit and the answer for a repeated request. */
async function keep(
  deps: Pick<AnnotateDeps, 'objects'>,
  tx: Tx<'putDocuments' | 'putObjects' | 'appendChange' | 'audit' | 'putAnswer'>,
  command: Command,
  current: Case,
  what: 'add' | 'change' | 'remove',
  annotation: StoredAnnotation,
): Promise<AnnotationAnswer> {
  await storeDocuments(deps, tx, annotationDocument, [annotation]);
  const { id, shape, version, site, administration, caseId: subject } = annotation;
  if (current.claim?.advice !== undefined)
    await tx.appendChange({ administration, site, kind: 'advice.drawn', subject });
  await tx.audit({
    actor: command.actor,
    action: `change annotation: ${what}`,
    subject: annotation.caseId,
    detail: { annotation: id, shape, version },
    site,
  });
  await keepAnswer(tx, command, annotation);
  return { annotation, replayed: false };
}
