import type { StoredPhotograph } from '../../core/case/photograph.ts';
import { NiiError } from '../../core/errors.ts';
import type { ObjectReads } from '../../core/ports/objects.ts';
import type { PhotographWrites } from '../../core/ports/records/lists/photographs.ts';
import type { ObjectRow, ObjectRowWrites } from '../../core/ports/records/object-rows.ts';
import type { Stores } from '../../core/ports/stores.ts';
import { asStored } from '../../stored/object-row.ts';
import { readPhotograph } from '../../stored/read-object.ts';
import {
  originalKey,
  originalRow,
  photographObject,
  shownKey,
  shownRow,
} from '../../stored/search/photographs.ts';

/**
 * Photographs as their newest versions have them, removed ones too, and the rows of their bytes. Bytes without a record
 * are not named: a crash left them.
 * @param orDamaged - runs a step and notes it when what it reads is damaged
 */
export async function rebuildPhotographs(
  { objects, records }: Stores<ObjectRowWrites & PhotographWrites>,
  orDamaged: (what: string, step: () => Promise<void>) => Promise<unknown>,
): Promise<void> {
  // Names of the versions of a photograph rise, so the newest is put last
  for await (const { key } of objects.list('photographs/')) {
    if (!key.endsWith('.json')) continue;
    await orDamaged(key, async () => {
      const body = await objects.get(key);
      const value = readPhotograph(body, key);
      const row = asStored(photographObject(value).row, key, body);
      await records.transaction(async (tx) => {
        await tx.putObjects([row]);
        await tx.putPhotograph(value);
      });
      if (value.version > 1) return;
      for (const bytes of bytesOf(value))
        await orDamaged(bytes.key, async () => {
          const named = await checkedRow(objects, bytes);
          await records.transaction((tx) => tx.putObjects([named]));
        });
    });
  }
}

interface KeptBytes {
  readonly key: string;
  readonly sha256: string;
  readonly rowOf: (body: Uint8Array) => ObjectRow;
}

function bytesOf(value: StoredPhotograph): readonly KeptBytes[] {
  return [
    { key: originalKey(value), sha256: value.id, rowOf: (body) => originalRow(value, body) },
    { key: shownKey(value), sha256: value.shownSha256, rowOf: (body) => shownRow(value, body) },
  ];
}

async function checkedRow(objects: Pick<ObjectReads, 'get'>, { key, sha256, rowOf }: KeptBytes) {
  const row = rowOf(await objects.get(key));
  if (row.sha256 === sha256) return row;
  throw new NiiError('NII_CORRUPT', `${key} does not have its hash`);
}
