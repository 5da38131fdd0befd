import { useCallback } from 'react';
import type { Role } from '../../core/access.ts';
import type { Person, Session } from '../api/client.ts';
import { useQuery } from '../api/query.ts';
import { words } from '../words/words.ts';
import { askPersons } from './queries.ts';

const none: readonly Person[] = [];
const askNobody = async () => none;
const readsPersons: ReadonlySet<Role> = new Set<Role>(['supervisor', 'administrator']);
const mayReadPersons = (role: Role) => readsPersons.has(role);

/** Names of persons by id, for those who may read them; else, and of machines, the id. */
export function useNames({ roles, person }: Session): (id: string) => string {
  const { value = none } = useQuery(roles.some(mayReadPersons) ? askPersons : askNobody);
  return useCallback(
    (id) =>
      value.find((one) => one.id === id)?.name ??
      (person?.id === id ? person.name : words('vehicle.id', { id })),
    [value, person],
  );
}
