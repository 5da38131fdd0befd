import type { Scope } from '../../../../core/access.ts';
import type { Sites, SiteVersions, SiteWrites } from '../../../../core/ports/records/rules/sites.ts';
import type { Tx } from '../../database.ts';
import { fromCursor, pageOf, siteOf } from '../cursor.ts';

type SiteRecords = Sites & SiteVersions & SiteWrites;

/** What is decided for each site, one row a version. */
export function siteRecords(tx: Tx): SiteRecords {
  return {
    async siteInForce(scope) {
      return (await newestSites(tx, scope).where('in_force', '=', true).executeTakeFirst())?.body;
    },
    async siteVersions(scope) {
      const newest = await newestSites(tx, scope).executeTakeFirst();
      const inForce = await newestSites(tx, scope).where('in_force', '=', true).executeTakeFirst();
      return { newest: newest?.body, inForce: inForce?.body };
    },
    async decidedSites(scope, limit, cursor) {
      const [after = ''] = cursor === undefined ? [] : fromCursor(cursor, ['string']);
      const site = siteOf(scope);
      const rows = await tx
        .selectFrom('sites')
        .select('site')
        .distinct()
        .where('administration', '=', scope.administration)
        .where('site', '>', String(after))
        .$if(site !== undefined, (query) => query.where('site', '=', String(site)))
        .orderBy('site')
        .limit(limit + 1)
        .execute();
      return pageOf(
        rows,
        limit,
        (row) => row.site,
        (row) => [row.site],
      );
    },
    async putSite(value) {
      const { administration, site, version, state } = value;
      const row = { administration, site, version, in_force: state === 'in-force' };
      await tx
        .insertInto('sites')
        .values({ ...row, body: JSON.stringify(value) })
        .execute();
    },
  };
}

/** Of exactly this site, the newest first. */
function newestSites(tx: Tx, { administration, site }: Scope) {
  return tx
    .selectFrom('sites')
    .select('body')
    .where('administration', '=', administration)
    .where('site', '=', site)
    .orderBy('version', 'desc')
    .limit(1);
}
