import type { ObjectReads } from '../../core/ports/objects.ts';
import type { ObjectRowWrites } from '../../core/ports/records/object-rows.ts';
import type { ModelChoiceWrites } from '../../core/ports/records/rules/model-choices.ts';
import type { PolicyWrites } from '../../core/ports/records/rules/policies.ts';
import type { SiteWrites } from '../../core/ports/records/rules/sites.ts';
import type { StationWrites } from '../../core/ports/records/rules/station.ts';
import type { Stores } from '../../core/ports/stores.ts';
import { asStored, type Derived, objectRow } from '../../stored/object-row.ts';
import { readModelChoice, readPolicy, readSite, readStation } from '../../stored/read-object.ts';
import { modelChoiceObject, NO_SCAN, policyObject, siteObject, stationObject } from '../../stored/rules.ts';

type OrDamaged = (what: string, step: () => Promise<void>) => Promise<unknown>;

/**
 * What administrations decided, for all and for each site, every version of it; and what stations decided.
 * @param orDamaged - runs a step and notes it when what it reads is damaged
 */
export async function rebuildRules(
  {
    objects,
    records,
  }: Stores<ObjectRowWrites & PolicyWrites & ModelChoiceWrites & SiteWrites & StationWrites>,
  orDamaged: OrDamaged,
): Promise<void> {
  await eachObject(objects, 'policies/', orDamaged, async (body, key) => {
    const value = readPolicy(body, key);
    const row = rowOf(policyObject(value), key, body);
    await records.transaction(async (tx) => {
      await tx.putObjects([row]);
      await tx.putPolicy(value);
    });
  });
  await eachObject(objects, 'models/', orDamaged, async (body, key) => {
    const value = readModelChoice(body, key);
    const row = rowOf(modelChoiceObject(value), key, body);
    await records.transaction(async (tx) => {
      await tx.putObjects([row]);
      await tx.putModelChoice(value);
    });
  });
  await eachObject(objects, 'sites/', orDamaged, async (body, key) => {
    const value = readSite(body, key);
    const row = rowOf(siteObject(value), key, body);
    await records.transaction(async (tx) => {
      await tx.putObjects([row]);
      await tx.putSite(value);
    });
  });
  await eachObject(objects, 'stations/', orDamaged, async (body, key) => {
    const value = readStation(body, key);
    const row = rowOf(stationObject(value), key, body);
    await records.transaction(async (tx) => {
      await tx.putObjects([row]);
      await tx.putStationDecisions(value);
    });
  });
}

async function eachObject(
  objects: ObjectReads,
  prefix: string,
  orDamaged: OrDamaged,
  rebuild: (body: Uint8Array, key: string) => Promise<void>,
): Promise<void> {
  for await (const { key } of objects.list(prefix))
    await orDamaged(key, async () => rebuild(await objects.get(key), key));
}

function rowOf(derived: Derived, key: string, body: Uint8Array) {
  return asStored(objectRow(NO_SCAN, derived), key, body);
}
