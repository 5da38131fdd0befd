import type { Advice } from '../core/case/advice.ts';
import type { Case } from '../core/case/case.ts';
import { keys } from '../core/keys.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import type { Tx } from '../core/ports/records.ts';
import { settleAll } from '../core/settle-all.ts';
import { laneRows, rowOfCase } from '../triage/instruction.ts';
import type { LaneTarget } from '../triage/lane.ts';
import { measuredOf } from '../triage/measured.ts';
import { isAdverse } from '../triage/vehicle-facts.ts';
import { jobs } from './job-ids.ts';
import { jsonBytes } from './manifest.ts';
import { type Derived, objectRow } from './object-row.ts';

export type StoreCaseTx = Tx<'putObjects' | 'saveCase' | 'saveMeasured' | 'enqueue' | 'appendChange'>;

/**
 * Keeps a case that moved: its snapshot as an object, and meanwhile the record, the change and the word to the lane
 * in the caller's transaction, which ends after both. The caller holds the lock on the case, so no other snapshot of
 * the same number exists.
 */
export async function storeCase(
  deps: { readonly objects: ObjectWrites; readonly lane: LaneTarget | undefined },
  tx: StoreCaseTx,
  before: Case | undefined,
  after: Case,
): Promise<void> {
  const snapshot = snapshotOf(after);
  const writeRows = async () => {
    await tx.putObjects([objectRow(after, snapshot)]);
    await tx.saveCase(after);
    await tx.saveMeasured(measuredOf(after));
    await appendCaseChanges(deps, tx, before, after);
  };
  await settleAll([writeRows(), deps.objects.put(snapshot.key, snapshot.body, snapshot.contentType)]);
}

/** The changes and the word to the lane. */
async function appendCaseChanges(
  { lane }: { readonly lane: LaneTarget | undefined },
  tx: Tx<'enqueue' | 'appendChange'>,
  before: Case | undefined,
  after: Case,
): Promise<void> {
  const { administration, site, id, revision } = after;
  const kind = before === undefined ? 'case.opened' : 'case.changed';
  await tx.appendChange({ administration, site, kind, subject: id, revision });
  if (before?.releasedWhileOpen === undefined && after.releasedWhileOpen !== undefined)
    await tx.appendChange({ administration, site, kind: 'release.while-open', subject: id, revision });
  for (const kind of adviceChanges(before?.claim?.advice, after.claim?.advice))
    await tx.appendChange({ administration, site, kind, subject: id, revision });
  for (const kind of dangerChanges(before?.danger, after.danger))
    await tx.appendChange({ administration, site, kind, subject: id, revision });
  if (hasLeftWithFact(before, after))
    await tx.appendChange({
      administration,
      site,
      kind: 'vehicle.left-with-open-fact',
      subject: id,
      revision,
    });
  if (before === undefined || rowOfCase(before) === rowOfCase(after)) return;
  if (lane !== undefined) await tx.enqueue(jobs.notifyLane(after));
  if (laneRows[rowOfCase(after)].instruction !== 'proceed') await tx.enqueue(jobs.watchPassagesOfCase(after));
}

/** Customs released it with something open that holds the vehicle wherever it is. */
function hasLeftWithFact(before: Case | undefined, after: Case): boolean {
  const isNew = before?.releasedWhileOpen === undefined;
  return isNew && after.releasedWhileOpen?.open.some(({ code }) => isAdverse(code)) === true;
}

function dangerChanges(before: Case['danger'], after: Case['danger']): readonly string[] {
  if (after === undefined || after === before) return [];
  if (before?.at !== after.at) return ['danger.raised'];
  if (after.acknowledged !== before.acknowledged) return ['danger.acknowledged'];
  return after.escalatedAt === before.escalatedAt ? [] : ['danger.escalated'];
}

function adviceChanges(before: Advice | undefined, after: Advice | undefined): readonly string[] {
  if (after === before) return [];
  if (after === undefined) return ['advice.ended'];
  if (before?.questions.length !== after.questions.length) return ['advice.asked'];
  return [before.colleagues.length === after.colleagues.length ? 'advice.given' : 'advice.joined'];
}

export function snapshotOf(value: Case): Derived {
  return {
    key: keys.case(value.scanId, value.id, value.history.length),
    kind: 'case',
    body: jsonBytes(value),
    contentType: 'application/json',
    producer: 'triage',
  };
}

/** Object first, row in the transaction: a row never names what is not there. */
export async function storeDerived(
  { objects }: { readonly objects: ObjectWrites },
  tx: Tx<'putObjects'>,
  owner: { readonly scanId: string; readonly revision: number },
  derived: Derived,
): Promise<ObjectRow> {
  const row = objectRow(owner, derived);
  await objects.put(derived.key, derived.body, derived.contentType);
  await tx.putObjects([row]);
  return row;
}
