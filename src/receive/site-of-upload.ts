import { type Actor, ANY_SITE } from '../core/access.ts';
import { NiiError } from '../core/errors.ts';
import { siteName } from '../core/keys.ts';
import type { UploadMeta } from '../core/upload.ts';

/** @throws NII_BAD_REQUEST where no site is named, NII_FORBIDDEN where it is not the key's */
export function siteOf(actor: Actor, meta: UploadMeta): string {
  const site = meta.site ?? actor.site;
  if (site === ANY_SITE)
    throw new NiiError('NII_BAD_REQUEST', {
      detail: 'Missing site: add the site of the scanner',
      field: 'site',
    });
  if (!siteName.test(site)) {
    throw new NiiError('NII_BAD_REQUEST', {
      detail: `Invalid site "${site}": use lower-case letters, digits and hyphens`,
      field: 'site',
    });
  }
  if (actor.site !== ANY_SITE && actor.site !== site) {
    throw new NiiError(
      'NII_FORBIDDEN',
      `Invalid site "${site}": this key can send scans only for site ${actor.site}`,
    );
  }
  return site;
}
