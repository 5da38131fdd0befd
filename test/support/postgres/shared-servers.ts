import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { migrateDatabase } from '../../../src/adapters/postgres/database.ts';
import { openEmbeddedPostgres } from '../../../src/adapters/postgres/embedded.ts';
import {
  postgresFolderInMemory,
  query,
  type SharedServer,
  TEMPLATE,
  withDatabase,
} from '../postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The servers that the test files of a run share, one for each worker. */
    readonly postgresServers: readonly SharedServer[];
  }
}

/**
 * Set-up of the projects that need PostgreSQL: the first one that runs starts a server for each of vitest's workers, with
 * a database at the newest schema that others are copied from. One for each, because a long transaction in one database
 * holds up the change feeds of all databases of its server. A file that needs to stop, kill or make a server starts one of
 * its own.
 */
export default async function setup({ vitest }: TestProject): Promise<(() => Promise<void>) | undefined> {
  const root = vitest.getRootProject();
  if ('postgresServers' in root.getProvidedContext()) return undefined;
  const servers = await Promise.all(Array.from({ length: vitest.config.maxWorkers }, startSharedServer));
  root.provide(
    'postgresServers',
    servers.map(({ url, service }) => ({ url, service })),
  );
  return async () => {
    for (const { stop } of servers) await stop();
  };
}

/** A server in memory with a database at the newest schema that others are copied from. */
export async function startSharedServer(): Promise<SharedServer & { stop(): Promise<void> }> {
  const folder = await postgresFolderInMemory();
  const server = await openEmbeddedPostgres(join(folder, 'db'), () => undefined, { mayAddUser: true });
  // what is lost with the machine is not missed
  await query(server.url, 'alter system set fsync = off');
  await query(server.url, 'select pg_reload_conf()');
  await query(server.url, `create database ${TEMPLATE}`);
  await migrateDatabase(withDatabase(server.url, TEMPLATE), server.service);
  const stop = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { url: server.url, service: server.service, stop };
}
