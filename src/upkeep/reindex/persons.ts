import type { Person } from '../../core/person/person.ts';
import type { Keys, KeyWrites } from '../../core/ports/records/keys.ts';
import type { ObjectRow, ObjectRowWrites } from '../../core/ports/records/object-rows.ts';
import type { PersonWrites } from '../../core/ports/records/persons.ts';
import type { Stores } from '../../core/ports/stores.ts';
import { asStored } from '../../stored/object-row.ts';
import { personObject } from '../../stored/person-store.ts';
import { readPerson } from '../../stored/read-object.ts';

export type RebuildPersonsTx = ObjectRowWrites & PersonWrites & Keys & KeyWrites;

/** Persons as their newest versions have them, and whose each key is that there still is. Damaged ones are named. */
export async function rebuildPersons(
  { objects, records }: Stores<RebuildPersonsTx>,
  orDamaged: (what: string, step: () => Promise<void>) => Promise<unknown>,
): Promise<void> {
  const newest = new Map<string, Person>();
  const rows: ObjectRow[] = [];
  for await (const { key } of objects.list('persons/')) {
    await orDamaged(key, async () => {
      const body = await objects.get(key);
      const value = readPerson(body, key);
      rows.push(asStored(personObject(value).row, key, body));
      newest.set(`${value.administration}/${value.id}`, value);
    });
  }
  await records.transaction(async (tx) => {
    await tx.putObjects(rows);
    for (const value of newest.values()) await rebuildPerson(tx, value);
  });
}

async function rebuildPerson(tx: PersonWrites & Keys & KeyWrites, value: Person): Promise<void> {
  const stored = await tx.lockPerson(value.administration, value.id);
  if (stored === undefined || stored.version < value.version) await tx.savePerson(value);
  for (const keyId of value.keys) {
    const key = await tx.key(keyId);
    if (key?.administration === value.administration && key.person !== value.id)
      await tx.putKey({ ...key, person: value.id });
  }
}
