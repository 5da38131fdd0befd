import type { Actor } from '../../core/access.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import { type Reason, reasonsOf } from '../../core/rules/reason-list.ts';
import { policyOf } from '../../stored/rules.ts';
import type { TriagePolicy } from '../../triage/policy.ts';

export interface ReasonsDeps {
  readonly records: Transactions<Tx<'documentInForce'>>;
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
}

/** The reasons of verdicts at an administration, retired ones too. Says nothing of any scan, so it is not audited. */
export function listReasons({ records, policy }: ReasonsDeps, actor: Actor): Promise<readonly Reason[]> {
  return records.transaction(async (tx) =>
    reasonsOf((await policyOf(tx, actor.administration, policy)).reasons),
  );
}
