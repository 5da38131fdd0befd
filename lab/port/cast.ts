/** Creates the persons of a plan and their keys, as an operator does at the command line. */
import { ANY_SITE, isRoleOfPeople, type Role } from '../../src/core/access.ts';
import { defined } from '../../src/core/defined.ts';
import { createPerson } from '../../src/features/persons/decide.ts';
import { atCommandLine, issueKey } from '../../src/features/persons/keys.ts';
import type { Parts } from '../../src/wiring.ts';
import type { By, TruePerson, Role as TrueRole } from './history.ts';
import type { Plan, PlannedPerson } from './plan.ts';

/** A key and its owner. */
export interface Member {
  readonly id: string;
  readonly role: Role;
  readonly token: string;
  readonly colludes: boolean;
  /** As the service calls them; undefined for a machine. */
  readonly servicePerson: string | undefined;
}

const names: Partial<Readonly<Record<Role, TrueRole>>> = { scanner: 'sender' };

export function toBy({ id, role }: Member): By {
  const known = (names[role] ?? role) as TrueRole;
  return { person: id, role: known };
}

export const toTruePersons = ({ persons }: Plan): readonly TruePerson[] =>
  persons.map(({ id, roles }) => ({ id, roles: roles.map((role) => (names[role] ?? role) as TrueRole) }));

export async function makeCast(
  deps: Parts,
  administration: string,
  { persons, sites }: Plan,
): Promise<readonly Member[]> {
  const [main = ANY_SITE, ...others] = sites;
  // a machine at the only site need not name it
  const site = others.length === 0 ? main : ANY_SITE;
  const members: Member[] = [];
  for (const person of persons) members.push(...(await keysOf(deps, { administration, site }, person)));
  return members;
}

async function keysOf(
  deps: Parts,
  { administration, site }: { readonly administration: string; readonly site: string },
  { id, colludes, roles }: PlannedPerson,
): Promise<Member[]> {
  const isPerson = roles.every(isRoleOfPeople);
  const actor = atCommandLine(administration);
  const servicePerson = isPerson ? (await createPerson(deps, { actor }, id)).id : undefined;
  const members: Member[] = [];
  for (const role of roles) {
    const wanted = { roles: [role], administration, site: isPerson ? ANY_SITE : site, name: id };
    const { token } = await issueKey(deps, { ...wanted, ...defined({ person: servicePerson }) });
    members.push({ id, role, token, colludes, servicePerson });
  }
  return members;
}
