import type { Actor } from '../../core/access.ts';
import { NiiError } from '../../core/errors.ts';
import type { Page } from '../../core/page.ts';
import type { Person, PersonStatus } from '../../core/person/person.ts';
import type { ListedHandBack } from '../../core/ports/records/cases.ts';
import type { ListedKey } from '../../core/ports/records/keys.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import { type Viewing, viewed } from '../../queries/read.ts';

/** Persons and keys of the whole administration: a person works at more sites than one. */

export function listPersons(
  deps: Viewing<Tx<'persons'>>,
  actor: Actor,
  limit: number,
  cursor?: string,
): Promise<Page<Person>> {
  return viewed(deps, actor, 'persons', '', {}, (tx) => tx.persons(actor.administration, limit, cursor));
}

export function getPerson(deps: Viewing<Tx<'person'>>, actor: Actor, id: string): Promise<Person> {
  return viewed(deps, actor, 'person', id, {}, async (tx) => {
    const found = await tx.person(actor.administration, id);
    if (found === undefined) throw new NiiError('NII_NOT_FOUND', `Unknown person "${id}"`);
    return found;
  });
}

/** More than a supervisor looks through. */
const HAND_BACKS = 200;

/** Of the person, under every name that it had. @throws NII_NOT_FOUND */
export function listHandBacks(
  deps: Viewing<Tx<'person' | 'handBacksOf'>>,
  actor: Actor,
  id: string,
): Promise<readonly ListedHandBack[]> {
  const { administration } = actor;
  return viewed(deps, actor, 'hand-backs', id, {}, async (tx) => {
    const found = await tx.person(administration, id);
    if (found === undefined) throw new NiiError('NII_NOT_FOUND', `Unknown person "${id}"`);
    return tx.handBacksOf(administration, [id, ...found.formerIds], HAND_BACKS);
  });
}

export function listKeyRows(
  deps: Viewing<Tx<'keysListed'>>,
  actor: Actor,
  limit: number,
  cursor?: string,
): Promise<Page<ListedKey>> {
  return viewed(deps, actor, 'keys', '', {}, (tx) => tx.keysListed(actor.administration, limit, cursor));
}

/** The caller's own person, by name. Nobody else is looked at, so nothing is audited. */
export async function ownPerson(
  { records }: { readonly records: Transactions<Tx<'person'>> },
  { administration, person }: Actor,
): Promise<{ readonly id: string; readonly name: string; readonly status: PersonStatus } | undefined> {
  if (person === undefined) return undefined;
  const found = await records.transaction((tx) => tx.person(administration, person.id));
  return found && { id: found.id, name: found.name, status: found.status };
}
