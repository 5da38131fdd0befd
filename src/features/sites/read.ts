import { type Actor, scopeOf } from '../../core/access.ts';
import type { Page } from '../../core/page.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { StoredSite } from '../../core/rules/site.ts';
import type { Standing } from '../../core/rules/version.ts';
import { type Viewing, viewed } from '../../queries/read.ts';
import { siteDocument } from '../../stored/document-kinds.ts';
import { placeFor } from '../../stored/rules.ts';

export interface SiteView {
  readonly site: string;
  readonly standing: Standing<StoredSite>;
}

/** Sites for which something is decided, and that this key may see. */
export function listSites(
  deps: Viewing<Tx<'documentStanding' | 'sitesWithDocument'>>,
  actor: Actor,
  limit: number,
  cursor?: string,
): Promise<Page<SiteView>> {
  return viewed(deps, actor, 'sites', '', {}, async (tx) => {
    const page = await tx.sitesWithDocument(siteDocument, scopeOf(actor), limit, cursor);
    const rows: SiteView[] = [];
    for (const site of page.rows)
      rows.push({ site, standing: await tx.documentStanding(siteDocument, [actor.administration, site]) });
    return { ...page, rows };
  });
}

/** @throws NII_NOT_FOUND for the key of another site */
export function getSite(
  deps: Viewing<Tx<'documentStanding'>>,
  actor: Actor,
  site: string,
): Promise<SiteView> {
  const place = placeFor(actor, site);
  return viewed(deps, actor, 'site', site, {}, async (tx) => ({
    site,
    standing: await tx.documentStanding(siteDocument, [place.administration, site]),
  }));
}
