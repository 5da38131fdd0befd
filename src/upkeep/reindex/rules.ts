import type { ObjectRowWrites } from '../../core/ports/records/object-rows.ts';
import type { PolicyWrites } from '../../core/ports/records/rules/policies.ts';
import type { Stores } from '../../core/ports/stores.ts';
import { asStored, objectRow } from '../../stored/object-row.ts';
import { readPolicy } from '../../stored/read-object.ts';
import { NO_SCAN, policyObject } from '../../stored/rules.ts';

/**
 * What administrations decided, every version of it.
 * @param orDamaged - runs a step and notes it when what it reads is damaged
 */
export async function rebuildRules(
  { objects, records }: Stores<ObjectRowWrites & PolicyWrites>,
  orDamaged: (what: string, step: () => Promise<void>) => Promise<unknown>,
): Promise<void> {
  for await (const { key } of objects.list('policies/')) {
    await orDamaged(key, async () => {
      const body = await objects.get(key);
      const value = readPolicy(body, key);
      const row = asStored(objectRow(NO_SCAN, policyObject(value)), key, body);
      await records.transaction(async (tx) => {
        await tx.putObjects([row]);
        await tx.putPolicy(value);
      });
    });
  }
}
