import type { Actor } from '../core/access.ts';
import { NiiError } from '../core/errors.ts';
import type { PolicyVersions } from '../core/ports/records/rules/policies.ts';
import type { StoredPolicy } from '../core/rules/policy.ts';
import type { Standing } from '../core/rules/version.ts';
import { type Viewing, viewed } from './read.ts';

export function getPolicy(deps: Viewing<PolicyVersions>, actor: Actor): Promise<Standing<StoredPolicy>> {
  return viewed(deps, actor, 'policy', '', {}, (tx) => tx.policies(actor.administration));
}

/** The version that a decision names. @throws NII_NOT_FOUND */
export function getPolicyVersion(
  deps: Viewing<PolicyVersions>,
  actor: Actor,
  version: number,
): Promise<StoredPolicy> {
  return viewed(deps, actor, 'policy', `policy ${version}`, {}, async (tx) => {
    const found = await tx.policyVersion(actor.administration, version);
    if (found === undefined)
      throw new NiiError('NII_NOT_FOUND', `Unknown version "${version}" of the policy`);
    return found;
  });
}
