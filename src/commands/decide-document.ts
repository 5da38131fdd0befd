import { type Actor, ANY_SITE, actingAs, mayAdminister } from '../core/access.ts';
import type { DocumentPath, ListedDocumentKind } from '../core/documents.ts';
import { NiiError } from '../core/errors.ts';
import { isOther, moveOf } from '../core/person/move.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import type { Standing, Version } from '../core/rules/version.ts';
import { storeDocuments } from '../stored/documents.ts';
import { OBJECTS_LOCK } from '../stored/object-row.ts';
import { type Command, earlierAnswer, keepAnswer } from './command.ts';

/**
 * Decisions that are kept as versions of a document: written by one person, and, where they loosen something, in force
 * only once another person has confirmed them.
 */

type KeepDecisionTx = Tx<'putDocuments' | 'putObjects' | 'appendChange' | 'audit'>;

export type DecideDocumentTx = Tx<
  'documentStanding' | 'documentHistory' | 'answered' | 'putAnswer' | 'lockDocuments'
> &
  KeepDecisionTx;

export interface DecideDocumentDeps<Taken> {
  readonly records: Transactions<Taken> & Locks;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
}

/** A document that is decided about, and how a decision is announced. */
export interface DecidedDocument<Value> {
  readonly kind: ListedDocumentKind<Value>;
  readonly path: DocumentPath;
  /** As the start of a sentence: "The policy". */
  readonly title: string;
  /** Every site unless given. */
  readonly site?: string;
  /** In the feed of changes. */
  readonly change: { readonly kind: string; readonly subject: (value: Value) => string };
  /** In the audit. */
  readonly subject: (value: Value) => string;
}

/** One step: the name that it has in the audit, and the version that it makes. */
export interface DecisionStep<Taken, Value> {
  readonly action: string;
  readonly next: (
    tx: Taken,
    standing: Standing<Value>,
    at: string,
  ) => NextVersion<Value> | Promise<NextVersion<Value>>;
  /** Where a version may be kept outside of the table of documents. */
  readonly standing?: (tx: Taken) => Promise<Standing<Value>>;
  /** What follows from the version, in the same transaction. */
  readonly after?: (tx: Taken, value: Value) => Promise<void>;
}

export interface NextVersion<Value> {
  readonly value: Value;
  /** For the audit, beside the version and its state. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/**
 * The next version of a document.
 * @param answer - what the caller is told, now and where the same request comes again
 * @throws what `next` throws; NII_PRECONDITION_REQUIRED and NII_PRECONDITION_FAILED unless the command names the newest
 *   version; NII_IDEMPOTENCY_MISMATCH
 */
export function decideDocument<Taken extends DecideDocumentTx, Value extends Version<unknown>, Answer>(
  deps: DecideDocumentDeps<Taken>,
  command: Command,
  document: DecidedDocument<Value>,
  step: DecisionStep<Taken, Value>,
  answer: (tx: Taken) => Promise<Answer>,
): Promise<Answer> {
  const write = () =>
    deps.records.transaction(async (tx) => {
      const earlier = await earlierAnswer(tx, command);
      // What was kept is an answer that this service wrote; it is read back as it is.
      if (earlier !== undefined) return earlier as Answer;
      const standing = await (step.standing?.(tx) ?? tx.documentStanding(document.kind, document.path));
      requireNewest(command, standing.newest?.version ?? 0, document.title);
      const next = await step.next(tx, standing, deps.clock.now().toISOString());
      await keepDecision(deps, tx, command.actor, document, step.action, next);
      await step.after?.(tx, next.value);
      const changed = await answer(tx);
      await keepAnswer(tx, command, changed);
      return changed;
    });
  return deps.records.exclusively(`${document.kind.kind}:${document.path.join(':')}`, write, OBJECTS_LOCK);
}

async function keepDecision<Value extends Version<unknown>>(
  deps: { readonly objects: ObjectWrites },
  tx: KeepDecisionTx,
  actor: Actor,
  { kind, path: [administration], site = ANY_SITE, change, subject }: DecidedDocument<Value>,
  action: string,
  { value, detail }: NextVersion<Value>,
): Promise<void> {
  await storeDocuments(deps, tx, kind, [value]);
  await tx.appendChange({ administration, site, kind: change.kind, subject: change.subject(value) });
  const { version, state } = value;
  await tx.audit({ actor, action, subject: subject(value), detail: { version, state, ...detail }, site });
}

/**
 * Whoever changes it has read the newest version, a proposal as well.
 * @param title - as the start of a sentence: "The policy"
 * @throws NII_PRECONDITION_REQUIRED, NII_PRECONDITION_FAILED
 */
function requireNewest({ ifMatch }: Command, newest: number, title: string): void {
  if (ifMatch === undefined) {
    const detail = `Missing If-Match: send the ETag of ${title.charAt(0).toLowerCase()}${title.slice(1)}`;
    throw new NiiError('NII_PRECONDITION_REQUIRED', detail);
  }
  if (ifMatch !== String(newest))
    throw new NiiError('NII_PRECONDITION_FAILED', `${title} has changed; reload and retry`);
}

/** What holds at every site is not decided at one of them. @param what - as the start of a sentence @throws NII_FORBIDDEN */
export function requireAllSites(actor: Actor, what: string): void {
  const { administration, site } = actor;
  if (mayAdminister(actor, { administration, site: ANY_SITE })) return;
  const detail = `${what}, and this key is for site "${site}": use a key with site *`;
  throw new NiiError('NII_FORBIDDEN', detail);
}

/** The next version: in force at once, or, where it loosens something, a proposal in place of any earlier one. */
export function writtenNext<Terms>(
  { actor }: Command,
  newest: Version<unknown> | undefined,
  terms: Terms,
  { isLooser, at }: { readonly isLooser: boolean; readonly at: string },
): Version<Terms> {
  const state = isLooser ? 'proposed' : 'in-force';
  return { version: (newest?.version ?? 0) + 1, state, at, by: actingAs(actor), terms };
}

/**
 * The proposal as the next version, in force.
 * @throws NII_STATE_CONFLICT where nothing is proposed, or for the person who proposed it
 */
export function confirmedNext<One extends Version<unknown>>(
  { actor }: Command,
  newest: One | undefined,
  at: string,
): One {
  if (newest?.state !== 'proposed')
    throw new NiiError('NII_STATE_CONFLICT', 'There is no proposal to confirm: PUT a change first');
  if (!isOther(moveOf(actor, new Date(at)), newest.by))
    throw new NiiError('NII_STATE_CONFLICT', 'A proposal needs confirmation by another linked person');
  const { version, by: proposedBy } = newest;
  return { ...newest, version: version + 1, state: 'in-force', at, by: actingAs(actor), proposedBy };
}
