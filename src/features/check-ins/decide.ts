import type { Command } from '../../commands/command.ts';
import {
  type DecideDocumentDeps,
  type DecideDocumentTx,
  type DecidedDocument,
  type DecisionStep,
  decideDocument,
} from '../../commands/decide-document.ts';
import { type Actor, ANY_SITE, actingAs } from '../../core/access.ts';
import { NiiError } from '../../core/errors.ts';
import { isOther, moveOf } from '../../core/person/move.ts';
import type { Tx } from '../../core/ports/records.ts';
import { type CheckInTerms, type StoredCheckIn, statedIn } from '../../core/rules/check-in.ts';
import { checkInDocument } from '../../stored/document-kinds.ts';
import { type CheckInDeps, controlsUnless, nextCheckIn, type SiteTx } from './next.ts';
import { type NotifyTx, notifyLaneOfCheckIns } from './notify.ts';
import { readTerms, requireFewMarks } from './terms.ts';

/** Changes by persons: one states, and another confirms that what is no longer stated is taken off. */

type ChangeCheckInTx = DecideDocumentTx & NotifyTx & SiteTx & Tx<'documentStanding' | 'person'>;
export type ChangeCheckInDeps = DecideDocumentDeps<ChangeCheckInTx> & CheckInDeps;

/**
 * States the terms of a check-in anew. What counted before stays until another person confirms that it is taken off.
 * @throws NII_NOT_FOUND; NII_BAD_REQUEST for terms that name no vehicle, or too many marks; NII_PRECONDITION_REQUIRED, NII_PRECONDITION_FAILED
 */
export async function putCheckIn(
  deps: ChangeCheckInDeps,
  command: Command,
  id: string,
  terms: CheckInTerms,
): Promise<StoredCheckIn> {
  const wanted = readTerms(terms, 'terms');
  return decide(deps, command, id, {
    action: 'change check-in',
    next: async (tx, { newest }, at) => {
      const before = existing(newest, id);
      const by = actingAs(command.actor);
      const value = nextCheckIn(before, wanted, await controlsUnless(tx, before), { at, by });
      requireFewMarks(before, value, 'terms');
      return { value, detail: { waits: value.waits !== undefined } };
    },
  });
}

/**
 * Another person's word: only what is stated counts from now on. Where a machine stated it, this is the first person's
 * word, and it waits for a second: whoever confirms may hold the key of the machine.
 * @throws NII_NOT_FOUND; NII_STATE_CONFLICT where nothing waits, or for a person who took something off; as `putCheckIn`
 */
export function confirmCheckIn(
  deps: ChangeCheckInDeps,
  command: Command,
  id: string,
): Promise<StoredCheckIn> {
  return decide(deps, command, id, {
    action: 'change check-in: confirm',
    next: async (tx, { newest }, at) => {
      const before = existing(newest, id);
      const { by: proposedBy } = requireOther(command.actor, before, at);
      const by = actingAs(command.actor);
      const { waits: _, ...kept } = before;
      const next = { ...kept, version: before.version + 1, at, by, proposedBy: before.by };
      const detail = { proposedBy };
      const person = await tx.person(before.administration, before.by);
      if (person === undefined) return { value: { ...next, waits: { by: [...proposedBy, by] } }, detail };
      const counting = statedIn(before.terms, await controlsUnless(tx, before), at);
      return { value: { ...next, counting }, detail };
    },
  });
}

function requireOther(actor: Actor, { waits }: StoredCheckIn, at: string) {
  if (waits === undefined)
    throw new NiiError(
      'NII_STATE_CONFLICT',
      'There is nothing to confirm: the check-in states every mark and control that counts',
    );
  const move = moveOf(actor, new Date(at));
  if (waits.by.every((by) => isOther(move, by))) return waits;
  throw new NiiError('NII_STATE_CONFLICT', 'This change needs confirmation by another linked person');
}

function existing(newest: StoredCheckIn | undefined, id: string): StoredCheckIn {
  if (newest !== undefined) return newest;
  throw unknown(id);
}

function unknown(id: string): NiiError {
  return new NiiError('NII_NOT_FOUND', `Unknown check-in "${id}"`);
}

async function decide(
  deps: ChangeCheckInDeps,
  command: Command,
  id: string,
  step: Pick<DecisionStep<ChangeCheckInTx, StoredCheckIn>, 'action' | 'next'>,
): Promise<StoredCheckIn> {
  const { actor } = command;
  const path = [actor.administration, id] as const;
  const found = await deps.records.transaction((tx) => tx.documentStanding(checkInDocument, path));
  const { site } = existing(found.newest, id);
  if (actor.site !== ANY_SITE && actor.site !== site) throw unknown(id);
  const subject = () => id;
  const document: DecidedDocument<StoredCheckIn> = {
    kind: checkInDocument,
    path,
    title: 'The check-in',
    site,
    change: { kind: 'check-in.changed', subject },
    subject,
  };
  const after = (tx: NotifyTx & SiteTx, value: StoredCheckIn) => notifyLaneOfCheckIns(deps, tx, [value]);
  return decideDocument(deps, command, document, { ...step, after }, async (tx) =>
    existing((await tx.documentStanding(checkInDocument, path)).newest, id),
  );
}
