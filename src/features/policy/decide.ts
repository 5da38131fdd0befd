import type { Command } from '../../commands/command.ts';
import {
  confirmedNext,
  type DecideDocumentDeps,
  type DecideDocumentTx,
  type DecidedDocument,
  type DecisionStep,
  decideDocument,
  requireAllSites,
  writtenNext,
} from '../../commands/decide-document.ts';
import { NiiError } from '../../core/errors.ts';
import type { PolicyTerms, StoredPolicy } from '../../core/rules/policy.ts';
import type { Standing } from '../../core/rules/version.ts';
import { policyDocument } from '../../stored/document-kinds.ts';
import { brokenBound, loosenedFields, type TriagePolicy } from '../../triage/policy.ts';
import { brokenReasons } from '../../triage/verdict-reasons.ts';

/** What an administration decides about its queue and its lanes. What loosens it takes two persons. */

export type ChangePolicyDeps = DecideDocumentDeps<DecideDocumentTx>;

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
  return decide(deps, command, {
    action: 'change policy',
    next: (_, { inForce, newest }, at) => {
      requireAllSites(command.actor, ALL_SITES);
      rejectBrokenReasons(inForce?.terms.reasons, terms.reasons);
      const loosened = loosenedFields(inForce?.terms ?? deps.policy, terms);
      const { administration } = command.actor;
      const next = writtenNext(command, newest, terms, { isLooser: loosened.length > 0, at });
      return { value: { administration, ...next }, detail: { loosened } };
    },
  });
}

/**
 * Another person's word on a proposal: it is in force.
 * @throws NII_STATE_CONFLICT where nothing is proposed, or for the person who proposed it; as `putPolicy`
 */
export function confirmPolicy(deps: ChangePolicyDeps, command: Command): Promise<Standing<StoredPolicy>> {
  return decide(deps, command, {
    action: 'change policy: confirm',
    next: (_, { newest }, at) => {
      requireAllSites(command.actor, ALL_SITES);
      const value = confirmedNext(command, newest, at);
      return { value, detail: { proposedBy: value.proposedBy } };
    },
  });
}

const ALL_SITES = 'The policy is for all sites';

function decide(
  deps: ChangePolicyDeps,
  command: Command,
  step: DecisionStep<DecideDocumentTx, StoredPolicy>,
): Promise<Standing<StoredPolicy>> {
  const subject = ({ version }: StoredPolicy) => `policy ${version}`;
  const document: DecidedDocument<StoredPolicy> = {
    kind: policyDocument,
    path: [command.actor.administration],
    title: 'The policy',
    change: { kind: 'policy.changed', subject },
    subject,
  };
  return decideDocument(deps, command, document, step, (tx) =>
    tx.documentStanding(document.kind, document.path),
  );
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
  rejectEndlessLook(terms);
  const broken = brokenBound(terms);
  if (broken === undefined) return;
  const { field, row, allowed } = broken;
  const detail = `Invalid ${field} ${JSON.stringify(terms[field])}: ${allowed} (row "${row}" of the table of instructions)`;
  throw new NiiError('NII_BAD_REQUEST', { detail, field });
}

/** The claim would end before its reader may say normal. */
function rejectEndlessLook({ controls = [], longestClaimMinutes, claimMinutes }: PolicyTerms): void {
  const most = Math.min(claimMinutes, longestClaimMinutes) * 60;
  for (const [at, { terms }] of controls.entries()) {
    const { minimumLookSeconds = 0 } = terms;
    if (minimumLookSeconds < most) continue;
    const field = `controls.${at}.terms.minimumLookSeconds`;
    const detail = `Invalid ${field} ${minimumLookSeconds}: use less than ${most}, at which a claim ends`;
    throw new NiiError('NII_BAD_REQUEST', { detail, field });
  }
}
