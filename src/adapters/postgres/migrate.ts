import type { ClientBase } from 'pg';
import { NiiError } from '../../core/errors.ts';
import { migrations } from './migrations/index.ts';

/** The oldest PostgreSQL that the schema and the queries were run on. */
const OLDEST_SERVER = 150_000;
/** Any number, the same in every process of every version. */
const MIGRATION_LOCK = 4_711_002;

/**
 * Brings the schema up to this version of the service. Many processes may start at once: one does the work, all or
 * nothing, and the others wait.
 *
 * @throws NII_CONFIG when the schema is newer than this version of the service knows, or the server too old
 */
export async function migrate(client: ClientBase): Promise<void> {
  await checkServer(client);
  await client.query('begin');
  try {
    await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await applyMissing(client, await schemaVersion(client));
    await startFeedAnewOnAnotherCluster(client);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined); // the first error is the one that says why
    throw error;
  }
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
  if (version > migrations.length) {
    throw new NiiError(
      'NII_CONFIG',
      `The database has schema ${version}, newer than ${migrations.length} that this version knows; run the newer version`,
    );
  }
  for (const migration of migrations.slice(version)) await client.query(migration);
  if (version === 0) await client.query(`insert into meta (schema_version, cluster) values (0, 'none')`);
  await client.query('update meta set schema_version = $1 where schema_version <> $1', [migrations.length]);
}

/**
 * Transaction numbers order the feed, and another cluster (a restored dump) counts them anew. So the rows get
 * numbers of this cluster, and cursors of the old one expire with the old epoch.
 */
async function startFeedAnewOnAnotherCluster(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ here: string; cluster: string }>(
    'select (select system_identifier::text from pg_control_system()) as here, cluster from meta',
  );
  const [meta] = rows;
  if (meta === undefined || meta.here === meta.cluster) return;
  await client.query(`set local nii.new_epoch = 'on'`);
  await client.query(`update changes set xid = '3'`);
  await client.query('update meta set cluster = $1, epoch = gen_random_uuid()', [meta.here]);
  await client.query(`set local nii.new_epoch = 'off'`);
}
