import { type Actor, mayAdminister, type Scope } from '../core/access.ts';
import { NiiError } from '../core/errors.ts';
import type { Tx } from '../core/ports/records.ts';
import type { StoredPolicy } from '../core/rules/policy.ts';
import { type StoredSite, unsetSite } from '../core/rules/site.ts';
import { type CabBand, type CabPolicy, cabBands } from '../core/scan/cab.ts';
import type { RevisionRow, ScanRow } from '../core/scan/stored-scan.ts';
import { scannerOf } from '../core/scanner/scanner.ts';
import type { TriagePolicy } from '../triage/policy.ts';
import type { SiteRules } from '../triage/site-rules.ts';
import { policyDocument, siteDocument } from './document-kinds.ts';

/** What administrations decide: which version counts. */

/** Reads what counts now. */
export type InForce = Tx<'documentInForce'>;

/** Undefined: the administration has decided nothing. */
function policyInForce(tx: InForce, administration: string): Promise<StoredPolicy | undefined> {
  return tx.documentInForce(policyDocument, [administration]);
}

/** Undefined: nobody has decided anything for the site. */
export function siteInForce(tx: InForce, { administration, site }: Scope): Promise<StoredSite | undefined> {
  return tx.documentInForce(siteDocument, [administration, site]);
}

/**
 * The policy of an administration, read in the transaction that goes by it.
 * @param unless - where the administration has decided nothing
 */
export async function policyOf(
  tx: InForce,
  administration: string,
  unless: TriagePolicy,
): Promise<TriagePolicy> {
  const decided = await policyInForce(tx, administration);
  return decided === undefined ? unless : { ...unless, ...decided.terms, version: decided.version };
}

export type RulesTx = InForce & Tx<'scannerClocks' | 'documentsInForce'>;

/** The same with what is decided for the site and of the clocks there. */
export async function rulesAt(
  tx: RulesTx,
  { administration, site }: Scope,
  unless: TriagePolicy,
): Promise<SiteRules> {
  const place = { administration, site };
  const decided = await siteInForce(tx, place);
  return {
    policy: await policyOf(tx, administration, unless),
    site: decided?.terms ?? unsetSite,
    clocks: await tx.scannerClocks(place),
    sites: await sitesOfVehicle(tx, place),
  };
}

/** The site, and those that it names as its sisters and that name it: what one of them knows of a vehicle counts at all. */
export async function sitesOfVehicle(
  tx: Tx<'documentsInForce'>,
  { administration, site }: Scope,
): Promise<readonly string[]> {
  const all = await tx.documentsInForce(siteDocument, administration);
  const sistersOf = (one: string) => all.find((other) => other.site === one)?.terms.sisterSites ?? [];
  return [site, ...sistersOf(site).filter((one) => one !== site && sistersOf(one).includes(site))];
}

/** Whether the lanes of a site go by another station, and are told nothing. */
export async function isInParallel(tx: InForce, { administration, site }: Scope): Promise<boolean> {
  return (await siteInForce(tx, { administration, site }))?.terms.mode === 'parallel';
}

export type CabTx = InForce & Tx<'scanner'>;

/** What the administration decides of cabs, and where the cab of a scan lies; no lines where they do not matter. */
export async function cabOf(
  tx: CabTx,
  { administration, site }: Pick<ScanRow, 'administration' | 'site'>,
  revision: Pick<RevisionRow, 'converter' | 'scan' | 'meta'>,
): Promise<{ readonly policy: CabPolicy; readonly bands: readonly CabBand[] }> {
  const policy = (await policyInForce(tx, administration))?.terms.cab ?? 'shown';
  if (policy === 'shown' || revision.scan === undefined) return { policy, bands: [] };
  const scanner = await tx.scanner({ administration, site }, scannerOf(revision));
  return { policy, bands: cabBands(revision.scan, scanner?.register.cab) };
}

/** The site that a key may act on: its own, or any. @throws NII_NOT_FOUND */
export function placeFor(actor: Actor, site: string): Scope {
  const place = { administration: actor.administration, site };
  if (mayAdminister(actor, place)) return place;
  throw new NiiError('NII_NOT_FOUND', 'Unknown site, or not visible to this key');
}
