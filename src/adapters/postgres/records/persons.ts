import { sql } from 'kysely';
import type { AccessKey, Role } from '../../../core/access.ts';
import { defined } from '../../../core/defined.ts';
import { NiiError } from '../../../core/errors.ts';
import type {
  Identities,
  KeyIdentity,
  KeyUses,
  Persons,
  PersonWrites,
} from '../../../core/ports/records/persons.ts';
import type { Tx } from '../database.ts';
import { fromCursor, instant, pageOf } from './cursor.ts';

type PersonRecords = Persons & PersonWrites & Identities & KeyUses;

export function personRecords(tx: Tx): PersonRecords {
  return {
    async person(administration, id) {
      return (await personQuery(tx, administration, id).executeTakeFirst())?.body;
    },
    async lockPerson(administration, id) {
      return (await personQuery(tx, administration, id).forUpdate().executeTakeFirst())?.body;
    },
    async persons(administration, limit, cursor) {
      const [after] = cursor === undefined ? [''] : fromCursor(cursor, ['string']);
      const rows = await tx
        .selectFrom('persons')
        .select(['id', 'body'])
        .where('administration', '=', administration)
        .where('id', '>', String(after))
        .orderBy('id')
        .limit(limit + 1)
        .execute();
      return pageOf(
        rows,
        limit,
        ({ body }) => body,
        ({ id }) => [id],
      );
    },
    async savePerson(value) {
      const { id, administration, version } = value;
      const row = { administration, version, body: JSON.stringify(value) };
      const saved = await tx
        .insertInto('persons')
        .values({ id, ...row })
        .onConflict((at) =>
          at
            .column('id')
            .doUpdateSet(row)
            .where('persons.administration', '=', administration)
            .where('persons.version', '<', version),
        )
        .returning('id')
        .executeTakeFirst();
      if (saved === undefined)
        throw new NiiError('NII_CONFLICT', 'The person has changed since it was read; read it again');
    },
    async identitiesOf(keyIds) {
      const keys = await keysWhere(tx, 'key_id', keyIds);
      const ids = [...new Set(keys.flatMap(({ person }) => person ?? []))];
      const persons = ids.length === 0 ? [] : await personsOf(tx, ids);
      const rolesOf = rolesByPerson(await keysWhere(tx, 'person', ids));
      return keys.map((key): KeyIdentity => {
        const person = persons.find(({ id }) => id === key.person);
        return { key, rolesOfPerson: rolesOf.get(key.person ?? '') ?? [], ...defined({ person }) };
      });
    },
    async keyUsed(keyId, at) {
      await tx
        .updateTable('keys')
        .set({ last_used: instant(at) })
        .where('key_id', '=', keyId)
        .where(
          sql<boolean>`(last_used is null or last_used < ${instant(at)}::timestamptz - interval '5 minutes')`,
        )
        .execute();
    },
  };
}

function personQuery(tx: Tx, administration: string, id: string) {
  return tx
    .selectFrom('persons')
    .select('body')
    .where('id', '=', id)
    .where('administration', '=', administration);
}

async function personsOf(tx: Tx, ids: readonly string[]) {
  const query = tx
    .selectFrom('persons')
    .select('body')
    .where('id', 'in', [...ids]);
  return (await query.execute()).map(({ body }) => body);
}

async function keysWhere(
  tx: Tx,
  column: 'key_id' | 'person',
  values: readonly string[],
): Promise<readonly AccessKey[]> {
  if (values.length === 0) return [];
  const query = tx
    .selectFrom('keys')
    .select('body')
    .where(column, 'in', [...values]);
  return (await query.execute()).map(({ body }) => body);
}

function rolesByPerson(keys: readonly AccessKey[]): ReadonlyMap<string, readonly Role[]> {
  const found = new Map<string, Set<Role>>();
  for (const { person = '', roles, revokedAt } of keys) {
    if (revokedAt !== undefined) continue;
    const known = found.get(person) ?? new Set();
    for (const role of roles) known.add(role);
    found.set(person, known);
  }
  return new Map([...found].map(([person, roles]) => [person, [...roles]]));
}
