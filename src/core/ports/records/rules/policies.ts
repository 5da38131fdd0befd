import type { StoredPolicy } from '../../../rules/policy.ts';
import type { Standing } from '../../../rules/version.ts';

/** The policy that counts now. */
export interface Policies {
  /** Undefined: the administration has decided nothing. */
  policyInForce(administration: string): Promise<StoredPolicy | undefined>;
}

/** For the service itself, never for a request. */
export interface AllPolicies {
  /** Those that have decided a policy, in rising order. */
  administrationsWithPolicy(): Promise<readonly string[]>;
}

/** Its versions, those that only wait as well. */
export interface PolicyVersions {
  policies(administration: string): Promise<Standing<StoredPolicy>>;
  policyVersion(administration: string, version: number): Promise<StoredPolicy | undefined>;
}

export interface PolicyWrites {
  /** @throws NII_CONFLICT where the version is there */
  putPolicy(value: StoredPolicy): Promise<void>;
}
