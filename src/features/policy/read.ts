import type { Actor } from '../../core/access.ts';
import { NiiError } from '../../core/errors.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { StoredPolicy } from '../../core/rules/policy.ts';
import type { Standing } from '../../core/rules/version.ts';
import { type Viewing, viewed } from '../../queries/read.ts';
import { policyDocument } from '../../stored/document-kinds.ts';

export function getPolicy(
  deps: Viewing<Tx<'documentStanding'>>,
  actor: Actor,
): Promise<Standing<StoredPolicy>> {
  return viewed(deps, actor, 'policy', '', {}, (tx) =>
    tx.documentStanding(policyDocument, [actor.administration]),
  );
}

/** The version that a decision names. @throws NII_NOT_FOUND */
export function getPolicyVersion(
  deps: Viewing<Tx<'documentVersion'>>,
  actor: Actor,
  version: number,
): Promise<StoredPolicy> {
  return viewed(deps, actor, 'policy', `policy ${version}`, {}, async (tx) => {
    const found = await tx.documentVersion(policyDocument, [actor.administration], version);
    if (found === undefined)
      throw new NiiError('NII_NOT_FOUND', `Unknown version "${version}" of the policy`);
    return found;
  });
}
