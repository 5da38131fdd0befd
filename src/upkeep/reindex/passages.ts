import type { PassageWrites } from '../../core/ports/records/lists/passages.ts';
import type { ObjectRowWrites } from '../../core/ports/records/object-rows.ts';
import type { Stores } from '../../core/ports/stores.ts';
import { passageObject } from '../../decide/passages.ts';
import { asStored } from '../../stored/object-row.ts';
import { readPassage } from '../../stored/read-object.ts';

/**
 * Passages as their newest versions have them.
 * @param orDamaged - runs a step and notes it when what it reads is damaged
 */
export async function rebuildPassages(
  { objects, records }: Stores<ObjectRowWrites & PassageWrites>,
  orDamaged: (what: string, step: () => Promise<void>) => Promise<unknown>,
): Promise<void> {
  // Names of the versions of a passage rise, so the newest is put last
  for await (const { key } of objects.list('passages/'))
    await orDamaged(key, async () => {
      const body = await objects.get(key);
      const value = readPassage(body, key);
      const row = asStored(passageObject(value).row, key, body);
      await records.transaction(async (tx) => {
        await tx.putObjects([row]);
        await tx.putPassages([value]);
      });
    });
}
