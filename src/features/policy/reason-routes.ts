import Type from 'typebox';
import type { Actor } from '../../core/access.ts';
import { VerdictKind } from '../../core/case/case.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import { type Reason, reasonsOf } from '../../core/rules/reason-list.ts';
import { ReasonTerms } from '../../core/rules/reasons.ts';
import { actorOf } from '../../http/access.ts';
import { route } from '../../http/route.ts';
import { closed } from '../../http/schemas/requests.ts';
import { policyOf } from '../../stored/rules.ts';
import type { TriagePolicy } from '../../triage/policy.ts';

interface ReasonsDeps {
  readonly records: Transactions<Tx<'documentInForce'>>;
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
}

/** The reasons of verdicts at an administration, retired ones too. Says nothing of any scan, so it is not audited. */
function listReasons({ records, policy }: ReasonsDeps, actor: Actor): Promise<readonly Reason[]> {
  return records.transaction(async (tx) =>
    reasonsOf((await policyOf(tx, actor.administration, policy)).reasons),
  );
}

const Reasons = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        {
          ...ReasonTerms.properties,
          usualFor: Type.Array(VerdictKind, { description: 'Verdicts for which it is suggested' }),
          isBuiltIn: Type.Boolean({ description: 'Built in for every administration' }),
        },
        closed,
      ),
      { description: 'In the order of the list; retired ones are not offered' },
    ),
  },
  closed,
);

/** The reasons that verdicts may have; `reasons` of the policy changes them. */
export const reasonRoutes = [
  route({
    id: 'listReasons',
    method: 'GET',
    url: '/v1/reasons',
    tag: 'rules',
    right: 'read cases',
    summary: 'List the reasons of verdicts with their labels, including retired ones',
    schema: { response: { 200: Reasons } },
    handler: (deps: ReasonsDeps) => async (request) => {
      const reasons = await listReasons(deps, actorOf(request));
      return { items: reasons.map(({ usualFor, ...one }) => ({ ...one, usualFor: [...usualFor] })) };
    },
  }),
];
