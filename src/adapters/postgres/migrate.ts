import { Kysely, Migrator, PostgresDialect, type PostgresPool, sql, type Transaction } from 'kysely';
import { NiiError } from '../../core/errors.ts';
import { migrations } from './migrations/index.ts';
import { letUse, mayRewriteAudit, mayUseAsWanted, requireRole, type ServiceRole } from './service-role.ts';

/** The oldest PostgreSQL that the schema and the queries were run on. */
const OLDEST_SERVER = 150_000;
/** Any number, the same in every process of every version. */
const TURN_LOCK = 4_711_002;
const TABLE = 'migrations';
const newest = Object.keys(migrations).at(-1) ?? '';
const thisCluster = sql`(select system_identifier::text from pg_control_system())`;

type Db = Kysely<unknown>;

/** What a migration found and did. */
export interface SchemaReport {
  /** The newest migration. */
  readonly schema: string;
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
export async function migrate(pool: PostgresPool): Promise<void> {
  const db = openKysely(pool);
  await checkServer(db);
  const missing = await findMissing(db);
  if (missing.length === 0 && !(await isMoved(db))) return;
  if (!(await mayMigrate(db))) throw notMigrated(missing);
  await bringUpToDate(db, missing);
}

/**
 * As the owner: brings the schema up to this version, and lets a service's role use it, if that is another one.
 * @throws as `migrate`
 */
export async function migrateAsOwner(
  pool: PostgresPool,
  service: ServiceRole | undefined,
): Promise<SchemaReport> {
  const db = openKysely(pool);
  await checkServer(db);
  const missing = await findMissing(db);
  const other = service !== undefined && !(await isMyself(db, service.user)) ? service : undefined;
  if (other !== undefined) await requireRole(db, other);
  const ran = await bringUpToDate(db, missing);
  const report = { schema: newest, ran };
  if (other === undefined) return report;
  const { user } = other;
  if (!(await mayUseAsWanted(db, user))) await inTurn(db, (tx) => letUse(tx, user));
  return { ...report, role: { name: user, mayRewriteAudit: await mayRewriteAudit(db, user) } };
}

/** @returns the migrations that ran */
async function bringUpToDate(db: Db, missing: readonly string[]): Promise<readonly string[]> {
  const ran = missing.length === 0 ? [] : await applyMissing(db);
  if (await isMoved(db)) await inTurn(db, startFeedAnewOnAnotherCluster);
  return ran;
}

/** The pool stays its owner's. */
function openKysely(pool: PostgresPool): Db {
  return new Kysely({ dialect: new PostgresDialect({ pool }) });
}

async function isMyself(db: Db, role: string): Promise<boolean> {
  const { rows } = await sql<{ me: string }>`select current_user as me`.execute(db);
  return rows[0]?.me === role;
}

/** One transaction, after those of other processes that do such work. */
async function inTurn(db: Db, work: (tx: Transaction<unknown>) => Promise<void>): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${sql.lit(TURN_LOCK)})`.execute(tx);
    await work(tx);
  });
}

/** Kysely lets one process at a time do it, in one transaction. @returns what ran */
async function applyMissing(db: Db): Promise<readonly string[]> {
  const { error, results = [] } = await new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableName: TABLE,
    migrationLockTableName: `${TABLE}_lock`,
  }).migrateToLatest();
  if (error !== undefined) throw error;
  return results.map(({ migrationName }) => migrationName);
}

async function findMissing(db: Db): Promise<readonly string[]> {
  const applied = await findApplied(db);
  const unknown = applied.filter((name) => !(name in migrations));
  if (unknown.length > 0) throw newerSchema(unknown);
  return Object.keys(migrations).filter((name) => !applied.includes(name));
}

async function findApplied(db: Db): Promise<readonly string[]> {
  const { rows: tables } = await sql<{ found: boolean }>`
    select to_regclass(${TABLE}) is not null as found`.execute(db);
  if (tables[0]?.found !== true) return [];
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(TABLE)} order by name`.execute(
    db,
  );
  return rows.map(({ name }) => name);
}

async function mayMigrate(db: Db): Promise<boolean> {
  const { rows } = await sql<{ may: boolean }>`select coalesce(
    (select pg_has_role(relowner, 'USAGE') from pg_class where oid = to_regclass('meta')),
    has_schema_privilege(current_schema(), 'CREATE')) as may`.execute(db);
  return rows[0]?.may === true;
}

function notMigrated(missing: readonly string[]): NiiError {
  const found =
    missing.length === 0
      ? 'The database was moved from another server'
      : `The database lacks the migrations ${missing.join(', ')}`;
  return new NiiError(
    'NII_CONFIG',
    `${found}, and the role in NII_DATABASE_URL may not change it: run nii migrate with NII_DATABASE_OWNER_URL`,
  );
}

function newerSchema(unknown: readonly string[]): NiiError {
  return new NiiError(
    'NII_CONFIG',
    `The database has migrations of a newer version (${unknown.join(', ')}); run that version`,
  );
}

async function checkServer(db: Db): Promise<void> {
  const { rows } = await sql<{ version: string }>`
    select current_setting('server_version_num') as version`.execute(db);
  if (Number(rows[0]?.version) >= OLDEST_SERVER) return;
  throw new NiiError('NII_CONFIG', 'The PostgreSQL server is older than 15; use 15 or later');
}

/**
 * Transaction numbers order the feed, and another cluster (a restored dump) counts them anew. So the rows get
 * numbers of this cluster, and cursors of the old one expire with the old epoch.
 */
async function startFeedAnewOnAnotherCluster(tx: Transaction<unknown>): Promise<void> {
  if (!(await isMoved(tx))) return;
  await sql`set local nii.new_epoch = 'on'`.execute(tx);
  await sql`update changes set xid = '3'`.execute(tx);
  await sql`update meta set cluster = ${thisCluster}, epoch = gen_random_uuid()`.execute(tx);
  await sql`set local nii.new_epoch = 'off'`.execute(tx);
}

async function isMoved(db: Db): Promise<boolean> {
  const { rows } = await sql<{ moved: boolean }>`select cluster <> ${thisCluster} as moved from meta`.execute(
    db,
  );
  return rows[0]?.moved === true;
}
