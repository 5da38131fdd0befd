import { keys } from '../core/keys.ts';
import type { Person } from '../core/person/person.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { ObjectRowWrites } from '../core/ports/records/object-rows.ts';
import type { PersonWrites } from '../core/ports/records/persons.ts';
import { type OwnObject, ownObject } from './own-object.ts';

export type StorePersonTx = ObjectRowWrites & PersonWrites;

/** The object first, then the record; the caller holds the lock of this person's name. */
export async function storePerson(
  { objects }: { readonly objects: ObjectWrites },
  tx: StorePersonTx,
  person: Person,
): Promise<void> {
  const { row, body } = personObject(person);
  await objects.put(row.key, body, row.contentType);
  await tx.putObjects([row]);
  await tx.savePerson(person);
}

/** A person as the store keeps it: one object a version. */
export function personObject(person: Person): OwnObject {
  const { administration, id, version } = person;
  return ownObject(keys.person(administration, id, version), 'person', person, {
    producer: 'persons',
    revision: version,
  });
}
