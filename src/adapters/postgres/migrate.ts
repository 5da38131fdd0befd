import type { ClientBase } from 'pg';
import { NiiError } from '../../core/errors.ts';
import { migrationNames, migrations } from './migrations/index.ts';
import { letUse, mayRewriteAuditQuery, mayUseAsWanted, type ServiceRole } from './service-role.ts';

/** The oldest PostgreSQL that the schema and the queries were run on. */
const OLDEST_SERVER = 150_000;
/** Any number, the same in every process of every version. */
const MIGRATION_LOCK = 4_711_002;
const THIS_CLUSTER = '(select system_identifier::text from pg_control_system())';

/** What a migration found and did. */
export interface SchemaReport {
  /** Schema versions before and after. */
  readonly from: number;
  readonly to: number;
  readonly ran: readonly string[];
  /** Who may use it without owning it. */
  readonly role?: { readonly name: string; readonly mayRewriteAudit: boolean };
}

/**
 * Brings the schema up to this version of the service. Many processes may start at once: one does the work, all or
 * nothing, and the others wait. A role that may not change the schema finds it as it should be, or says who may.
 *
 * @throws NII_CONFIG when the schema is newer than this version of the service knows, older and not this role's to change,
 *   or the server too old
 */
export async function migrate(client: ClientBase): Promise<void> {
  await checkServer(client);
  if (await isUpToDate(client)) return;
  if (!(await mayMigrate(client))) throw await notMigrated(client);
  await alone(client, () => applyAll(client));
}

/**
 * As the owner: brings the schema up to this version, and lets a service's role use it, if that is another one.
 * @throws as `migrate`
 */
export async function migrateAsOwner(
  client: ClientBase,
  service: ServiceRole | undefined,
): Promise<SchemaReport> {
  await checkServer(client);
  const to = migrations.length;
  const other = service !== undefined && !(await isMyself(client, service.user)) ? service : undefined;
  const isDone =
    (await isUpToDate(client)) && (other === undefined || (await mayUseAsWanted(client, other.user)));
  const from = isDone ? to : await alone(client, () => applyAndLetUse(client, other));
  const role = other === undefined ? {} : await reportOf(client, other.user);
  return { from, to, ran: migrationNames.slice(from), ...role };
}

async function applyAndLetUse(client: ClientBase, service: ServiceRole | undefined): Promise<number> {
  const from = await applyAll(client);
  if (service !== undefined) await letUse(client, service);
  return from;
}

async function isMyself(client: ClientBase, role: string): Promise<boolean> {
  const { rows } = await client.query<{ me: string }>('select current_user as me');
  return rows[0]?.me === role;
}

async function reportOf(client: ClientBase, role: string) {
  const { rows } = await client.query<{ may: boolean }>(mayRewriteAuditQuery('$1'), [role]);
  return { role: { name: role, mayRewriteAudit: rows[0]?.may !== false } };
}

/** What one statement after the other does in a transaction, while no other process migrates. */
async function alone<T>(client: ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    const done = await work();
    await client.query('commit');
    return done;
  } catch (error) {
    await client.query('rollback').catch(() => undefined); // the first error is the one that says why
    throw error;
  }
}

/** @returns the version that it was */
async function applyAll(client: ClientBase): Promise<number> {
  const version = await schemaVersion(client);
  await applyMissing(client, version);
  await startFeedAnewOnAnotherCluster(client);
  return version;
}

async function isUpToDate(client: ClientBase): Promise<boolean> {
  return (await schemaVersion(client)) === migrations.length && !(await isMoved(client));
}

async function mayMigrate(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ may: boolean }>(
    `select coalesce(
      (select pg_has_role(relowner, 'USAGE') from pg_class where oid = to_regclass('meta')),
      has_schema_privilege(current_schema(), 'CREATE')) as may`,
  );
  return rows[0]?.may === true;
}

async function notMigrated(client: ClientBase): Promise<NiiError> {
  const version = await schemaVersion(client);
  if (version > migrations.length) return newerSchema(version);
  const found =
    version === migrations.length
      ? 'The database was moved from another server'
      : `The database has schema ${version}, older than ${migrations.length} of this version`;
  return new NiiError(
    'NII_CONFIG',
    `${found}, and the role in NII_DATABASE_URL may not change it: run nii migrate with NII_DATABASE_OWNER_URL`,
  );
}

async function checkServer(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ version: string }>(
    `select current_setting('server_version_num') as version`,
  );
  if (Number(rows[0]?.version) >= OLDEST_SERVER) return;
  throw new NiiError('NII_CONFIG', 'The PostgreSQL server is older than 15; use 15 or later');
}

async function schemaVersion(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ found: boolean }>(`select to_regclass('meta') is not null as found`);
  if (rows[0]?.found !== true) return 0;
  const meta = await client.query<{ schema_version: number }>('select schema_version from meta');
  return meta.rows[0]?.schema_version ?? 0;
}

async function applyMissing(client: ClientBase, version: number): Promise<void> {
  if (version > migrations.length) throw newerSchema(version);
  for (const migration of migrations.slice(version)) await client.query(migration);
  if (version === 0) await client.query(`insert into meta (schema_version, cluster) values (0, 'none')`);
  await client.query('update meta set schema_version = $1 where schema_version <> $1', [migrations.length]);
}

function newerSchema(version: number): NiiError {
  return new NiiError(
    'NII_CONFIG',
    `The database has schema ${version}, newer than ${migrations.length} that this version knows; run the newer version`,
  );
}

/**
 * Transaction numbers order the feed, and another cluster (a restored dump) counts them anew. So the rows get
 * numbers of this cluster, and cursors of the old one expire with the old epoch.
 */
async function startFeedAnewOnAnotherCluster(client: ClientBase): Promise<void> {
  if (!(await isMoved(client))) return;
  await client.query(`set local nii.new_epoch = 'on'`);
  await client.query(`update changes set xid = '3'`);
  await client.query(`update meta set cluster = ${THIS_CLUSTER}, epoch = gen_random_uuid()`);
  await client.query(`set local nii.new_epoch = 'off'`);
}

async function isMoved(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ moved: boolean }>(
    `select cluster <> ${THIS_CLUSTER} as moved from meta`,
  );
  return rows[0]?.moved === true;
}
