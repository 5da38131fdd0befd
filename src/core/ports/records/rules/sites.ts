import type { Scope } from '../../../access.ts';
import type { Page } from '../../../page.ts';
import type { StoredSite } from '../../../rules/site.ts';
import type { Standing } from '../../../rules/version.ts';

/** What is decided for one site; a scope names exactly one. */
export interface Sites {
  /** Undefined: nobody has decided anything for it. */
  siteInForce(scope: Scope): Promise<StoredSite | undefined>;
}

export interface SiteVersions {
  siteVersions(scope: Scope): Promise<Standing<StoredSite>>;
  /** Names of sites for which something was decided or proposed, in rising order; of all sites or of one. */
  decidedSites(scope: Scope, limit: number, cursor?: string): Promise<Page<string>>;
}

export interface SiteWrites {
  /** @throws NII_CONFLICT where the version is there */
  putSite(value: StoredSite): Promise<void>;
}
