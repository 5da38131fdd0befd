import type { Actor } from '../../../core/access.ts';
import type { PersonStatus } from '../../../core/person/person.ts';
import type { Tx } from '../../../core/ports/records.ts';
import type { Transactions } from '../../../core/ports/transactions.ts';

/** The caller's own person, by name. Nobody else is looked at, so nothing is audited. */
export async function ownPerson(
  { records }: { readonly records: Transactions<Tx<'person'>> },
  { administration, person }: Actor,
): Promise<{ readonly id: string; readonly name: string; readonly status: PersonStatus } | undefined> {
  if (person === undefined) return undefined;
  const found = await records.transaction((tx) => tx.person(administration, person.id));
  return found && { id: found.id, name: found.name, status: found.status };
}
