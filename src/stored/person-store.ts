import type { Person } from '../core/person/person.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { Tx } from '../core/ports/records.ts';
import { personDocument } from './document-kinds.ts';
import { storeObjects } from './documents.ts';

export type StorePersonTx = Tx<'putObjects' | 'savePerson'>;

/** The object first, then the record; the caller holds the lock of this person's name. */
export async function storePerson(
  deps: { readonly objects: ObjectWrites },
  tx: StorePersonTx,
  person: Person,
): Promise<void> {
  await storeObjects(deps, tx, personDocument, [person]);
  await tx.savePerson(person);
}
