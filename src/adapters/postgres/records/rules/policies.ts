import type {
  AllPolicies,
  Policies,
  PolicyVersions,
  PolicyWrites,
} from '../../../../core/ports/records/rules/policies.ts';
import type { StoredPolicy } from '../../../../core/rules/policy.ts';
import { inTodaysForm } from '../../../../core/upgrade/older-forms.ts';
import type { Tx } from '../../database.ts';
import { keptPlan } from '../../kept-plans.ts';

type PolicyRecords = Policies & AllPolicies & PolicyVersions & PolicyWrites;

/** What administrations decide, one row a version. */
export function policyRecords(tx: Tx): PolicyRecords {
  return {
    async policyInForce(administration) {
      return fromRow(
        await newestPolicies(tx, administration).where('in_force', '=', true).executeTakeFirst(),
      );
    },
    async administrationsWithPolicy() {
      const rows = await tx
        .selectFrom('policies')
        .select('administration')
        .where('in_force', '=', true)
        .distinct()
        .orderBy('administration')
        .execute();
      return rows.map(({ administration }) => administration);
    },
    async policies(administration) {
      const newest = await newestPolicies(tx, administration).executeTakeFirst();
      const inForce = await newestPolicies(tx, administration)
        .where('in_force', '=', true)
        .executeTakeFirst();
      return { newest: fromRow(newest), inForce: fromRow(inForce) };
    },
    async policyVersion(administration, version) {
      const row = await newestPolicies(tx, administration).where('version', '=', version).executeTakeFirst();
      return fromRow(row);
    },
    async putPolicy(value) {
      const { administration, version, state } = value;
      const row = { administration, version, in_force: state === 'in-force', body: JSON.stringify(value) };
      await tx.insertInto('policies').values(row).execute();
    },
  };
}

/** Rows of before may have it in an older form. */
function fromRow(row: { readonly body: StoredPolicy } | undefined): StoredPolicy | undefined {
  return row && (inTodaysForm('policy', row.body) as StoredPolicy);
}

/** The newest first. */
function newestPolicies(tx: Tx, administration: string) {
  return tx
    .selectFrom('policies')
    .modifyFront(keptPlan)
    .select('body')
    .where('administration', '=', administration)
    .orderBy('version', 'desc')
    .limit(1);
}
