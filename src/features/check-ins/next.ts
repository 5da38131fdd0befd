import type { Scope } from '../../core/access.ts';
import { defined } from '../../core/defined.ts';
import type { Tx } from '../../core/ports/records.ts';
import {
  type CheckInTerms,
  type Control,
  countedWith,
  isLessThan,
  type StoredCheckIn,
  statedIn,
} from '../../core/rules/check-in.ts';
import { type InForce, siteInForce } from '../../stored/rules.ts';
import type { TriagePolicy } from '../../triage/policy.ts';

export type SiteTx = InForce & Tx<'documentsInForce'>;

export interface CheckInDeps {
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
}

/** What tells a check-in from others. */
export type CheckInIdentity = Pick<StoredCheckIn, 'administration' | 'site' | 'id' | 'sender' | 'senderId'>;

/** Controls of a check-in that names none. */
export async function controlsUnless(tx: InForce, place: Scope): Promise<readonly Control[]> {
  return (await siteInForce(tx, place))?.terms.requiredControls ?? [];
}

/** The first version. */
export function firstCheckIn(
  identity: CheckInIdentity,
  terms: CheckInTerms,
  unless: readonly Control[],
  made: { readonly at: string; readonly by: string },
): StoredCheckIn {
  const counting = statedIn(terms, unless, made.at);
  return { ...identity, version: 1, state: 'in-force', ...made, terms, counting };
}

/** The next version: what counts never becomes less by it, and waits where less is stated. */
export function nextCheckIn(
  before: StoredCheckIn,
  terms: CheckInTerms,
  unless: readonly Control[],
  { at, by }: { readonly at: string; readonly by: string },
): StoredCheckIn {
  const stated = statedIn(terms, unless, at);
  const counting = countedWith(before.counting, stated);
  const { waits = { by: [] }, proposedBy: _, ...kept } = before;
  const isWaiting = isLessThan(stated, counting);
  return {
    ...kept,
    version: before.version + 1,
    at,
    by,
    terms,
    counting,
    ...defined({ waits: isWaiting ? { by: [...new Set([...waits.by, by])] } : undefined }),
  };
}
