import { keys } from '../core/keys.ts';
import type { Policies } from '../core/ports/records/rules/policies.ts';
import type { StoredPolicy } from '../core/rules/policy.ts';
import type { TriagePolicy } from '../triage/policy.ts';
import { jsonBytes } from './manifest.ts';
import type { Derived } from './object-row.ts';

/** What administrations decide: which version counts, and how each is kept. */

/**
 * The policy of an administration, read in the transaction that goes by it.
 * @param unless - where the administration has decided nothing
 */
export async function policyOf(
  tx: Policies,
  administration: string,
  unless: TriagePolicy,
): Promise<TriagePolicy> {
  const decided = await tx.policyInForce(administration);
  return decided === undefined ? unless : { ...decided.terms, version: decided.version };
}

/** What is of no scan carries this in place of its id and revision. */
export const NO_SCAN = { scanId: '', revision: 0 } as const;

export function policyObject(value: StoredPolicy): Derived {
  return {
    key: keys.policy(value.administration, value.version),
    kind: 'policy',
    body: jsonBytes(value),
    contentType: 'application/json',
    producer: 'rules',
  };
}
