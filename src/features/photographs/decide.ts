import { namedBefore } from '../../commands/attachments.ts';
import { withLockedCase } from '../../commands/with-case.ts';
import { type Actor, actingAs, placeOf } from '../../core/access.ts';
import type { Case } from '../../core/case/case.ts';
import {
  type Photograph,
  type PhotographType,
  photographLimits,
  type StoredPhotograph,
  toPhotograph,
} from '../../core/case/photograph.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { FileBody, ObjectWrites } from '../../core/ports/objects.ts';
import type { Clock } from '../../core/ports/process.ts';
import type { ObjectRow } from '../../core/ports/records/object-rows.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Locks, Transactions } from '../../core/ports/transactions.ts';
import { photographDocument } from '../../stored/document-kinds.ts';
import { storeDocuments } from '../../stored/documents.ts';
import { originalKey, shownRow } from '../../stored/photographs.ts';

/**
 * What a searcher photographs, kept at once. It is added and removed while the case is in search, and the outcome then
 * names what is there. A removal is kept, too.
 * @throws NII_NOT_FOUND, NII_STATE_CONFLICT
 */

type PhotographTx = Tx<
  | 'lockCase'
  | 'saveCase'
  | 'saveMeasured'
  | 'documentsAbout'
  | 'lockDocuments'
  | 'putDocuments'
  | 'putObjects'
  | 'audit'
>;

export interface PhotographDeps {
  readonly records: Transactions<PhotographTx> & Locks;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
}

/** A photograph that was received, and what is shown of it. */
export interface NewPhotograph {
  readonly original: FileBody & Pick<ObjectRow, 'sha256' | 'blocks'>;
  readonly shown: Uint8Array;
  readonly type: PhotographType;
  readonly rows: number;
  readonly columns: number;
}

/** `replayed`: it was here already, and nothing was done now. */
export interface PhotographAnswer {
  readonly photograph: Photograph;
  readonly replayed: boolean;
}

/** Each addition and each removal is a version. */
const MOST_VERSIONS = 99;

/** Before its bytes are read: whether the case takes one more. */
export async function requireOpenSearch(
  { records }: { readonly records: Transactions<Tx<'case'>> },
  actor: Actor,
  caseId: string,
): Promise<void> {
  const current = await records.transaction((tx) => tx.case(placeOf(actor), caseId));
  if (current === undefined) throw new NiiError('NII_NOT_FOUND', `Unknown case "${caseId}"`);
  requireSearch(current);
}

/** The same bytes are the same photograph; one that was removed is there again. */
export function addPhotograph(
  deps: PhotographDeps,
  actor: Actor,
  caseId: string,
  wanted: NewPhotograph,
): Promise<PhotographAnswer> {
  return inSearch(deps, actor, caseId, async (tx, current, all) => {
    const added = { addedBy: actingAs(actor), addedAt: deps.clock.now().toISOString() };
    const earlier = all.find(({ id }) => id === wanted.original.sha256);
    if (earlier !== undefined) {
      const { removed, ...before } = earlier;
      if (removed === undefined) return { photograph: toPhotograph(earlier), replayed: true };
      return keep(deps, tx, actor, 'add', { ...before, ...added, version: versionAfter(earlier) });
    }
    requireRoom(all.length);
    const { administration, site } = current;
    const bytes = await keepBytes(deps, tx, { administration, site, caseId }, wanted);
    return keep(deps, tx, actor, 'add', { ...bytes, ...added, version: 1 });
  });
}

function requireRoom(photographs: number): void {
  if (photographs < photographLimits.ofCase) return;
  throw new NiiError(
    'NII_LIMIT_FILES',
    `The case has ${photographs} photographs, including removed ones, and can have at most ${photographLimits.ofCase}`,
  );
}

/** The bytes and the record stay, with who removed it and when. Removing it again changes nothing. */
export function removePhotograph(
  deps: PhotographDeps,
  actor: Actor,
  caseId: string,
  photographId: string,
): Promise<PhotographAnswer> {
  return inSearch(deps, actor, caseId, async (tx, current, all) => {
    const before = all.find(({ id }) => id === photographId);
    if (before === undefined) throw new NiiError('NII_NOT_FOUND', `Unknown photograph "${photographId}"`);
    if (before.removed !== undefined) return { photograph: toPhotograph(before), replayed: true };
    if (namedBefore(current).has(photographId))
      throw new NiiError('NII_STATE_CONFLICT', 'This photograph cannot be removed: an outcome refers to it');
    const removed = { by: actingAs(actor), at: deps.clock.now().toISOString() };
    return keep(deps, tx, actor, 'remove', { ...before, version: versionAfter(before), removed });
  });
}

function requireSearch({ state }: Pick<Case, 'state'>): void {
  if (state === 'search') return;
  const detail = `The case is ${state}: photographs can be added or removed only while it is in search`;
  throw new NiiError('NII_STATE_CONFLICT', detail);
}

function inSearch(
  deps: Pick<PhotographDeps, 'records'>,
  actor: Actor,
  caseId: string,
  work: (tx: PhotographTx, current: Case, all: readonly StoredPhotograph[]) => Promise<PhotographAnswer>,
): Promise<PhotographAnswer> {
  return withLockedCase(deps, actor, caseId, async (tx, current) => {
    requireSearch(current);
    return work(tx, current, await tx.documentsAbout(photographDocument, caseId));
  });
}

function versionAfter({ version }: StoredPhotograph): number {
  if (version < MOST_VERSIONS) return version + 1;
  throw new NiiError(
    'NII_STATE_CONFLICT',
    `A photograph can be added and removed at most ${MOST_VERSIONS} times`,
  );
}

type Bytes = Omit<StoredPhotograph, 'addedBy' | 'addedAt' | 'removed' | 'version'>;

/** The objects first, then the rows that name them. */
async function keepBytes(
  { objects }: Pick<PhotographDeps, 'objects'>,
  tx: Tx<'putObjects'>,
  place: Pick<StoredPhotograph, 'administration' | 'site' | 'caseId'>,
  { original, shown, type, rows, columns }: NewPhotograph,
): Promise<Bytes> {
  const { sha256: id, bytes, blocks, path } = original;
  const row = shownRow({ ...place, id }, shown);
  const key = originalKey({ ...place, id });
  await objects.put(key, { path, bytes }, type);
  await objects.put(row.key, shown, row.contentType);
  const kept = { ...row, key, kind: 'photograph-original', sha256: id, bytes, contentType: type } as const;
  await tx.putObjects([{ ...kept, ...defined({ blocks }) }, row]);
  return { ...place, id, type, bytes, rows, columns, shownSha256: row.sha256 };
}

async function keep(
  deps: Pick<PhotographDeps, 'objects'>,
  tx: Tx<'putDocuments' | 'putObjects' | 'audit'>,
  actor: Actor,
  what: 'add' | 'remove',
  photograph: StoredPhotograph,
): Promise<PhotographAnswer> {
  await storeDocuments(deps, tx, photographDocument, [photograph]);
  const { caseId: subject, id, bytes, version, site } = photograph;
  await tx.audit({
    actor,
    action: `change photograph: ${what}`,
    subject,
    detail: { photograph: id, bytes, version },
    site,
  });
  return { photograph: toPhotograph(photograph), replayed: false };
}
