import { type Actor, scopeOf } from '../core/access.ts';
import type { Page } from '../core/page.ts';
import type { SiteVersions } from '../core/ports/records/rules/sites.ts';
import type { StoredSite } from '../core/rules/site.ts';
import type { Standing } from '../core/rules/version.ts';
import { placeFor } from '../stored/rules.ts';
import { type Viewing, viewed } from './read.ts';

export interface SiteView {
  readonly site: string;
  readonly standing: Standing<StoredSite>;
}

/** Sites for which something is decided, and that this key may see. */
export function listSites(
  deps: Viewing<SiteVersions>,
  actor: Actor,
  limit: number,
  cursor?: string,
): Promise<Page<SiteView>> {
  return viewed(deps, actor, 'sites', '', {}, async (tx) => {
    const page = await tx.decidedSites(scopeOf(actor), limit, cursor);
    const rows: SiteView[] = [];
    for (const site of page.rows)
      rows.push({ site, standing: await tx.siteVersions({ ...scopeOf(actor), site }) });
    return { ...page, rows };
  });
}

/** @throws NII_NOT_FOUND for the key of another site */
export function getSite(deps: Viewing<SiteVersions>, actor: Actor, site: string): Promise<SiteView> {
  const place = placeFor(actor, site);
  return viewed(deps, actor, 'site', site, {}, async (tx) => ({
    site,
    standing: await tx.siteVersions(place),
  }));
}
