import type { ClientBase } from 'pg';
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
};

function wantedOn(table: string): readonly Privilege[] {
  return less[table] ?? usual;
}

/** Whether the role has what it needs on each table, and no more. */
export async function mayUseAsWanted(client: ClientBase, role: string): Promise<boolean> {
  if (!(await roleExists(client, role))) return false;
  const { rows } = await client.query<{ table: string; privilege: Privilege; has: boolean }>(
    `select relname as table, privilege, has_table_privilege($1, oid, privilege) as has
      from pg_class, unnest($2::text[]) as privilege
      where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')`,
    [role, [...allPrivileges]],
  );
  return rows.every(({ table, privilege, has }) => has === wantedOn(table).includes(privilege));
}

/**
 * Gives the role what a service needs and takes away the rest: rows of the audit can be added and read, and nothing else.
 * @throws NII_CONFIG when the role does not exist
 */
export async function letUse(client: ClientBase, { user, password }: ServiceRole): Promise<void> {
  if (password !== undefined) await makeRole(client, user, password);
  if (!(await roleExists(client, user)))
    throw new NiiError(
      'NII_CONFIG',
      `PostgreSQL has no role "${user}", which services use; create it as described in docs/how-to/operations.md`,
    );
  const role = client.escapeIdentifier(user);
  const schema = client.escapeIdentifier(await currentSchema(client));
  await client.query(`grant usage on schema ${schema} to ${role}`);
  await client.query(`revoke all on all tables in schema ${schema} from ${role}`);
  for (const table of await tables(client))
    await client.query(`grant ${wantedOn(table).join(', ')} on ${client.escapeIdentifier(table)} to ${role}`);
  // a reindex starts the feed anew
  await client.query(`grant update (epoch) on meta to ${role}`);
}

/** Roles are the server's, not the database's: somebody may make the same one in another database just now. */
async function makeRole(client: ClientBase, user: string, password: string): Promise<void> {
  await client.query(`do $body$ begin
    create role ${client.escapeIdentifier(user)} login password ${client.escapeLiteral(password)};
  exception when duplicate_object or unique_violation then null;
  end $body$`);
}

async function roleExists(client: ClientBase, role: string): Promise<boolean> {
  const { rows } = await client.query('select from pg_roles where rolname = $1', [role]);
  return rows.length > 0;
}

async function currentSchema(client: ClientBase): Promise<string> {
  const { rows } = await client.query<{ schema: string }>('select current_schema() as schema');
  return rows[0]?.schema ?? 'public';
}

async function tables(client: ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class
      where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')`,
  );
  return rows.map(({ name }) => name);
}

/** Whether a role could change what was audited: by a privilege, as the owner, or by becoming the owner. */
export function mayRewriteAuditQuery(role: 'current_user' | '$1'): string {
  const may = (privilege: Privilege) => `has_table_privilege(rolname, audit.oid, '${privilege}')`;
  return `select rolsuper or rolcreaterole or pg_has_role(rolname, relowner, 'MEMBER')
    or ${may('UPDATE')} or ${may('DELETE')} or ${may('TRUNCATE')} or ${may('TRIGGER')} as may
    from pg_class as audit, pg_roles
    where audit.oid = 'audit'::regclass and rolname = ${role}`;
}
