import { type Actor, ANY_SITE } from '../../core/access.ts';
import type { Tx } from '../../core/ports/records.ts';
import { isOpenAt, type ServiceHoldAt, serviceHoldsAt } from '../../core/rules/service-hold.ts';
import { type Viewing, viewed } from '../../queries/read.ts';
import { placeFor } from '../../stored/rules.ts';
import { serviceHoldsOf } from '../../stored/service-holds.ts';
import { serviceHoldAt } from './decide.ts';

export interface ServiceHoldView extends ServiceHoldAt {
  readonly site: string;
}

/** What is open at the sites that this key may see, in order of their names. */
export function listServiceHolds(
  deps: Viewing<Tx<'documentsAbout' | 'places'>>,
  actor: Actor,
): Promise<readonly ServiceHoldView[]> {
  return viewed(deps, actor, 'service holds', '', {}, async (tx) => {
    const all = await serviceHoldsOf(tx, actor.administration);
    if (all.length === 0) return [];
    const sites = actor.site === ANY_SITE ? await sitesOf(tx, actor.administration) : [actor.site];
    return sites.flatMap((site) =>
      serviceHoldsAt(all, site)
        .filter(isOpenAt)
        .map((hold) => ({ site, ...hold })),
    );
  });
}

async function sitesOf(tx: Tx<'places'>, administration: string): Promise<readonly string[]> {
  const places = await tx.places();
  return places
    .filter((place) => place.administration === administration && place.site !== ANY_SITE)
    .map(({ site }) => site);
}

/** @throws NII_NOT_FOUND of another site, or without such a hold */
export function getServiceHold(
  deps: Viewing<Tx<'documentsAbout'>>,
  actor: Actor,
  site: string,
  id: string,
): Promise<ServiceHoldView> {
  const place = placeFor(actor, site);
  return viewed(deps, actor, 'service hold', id, {}, async (tx) => ({
    site,
    ...(await serviceHoldAt(tx, place, id)),
  }));
}
