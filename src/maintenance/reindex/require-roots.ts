import { NiiError } from '../../core/errors.ts';
import { OWN_PREFIXES } from '../../core/keys.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Stores } from '../../core/ports/stores.ts';
import { objectRows } from '../object-rows.ts';
import { isRoot } from '../unrecorded.ts';

/**
 * Rejects a reindex that would forget something: the database names an object that a reindex begins with, and the store
 * does not have it.
 * @throws NII_OBJECT_LOST
 */
export async function requireRoots({ objects, records }: Stores<Tx<'allObjects'>>): Promise<void> {
  const stored = new Set<string>();
  for (const prefix of OWN_PREFIXES)
    for await (const { key } of objects.list(prefix)) if (isRoot(key)) stored.add(key);
  let lost = 0;
  let first = '';
  for await (const { key } of objectRows(records)) {
    if (!isRoot(key) || stored.has(key)) continue;
    first ||= key;
    lost += 1;
  }
  if (lost === 0) return;
  throw new NiiError(
    'NII_OBJECT_LOST',
    `A reindex would forget ${lost} scans, cases or documents, such as ${first}. Restore their objects from a backup, ` +
      'or add --forget-missing',
  );
}
