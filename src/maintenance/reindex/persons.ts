import type { Person } from '../../core/person/person.ts';
import type { Tx } from '../../core/ports/records.ts';

export type RebuildPersonTx = Tx<'lockPerson' | 'savePerson' | 'key' | 'putKey'>;

/** A version of a person, unless a newer one is there, and whose each key is that there still is. */
export async function rebuildPerson(tx: RebuildPersonTx, value: Person): Promise<void> {
  const stored = await tx.lockPerson(value.administration, value.id);
  if (stored !== undefined && stored.version > value.version) return;
  if (stored?.version !== value.version) await tx.savePerson(value);
  for (const keyId of value.keys) {
    const key = await tx.key(keyId);
    if (key?.administration === value.administration && key.person !== value.id)
      await tx.putKey({ ...key, person: value.id });
  }
}
