import { type QueryExecutorProvider, sql } from 'kysely';
import { NiiError } from '../../core/errors.ts';

/** The role of those who use the database without owning it, where no other is named. */
export const SERVICE_ROLE = 'nii_service';

export interface ServiceRole {
  readonly user: string;
  /** With a password the role is made if it is missing; without one somebody else makes it. */
  readonly password?: string;
}

const allPrivileges = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'] as const;
type Privilege = (typeof allPrivileges)[number];

/** A reindex empties tables. */
const usual: readonly Privilege[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'];

/** Tables on which a service may do less. */
const less: Readonly<Record<string, readonly Privilege[]>> = {
  audit: ['SELECT', 'INSERT'],
  audit_seals: ['SELECT', 'INSERT'],
  changes: ['SELECT', 'INSERT', 'TRUNCATE'],
  meta: ['SELECT'],
  migrations: ['SELECT'],
  migrations_lock: ['SELECT'],
};

function wantedOn(table: string): readonly Privilege[] {
  return less[table] ?? usual;
}

type Db = QueryExecutorProvider;

/** Whether the role has what it needs on each table, and no more. */
export async function mayUseAsWanted(db: Db, role: string): Promise<boolean> {
  const { rows } = await sql<{ table: string; privilege: Privilege; has: boolean }>`
    select relname as table, privilege, has_table_privilege(${role}, oid, privilege) as has
      from pg_class, unnest(${[...allPrivileges]}::text[]) as privilege
      where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')`.execute(db);
  const isAsWanted = rows.every(({ table, privilege, has }) => has === wantedOn(table).includes(privilege));
  return isAsWanted && (await mayNumber(db, role));
}

/** It numbers the instructions to the lanes. */
async function mayNumber(db: Db, role: string): Promise<boolean> {
  const { rows } = await sql<{ may: boolean }>`
    select has_sequence_privilege(${role}, 'instruction_numbers', 'USAGE')
      and has_sequence_privilege(${role}, 'instruction_numbers', 'UPDATE')
      and has_sequence_privilege(${role}, 'instruction_numbers', 'SELECT') as may`.execute(db);
  return rows[0]?.may === true;
}

/**
 * Makes the role if it comes with a password and is missing.
 * @throws NII_CONFIG when the role does not exist
 */
export async function requireRole(db: Db, { user, password }: ServiceRole): Promise<void> {
  if (await roleExists(db, user)) return;
  if (password !== undefined) return await makeRole(db, user, password);
  throw new NiiError(
    'NII_CONFIG',
    `PostgreSQL has no role "${user}", which services use; create it as described in docs/how-to/operations.md`,
  );
}

/** Gives the role what a service needs and takes away the rest: rows of the audit can be added and read, and nothing else. */
export async function letUse(db: Db, user: string): Promise<void> {
  const role = sql.id(user);
  const schema = sql.id(await currentSchema(db));
  await sql`grant usage on schema ${schema} to ${role}`.execute(db);
  await sql`revoke all on all tables in schema ${schema} from ${role}`.execute(db);
  for (const table of await tables(db))
    await sql`grant ${sql.raw(wantedOn(table).join(', '))} on ${sql.id(table)} to ${role}`.execute(db);
  await sql`grant usage, select, update on sequence instruction_numbers to ${role}`.execute(db);
  // a reindex starts the feed anew
  await sql`grant update (epoch) on meta to ${role}`.execute(db);
}

/** Roles are the server's, not the database's: somebody may make the same one in another database just now. */
async function makeRole(db: Db, user: string, password: string): Promise<void> {
  await sql`do $body$ begin
    create role ${sql.id(user)} login password ${sql.lit(password)};
  exception when duplicate_object or unique_violation then null;
  end $body$`.execute(db);
}

async function roleExists(db: Db, role: string): Promise<boolean> {
  const { rows } = await sql`select from pg_roles where rolname = ${role}`.execute(db);
  return rows.length > 0;
}

async function currentSchema(db: Db): Promise<string> {
  const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(db);
  return rows[0]?.schema ?? 'public';
}

async function tables(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
      where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')`.execute(db);
  return rows.map(({ name }) => name);
}

/** Whether a role, or else the current one, could change what was audited: by a privilege, or as the owner or its member. */
export async function mayRewriteAudit(db: Db, role?: string): Promise<boolean> {
  const may = (privilege: Privilege) => sql`has_table_privilege(rolname, audit.oid, ${sql.lit(privilege)})`;
  const { rows } = await sql<{ may: boolean }>`
    select rolsuper or rolcreaterole or pg_has_role(rolname, relowner, 'MEMBER')
      or ${may('UPDATE')} or ${may('DELETE')} or ${may('TRUNCATE')} or ${may('TRIGGER')} as may
      from pg_class as audit, pg_roles
      where audit.oid = 'audit'::regclass and rolname = ${role ?? sql`current_user`}`.execute(db);
  return rows[0]?.may !== false;
}
