import type { Actor } from '../../core/access.ts';
import type { Tx } from '../../core/ports/records.ts';
import { type Mark, noVehicleHold, type StoredVehicleHold } from '../../core/rules/vehicle-hold.ts';
import type { Standing } from '../../core/rules/version.ts';
import { type Viewing, viewed } from '../../queries/read.ts';
import { vehicleHoldDocument, vehicleHoldPath } from '../../stored/document-kinds.ts';
import { placeFor } from '../../stored/rules.ts';

export interface VehicleHoldView {
  readonly site: string;
  readonly mark: Mark;
  readonly standing: Standing<StoredVehicleHold>;
}

/** Vehicles of a site that somebody holds, the longest held first. @throws NII_NOT_FOUND for the key of another site */
export function listVehicleHolds(
  deps: Viewing<Tx<'documentsAbout' | 'documentStanding'>>,
  actor: Actor,
  site: string,
): Promise<readonly VehicleHoldView[]> {
  const place = placeFor(actor, site);
  return viewed(deps, actor, 'vehicle holds', site, {}, async (tx) => {
    const all = await tx.documentsAbout(vehicleHoldDocument, JSON.stringify([place.administration, site]));
    const marks = new Map(all.map((one) => [vehicleHoldPath(one).join('/'), one]));
    const views: VehicleHoldView[] = [];
    for (const one of marks.values()) {
      const standing = await tx.documentStanding(vehicleHoldDocument, vehicleHoldPath(one));
      const { isHeld } = standing.inForce?.terms ?? noVehicleHold;
      if (isHeld) views.push({ site, mark: one.mark, standing });
    }
    return views;
  });
}

/** @throws NII_NOT_FOUND for the key of another site */
export function getVehicleHold(
  deps: Viewing<Tx<'documentStanding'>>,
  actor: Actor,
  site: string,
  mark: Mark,
): Promise<VehicleHoldView> {
  const path = vehicleHoldPath({ ...placeFor(actor, site), mark });
  return viewed(deps, actor, 'vehicle hold', `${mark.kind} ${mark.value}`, {}, async (tx) => ({
    site,
    mark,
    standing: await tx.documentStanding(vehicleHoldDocument, path),
  }));
}
