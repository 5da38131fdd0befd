import { type Actor, ANY_SITE } from '../core/access.ts';
import { NiiError } from '../core/errors.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Answers } from '../core/ports/records/answers.ts';
import type { Audit } from '../core/ports/records/audit.ts';
import type { ChangeWrites } from '../core/ports/records/changes.ts';
import type { ObjectRowWrites } from '../core/ports/records/object-rows.ts';
import type { PolicyVersions, PolicyWrites } from '../core/ports/records/rules/policies.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import type { PolicyTerms, StoredPolicy } from '../core/rules/policy.ts';
import type { Standing } from '../core/rules/version.ts';
import { inTodaysForm } from '../core/upgrade/older-forms.ts';
import { storeDerived } from '../stored/case-store.ts';
import { OBJECTS_LOCK } from '../stored/object-row.ts';
import { NO_SCAN, policyObject } from '../stored/rules.ts';
import { brokenBound, loosenedFields, type TriagePolicy } from '../triage/policy.ts';
import { brokenReasons } from '../triage/verdict/reasons.ts';
import { type Command, earlierAnswer, keepAnswer } from './command.ts';
import { confirmedNext, requireNewest, writtenNext } from './versions.ts';

/** What an administration decides about its queue and its lanes. What loosens it takes two persons. */

export type PolicyTx = StorePolicyTx & PolicyVersions & Answers;

export interface ChangePolicyDeps {
  readonly records: Transactions<PolicyTx> & Locks;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
}

export interface DecidePolicyDeps extends ChangePolicyDeps {
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
}

/**
 * Puts terms in force, or proposes them where they loosen something.
 * @throws NII_BAD_REQUEST naming the row of the table of instructions that they break; NII_PRECONDITION_REQUIRED,
 *   NII_PRECONDITION_FAILED; NII_FORBIDDEN for a key of one site
 */
export function putPolicy(
  deps: DecidePolicyDeps,
  command: Command,
  terms: PolicyTerms,
): Promise<Standing<StoredPolicy>> {
  rejectBroken(terms);
  return change(deps, command, 'change policy', ({ inForce }, newest, at) => {
    rejectBrokenReasons(inForce?.terms.reasons, terms.reasons);
    const loosened = loosenedFields(inForce?.terms ?? deps.policy, terms);
    const { administration } = command.actor;
    const next = writtenNext(command, newest, terms, { isLooser: loosened.length > 0, at });
    return { value: { administration, ...next }, detail: { loosened } };
  });
}

/**
 * Another person's word on a proposal: it is in force.
 * @throws NII_STATE_CONFLICT where nothing is proposed, or by whom it was proposed; as `putPolicy`
 */
export function confirmPolicy(deps: ChangePolicyDeps, command: Command): Promise<Standing<StoredPolicy>> {
  return change(deps, command, 'change policy: confirm', ({ newest }, _, at) => {
    const value = confirmedNext(command, newest, at);
    return { value, detail: { proposedBy: value.proposedBy } };
  });
}

interface Change {
  readonly value: StoredPolicy;
  readonly detail: Readonly<Record<string, unknown>>;
}

function change(
  deps: ChangePolicyDeps,
  command: Command,
  action: string,
  next: (standing: Standing<StoredPolicy>, newest: number, at: string) => Change,
): Promise<Standing<StoredPolicy>> {
  const { administration } = command.actor;
  const write = () =>
    deps.records.transaction(async (tx) => {
      const earlier = await earlierAnswer(tx, command);
      if (earlier !== undefined) return inTodaysWords(earlier);
      const standing = await tx.policies(administration);
      const newest = standing.newest?.version ?? 0;
      requireNewest(command, newest, 'The policy');
      requireAllSites(command.actor);
      const { value, detail } = next(standing, newest, deps.clock.now().toISOString());
      await storePolicy(deps, tx, command.actor, action, value, detail);
      const changed = await tx.policies(administration);
      await keepAnswer(tx, command, changed);
      return changed;
    });
  return deps.records.exclusively(`policy:${administration}`, write, OBJECTS_LOCK);
}

export type StorePolicyTx = PolicyWrites & ObjectRowWrites & ChangeWrites & Audit;

async function storePolicy(
  deps: { readonly objects: ObjectWrites },
  tx: StorePolicyTx,
  actor: Actor,
  action: string,
  value: StoredPolicy,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { administration, version, state } = value;
  await storeDerived(deps, tx, NO_SCAN, policyObject(value));
  await tx.putPolicy(value);
  const subject = `policy ${version}`;
  await tx.appendChange({ administration, site: ANY_SITE, kind: 'policy.changed', subject });
  await tx.audit({ actor, action, subject, detail: { version, state, ...detail }, site: ANY_SITE });
}

/** What was kept is an answer that this service wrote, or a version of before. */
function inTodaysWords(answered: unknown): Standing<StoredPolicy> {
  const { inForce, newest } = answered as Standing<StoredPolicy>;
  const read = (value: unknown) => inTodaysForm('policy', value) as StoredPolicy | undefined;
  return { inForce: read(inForce), newest: read(newest) };
}

/** What holds at every site is not decided at one of them. */
function requireAllSites({ site }: Actor): void {
  if (site === ANY_SITE) return;
  const detail = `The policy is for all sites, and this key is for site "${site}": use a key with site *`;
  throw new NiiError('NII_FORBIDDEN', detail);
}

function rejectBrokenReasons(before: PolicyTerms['reasons'], after: PolicyTerms['reasons']): void {
  const detail = brokenReasons(before, after);
  if (detail !== undefined) throw new NiiError('NII_BAD_REQUEST', { detail, field: 'reasons' });
}

function rejectBroken(terms: PolicyTerms): void {
  for (const [high, raised] of [
    ['highPercentile', 'raisedPercentile'],
    ['highRisk', 'raisedRisk'],
  ] as const) {
    if (terms[raised] <= terms[high]) continue;
    const detail = `Invalid ${raised} ${terms[raised]}: use at most ${high}, ${terms[high]}`;
    throw new NiiError('NII_BAD_REQUEST', { detail, field: raised });
  }
  const broken = brokenBound(terms);
  if (broken === undefined) return;
  const { field, row, allowed } = broken;
  const detail = `Invalid ${field} ${JSON.stringify(terms[field])}: ${allowed} (row "${row}" of the table of instructions)`;
  throw new NiiError('NII_BAD_REQUEST', { detail, field });
}
