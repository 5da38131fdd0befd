import { sql } from 'kysely';
import type { AccessKey, Role } from '../../../core/access.ts';
import { defined } from '../../../core/defined.ts';
import { NiiError } from '../../../core/errors.ts';
import type { Person } from '../../../core/person/person.ts';
import type { KeyIdentity, Persons } from '../../../core/ports/records/persons.ts';
import { asKey } from '../../../core/sign-in/session.ts';
import type { SqlTx } from '../database.ts';
import { fromCursor, instant, pageOf } from './cursor.ts';
import { sessionOf } from './sessions.ts';

type PersonRecords = Persons;

export function personRecords(tx: SqlTx): PersonRecords {
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
    async personOf(administration, { issuer, subject }) {
      const row = await tx
        .selectFrom('identities')
        .innerJoin('persons', 'persons.id', 'identities.person')
        .select('persons.body')
        .where('identities.administration', '=', administration)
        .where('issuer', '=', issuer)
        .where('subject', '=', subject)
        .executeTakeFirst();
      return row?.body;
    },
    savePerson: (value) => savePerson(tx, value),
    identitiesOf: (keyIds) => identitiesOf(tx, keyIds),
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

/** @throws NII_CONFLICT unless the version is newer than what is stored */
async function savePerson(tx: SqlTx, value: Person): Promise<void> {
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
  if (saved === undefined) throw new NiiError('NII_CONFLICT', 'The person has changed; reload and retry');
  await saveIdentities(tx, value);
}

/** The keys and sessions with these ids, each with its person and the roles that this person has through any. */
async function identitiesOf(tx: SqlTx, keyIds: readonly string[]): Promise<readonly KeyIdentity[]> {
  const keys = await keysWhere(tx, 'key_id', keyIds);
  const sessions = keys.length === keyIds.length ? [] : await sessionsWhere(tx, 'id', keyIds);
  const found = [
    ...keys.map((key) => ({ key })),
    ...sessions.map((session) => ({ key: asKey(session), session })),
  ];
  const ids = [...new Set(found.flatMap(({ key }) => key.person ?? []))];
  const persons = ids.length === 0 ? [] : await personsOf(tx, ids);
  const ofPersons = (await sessionsWhere(tx, 'person', ids)).map(asKey);
  const rolesOf = rolesByPerson([...(await keysWhere(tx, 'person', ids)), ...ofPersons]);
  return found.map((one): KeyIdentity => {
    const person = persons.find(({ id }) => id === one.key.person);
    return { ...one, rolesOfPerson: rolesOf.get(one.key.person ?? '') ?? [], ...defined({ person }) };
  });
}

/** What the person says of its identities, so that it is found by them. */
async function saveIdentities(tx: SqlTx, { id, administration, identities = [] }: Person): Promise<void> {
  await tx.deleteFrom('identities').where('person', '=', id).execute();
  if (identities.length === 0) return;
  await tx
    .insertInto('identities')
    .values(identities.map(({ issuer, subject }) => ({ issuer, subject, administration, person: id })))
    .onConflict((at) => at.columns(['administration', 'issuer', 'subject']).doUpdateSet({ person: id }))
    .execute();
}

async function sessionsWhere(tx: SqlTx, column: 'id' | 'person', values: readonly string[]) {
  if (values.length === 0) return [];
  const query = tx
    .selectFrom('sessions')
    .selectAll()
    .where(column, 'in', [...values]);
  const live =
    column === 'id' ? query : query.where('ended', 'is', null).where('ends', '>', sql<Date>`now()`);
  return (await live.execute()).map(sessionOf);
}

function personQuery(tx: SqlTx, administration: string, id: string) {
  return tx
    .selectFrom('persons')
    .select('body')
    .where('id', '=', id)
    .where('administration', '=', administration);
}

async function personsOf(tx: SqlTx, ids: readonly string[]) {
  const query = tx
    .selectFrom('persons')
    .select('body')
    .where('id', 'in', [...ids]);
  return (await query.execute()).map(({ body }) => body);
}

async function keysWhere(
  tx: SqlTx,
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
