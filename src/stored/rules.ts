import { type Actor, ANY_SITE, type Scope } from '../core/access.ts';
import { type CabBand, type CabPolicy, cabBands } from '../core/cab/cab.ts';
import { NiiError } from '../core/errors.ts';
import { keys } from '../core/keys.ts';
import type { Policies } from '../core/ports/records/rules/policies.ts';
import type { Sites } from '../core/ports/records/rules/sites.ts';
import type { ScannerClocks, Scanners } from '../core/ports/records/scanners.ts';
import type { StoredModelChoice } from '../core/rules/model-choice.ts';
import type { StoredPolicy } from '../core/rules/policy.ts';
import { type StoredSite, unsetSite } from '../core/rules/site.ts';
import type { RevisionRow, ScanRow } from '../core/scan/stored-scan.ts';
import { scannerOf } from '../core/scanner/scanner.ts';
import type { StoredDecisions } from '../core/station/station.ts';
import type { TriagePolicy } from '../triage/policy.ts';
import type { SiteRules } from '../triage/site-rules.ts';
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
  return decided === undefined ? unless : { ...unless, ...decided.terms, version: decided.version };
}

export type RulesTx = Policies & Sites & ScannerClocks;

/** The same with what is decided for the site and of the clocks there. */
export async function rulesAt(
  tx: RulesTx,
  { administration, site }: Scope,
  unless: TriagePolicy,
): Promise<SiteRules> {
  const place = { administration, site };
  const decided = await tx.siteInForce(place);
  return {
    policy: await policyOf(tx, administration, unless),
    site: decided?.terms ?? unsetSite,
    clocks: await tx.scannerClocks(place),
  };
}

/** Whether the lanes of a site go by another station, and are told nothing. */
export async function isInParallel(tx: Sites, { administration, site }: Scope): Promise<boolean> {
  return (await tx.siteInForce({ administration, site }))?.terms.mode === 'parallel';
}

export type CabTx = Policies & Scanners;

/** What the administration decides of cabs, and where the cab of a scan lies; no lines where they do not matter. */
export async function cabOf(
  tx: CabTx,
  { administration, site }: Pick<ScanRow, 'administration' | 'site'>,
  revision: Pick<RevisionRow, 'converter' | 'scan' | 'meta'>,
): Promise<{ readonly policy: CabPolicy; readonly bands: readonly CabBand[] }> {
  const policy = (await tx.policyInForce(administration))?.terms.cab ?? 'shown';
  if (policy === 'shown' || revision.scan === undefined) return { policy, bands: [] };
  const scanner = await tx.scanner({ administration, site }, scannerOf(revision));
  return { policy, bands: cabBands(revision.scan, scanner?.register.cab) };
}

/** The site that a key may act on: its own, or any. @throws NII_NOT_FOUND */
export function placeFor({ administration, site: own }: Actor, site: string): Scope {
  if (own === ANY_SITE || own === site) return { administration, site };
  throw new NiiError('NII_NOT_FOUND', 'There is no such site for this key');
}

/** What is of no scan carries this in place of its id and revision. */
export const NO_SCAN = { scanId: '', revision: 0 } as const;

export function policyObject(value: StoredPolicy): Derived {
  return ruleObject(keys.policy(value.administration, value.version), 'policy', value);
}

export function modelChoiceObject(value: StoredModelChoice): Derived {
  const { administration, model, version } = value;
  return ruleObject(keys.modelChoice(administration, model, version), 'model-choice', value);
}

export function siteObject(value: StoredSite): Derived {
  return ruleObject(keys.site(value.administration, value.site, value.version), 'site', value);
}

export function stationObject(value: StoredDecisions): Derived {
  return ruleObject(keys.station(value.administration, value.site, value.id), 'station', value);
}

function ruleObject(
  key: string,
  kind: 'policy' | 'model-choice' | 'site' | 'station',
  value: object,
): Derived {
  return { key, kind, body: jsonBytes(value), contentType: 'application/json', producer: 'rules' };
}
