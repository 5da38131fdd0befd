import { type Command, earlierAnswer, keepAnswer } from '../../commands/command.ts';
import {
  confirmedNext,
  type DecideDocumentDeps,
  type DecideDocumentTx,
  type DecidedDocument,
  type DecisionStep,
  decideDocument,
  writtenNext,
} from '../../commands/decide-document.ts';
import { actingAs } from '../../core/access.ts';
import { NiiError } from '../../core/errors.ts';
import type { ObjectWrites } from '../../core/ports/objects.ts';
import type { Clock } from '../../core/ports/process.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import { isZone } from '../../core/rules/clock.ts';
import {
  emptyRegister,
  loosenedTerms,
  type RegisterTerms,
  registerIn,
  type ScannerRegister,
  type StoredRegister,
} from '../../core/scanner/register.ts';
import type { ScannerRow } from '../../core/scanner/scanner.ts';
import { acknowledgementDocument, registerDocument } from '../../stored/document-kinds.ts';
import { storeObjects } from '../../stored/documents.ts';
import { joinHoldsAgain } from '../../stored/radiation-store.ts';
import { announceScanner } from '../../stored/scanner-change.ts';
import { unknownZone } from '../../triage/site-rules.ts';
import { type RegisteredScanner, registered, scannerFor, standingOf } from './read.ts';

export type AcknowledgeTx = Tx<
  | 'putObjects'
  | 'scanner'
  | 'lockScanner'
  | 'putScanner'
  | 'appendChange'
  | 'audit'
  | 'answered'
  | 'putAnswer'
>;

export interface AcknowledgeDeps {
  readonly records: Transactions<AcknowledgeTx>;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
}

/** @throws NII_NOT_FOUND, NII_STATE_CONFLICT where there is no alarm */
export async function acknowledge(
  deps: AcknowledgeDeps,
  command: Command,
  { site, id, why }: { readonly site: string; readonly id: string; readonly why: string },
): Promise<ScannerRow> {
  const { actor } = command;
  return deps.records.transaction(async (tx) => {
    const earlier = await earlierAnswer(tx, command);
    // What was kept is an answer that this service wrote; it is read back as it is.
    if (earlier !== undefined) return earlier as ScannerRow;
    const { alarm, ...scanner } = await tx.lockScanner(await scannerFor(tx, actor, site, id));
    if (alarm === undefined)
      throw new NiiError('NII_STATE_CONFLICT', 'This scanner has no alarm: there is nothing to acknowledge');
    const at = deps.clock.now().toISOString();
    const { administration } = scanner;
    const by = actingAs(actor);
    await storeObjects(deps, tx, acknowledgementDocument, [{ administration, site, id, at, by, why, alarm }]);
    await tx.putScanner(scanner);
    await announceScanner(tx, scanner);
    await tx.audit({
      actor,
      action: 'change scanner: acknowledge',
      subject: `${site}/${id}`,
      detail: { why, alarm },
      site,
    });
    await keepAnswer(tx, command, scanner);
    return scanner;
  });
}

type PutInForceTx = Tx<'scanner' | 'lockScanner' | 'putScanner' | 'holds' | 'enqueue'>;
type RegisterTx = DecideDocumentTx & PutInForceTx;
export type RegisterDeps = DecideDocumentDeps<RegisterTx>;

interface Place {
  readonly site: string;
  readonly id: string;
}

/**
 * Says which senders may add files to the scans of a scanner, how its clock is to be read and where cabs lie, in place of
 * what was said before. What could free a vehicle, or changes what readers see, is a proposal.
 * @throws NII_NOT_FOUND; NII_BAD_REQUEST of a zone that is not known; NII_PRECONDITION_REQUIRED, NII_PRECONDITION_FAILED unless it names the version that it is of
 */
export async function putRegister(
  deps: RegisterDeps,
  command: Command,
  place: Place,
  terms: RegisterTerms,
): Promise<RegisteredScanner> {
  const { zone } = terms;
  if (zone !== undefined && !isZone(zone))
    throw new NiiError('NII_BAD_REQUEST', { detail: unknownZone(zone), field: 'zone' });
  return decideRegister(deps, command, place, {
    action: 'change scanner: register',
    next: (_, { inForce, newest }, at) => {
      const loosened = loosenedTerms(inForce?.terms ?? emptyRegister, terms);
      const next = writtenNext(command, newest, terms, { isLooser: loosened.length > 0, at });
      return { value: { ...scannerOf(command, place), ...next }, detail: { loosened, ...terms } };
    },
  });
}

/** Another person's word on a proposal: it is in force. @throws NII_STATE_CONFLICT; as `putRegister` */
export function confirmRegister(
  deps: RegisterDeps,
  command: Command,
  place: Place,
): Promise<RegisteredScanner> {
  return decideRegister(deps, command, place, {
    action: 'change scanner: confirm',
    next: (_, { newest }, at) => {
      const value = confirmedNext(command, newest, at);
      return { value, detail: { proposedBy: value.proposedBy, ...value.terms } };
    },
  });
}

type RegisterStep = Pick<DecisionStep<RegisterTx, StoredRegister>, 'action' | 'next'>;

function decideRegister(
  deps: RegisterDeps,
  command: Command,
  place: Place,
  step: RegisterStep,
): Promise<RegisteredScanner> {
  const { actor } = command;
  const { site, id } = place;
  const subject = () => `${site}/${id}`;
  const document: DecidedDocument<StoredRegister> = {
    kind: registerDocument,
    path: [actor.administration, site, id],
    title: 'The scanner',
    site,
    change: { kind: 'scanner.changed', subject },
    subject,
  };
  const standing = async (tx: Tx<'scanner' | 'documentStanding'>) =>
    standingOf(tx, await scannerFor(tx, actor, site, id));
  const after = (tx: PutInForceTx, value: StoredRegister) => putInForce(tx, command, value);
  return decideDocument(deps, command, document, { ...step, standing, after }, async (tx) =>
    registered(await scannerFor(tx, actor, site, id), await standing(tx)),
  );
}

/** A clock that is said otherwise has the alarms of its site joined again. */
async function putInForce(tx: PutInForceTx, { actor }: Command, stored: StoredRegister): Promise<void> {
  const register = registerIn(stored);
  if (register === undefined) return;
  const { administration, site, id } = stored;
  const scanner = await tx.lockScanner(await scannerFor(tx, actor, site, id));
  await tx.putScanner({ ...scanner, register });
  if (isOfAnotherClock(scanner.register, register))
    await joinHoldsAgain(tx, { administration, site }, `${id}-${register.version}`);
}

function scannerOf({ actor: { administration } }: Command, { site, id }: Place) {
  return { administration, site, id };
}

function isOfAnotherClock(before: ScannerRegister, after: ScannerRegister): boolean {
  return before.zone !== after.zone || before.clockOffsetSeconds !== after.clockOffsetSeconds;
}
