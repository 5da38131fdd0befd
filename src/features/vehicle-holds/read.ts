import type { Actor } from '../../core/access.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Mark, StoredVehicleHold } from '../../core/rules/vehicle-hold.ts';
import type { Standing } from '../../core/rules/version.ts';
import { type Viewing, viewed } from '../../queries/read.ts';
import { vehicleHoldDocument, vehicleHoldPath } from '../../stored/document-kinds.ts';
import { placeFor } from '../../stored/rules.ts';

export interface VehicleHoldView {
  readonly site: string;
  readonly mark: Mark;
  readonly standing: Standing<StoredVehicleHold>;
}

/** More vehicles than people hold by hand at one site. */
const MOST_HELD = 500;

export interface StopList {
  readonly items: readonly VehicleHoldView[];
  /** More are held than these. */
  readonly isCut: boolean;
}

/** Vehicles of a site that somebody holds, the longest held first. @throws NII_NOT_FOUND for the key of another site */
export function listVehicleHolds(
  deps: Viewing<Tx<'documentsInForce' | 'proposedDocuments'>>,
  actor: Actor,
  site: string,
): Promise<StopList> {
  const place = placeFor(actor, site);
  return viewed(deps, actor, 'vehicle holds', site, {}, async (tx) => {
    const all = await tx.documentsInForce(vehicleHoldDocument, place.administration, site);
    const held = all.filter(({ terms }) => terms.isHeld).toSorted((a, b) => (a.at < b.at ? -1 : 1));
    const proposed = await tx.proposedDocuments(vehicleHoldDocument, place, MOST_HELD);
    const proposals = new Map(proposed.map((one) => [nameOf(one), one]));
    const items = held.slice(0, MOST_HELD).map((inForce) => ({
      site,
      mark: inForce.mark,
      standing: { inForce, newest: proposals.get(nameOf(inForce)) ?? inForce },
    }));
    return { items, isCut: held.length > MOST_HELD };
  });
}

function nameOf(hold: StoredVehicleHold): string {
  return vehicleHoldPath(hold).join('/');
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
