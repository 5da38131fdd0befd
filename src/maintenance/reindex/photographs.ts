import type { StoredPhotograph } from '../../core/case/photograph.ts';
import { NiiError } from '../../core/errors.ts';
import type { ObjectReads } from '../../core/ports/objects.ts';
import type { ObjectRow } from '../../core/ports/records/object-rows.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Stores } from '../../core/ports/stores.ts';
import { photographDocument } from '../../stored/document-kinds.ts';
import { documentKeys, type OrDamaged } from '../../stored/documents.ts';
import { originalKey, originalRow, shownKey, shownRow } from '../../stored/photographs.ts';
import { readDocument } from '../../stored/read-object.ts';

/** The rows of the bytes of photographs. Bytes without a document are not named: a crash left them. */
export async function rebuildPhotographBytes(
  { objects, records }: Stores<Tx<'putObjects'>>,
  orDamaged: OrDamaged,
): Promise<void> {
  for await (const key of documentKeys(objects, photographDocument)) {
    // its first version came with the bytes; a damaged one is noted where documents are rebuilt
    if (!key.endsWith('/000001.json')) continue;
    const value = await readFirst(objects, key);
    for (const bytes of value === undefined ? [] : bytesOf(value))
      await orDamaged(bytes.key, async () => {
        const named = await checkedRow(objects, bytes);
        await records.transaction((tx) => tx.putObjects([named]));
      });
  }
}

async function readFirst(
  objects: Pick<ObjectReads, 'get'>,
  key: string,
): Promise<StoredPhotograph | undefined> {
  const bytes = await objects.get(key);
  try {
    return readDocument(photographDocument, bytes, key);
  } catch (error) {
    if (error instanceof NiiError) return undefined;
    throw error;
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
  throw new NiiError('NII_CORRUPT', `${key} has a wrong hash`);
}
