import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openEmbeddedPostgres } from '../../src/adapters/postgres/embedded.ts';
import { folderWithRoom } from './vitest/memory.ts';

/** The database that freshDatabase copies, on the server that test files share. */
export const TEMPLATE = 'nii_template';

/** A server by the URL of its owner, and the role of services on it. */
export interface SharedServer {
  readonly url: string;
  readonly service: Login;
}

interface Login {
  readonly user: string;
  readonly password: string;
}

/** A PostgreSQL server for one test file. */
export interface TestPostgres {
  /** A new, empty database on it, as a URL of its owner. */
  freshDatabase(): Promise<string>;
  /** The role of services on it, which a migration makes. */
  readonly service: Login;
  /** Runs one statement as the owner, past the service's own ways. */
  query(url: string, sql: string): Promise<readonly Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/** A folder that the server's own user can enter. */
export async function postgresFolder(parent = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(parent, 'nii-pg-'));
  await chmod(folder, 0o755);
  return folder;
}

const ROOM_OF_A_SERVER = 2 * 1024 ** 3;

/** The same in memory if it has room, because a disk takes several times as long for the 700 files of a database. */
export function postgresFolderInMemory(): Promise<string> {
  return postgresFolder(folderWithRoom(ROOM_OF_A_SERVER));
}

async function embeddedServer(): Promise<TestPostgres> {
  const folder = await postgresFolderInMemory();
  const server = await openEmbeddedPostgres(join(folder, 'db'), () => undefined, { mayAddUser: true });
  return serverAt({ url: server.url, service: server.service }, async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
}

function serverAt({ url, service }: SharedServer, stop: () => Promise<void>): TestPostgres {
  const made: string[] = [];
  return {
    service,
    async freshDatabase() {
      const name = newName();
      await query(url, `create database ${name}`);
      made.push(name);
      return withDatabase(url, name);
    },
    query,
    async stop() {
      for (const name of made) await query(url, `drop database ${name} with (force)`);
      await stop();
    },
  };
}

/** A database at the newest schema on a server that has the template: its URLs for services and owner, and its end. */
export async function copyTemplate(
  { url: server, service }: SharedServer,
  template = TEMPLATE,
): Promise<{ readonly url: string; readonly ownerUrl: string; drop(): Promise<unknown> }> {
  const name = newName();
  // as files: through the log it takes three times as long
  await query(server, `create database ${name} template ${template} strategy file_copy`);
  const ownerUrl = withDatabase(server, name);
  return {
    url: withLogin(ownerUrl, service),
    ownerUrl,
    drop: () => query(server, `drop database ${name} with (force)`),
  };
}

export function withLogin(database: string, { user, password }: Login): string {
  const url = new URL(database);
  url.username = user;
  url.password = password;
  return url.href;
}

function newName(): string {
  return `nii_test_${randomBytes(6).toString('hex')}`;
}

export function withDatabase(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

export async function query(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query<Record<string, unknown>>(sql);
    return result.rows;
  } finally {
    await client.end();
  }
}

/** The servers that a contract runs on: the embedded one, and the one that NII_TEST_DATABASE_URL names, if any. */
export function testServers(): readonly {
  readonly name: string;
  readonly start: () => Promise<TestPostgres>;
}[] {
  const url = process.env.NII_TEST_DATABASE_URL;
  const embedded = { name: 'embedded PostgreSQL', start: embeddedServer };
  if (url === undefined) return [embedded];
  const named = {
    name: 'a PostgreSQL server by URL',
    // the server stays, and so does the role
    start: async () =>
      serverAt({ url, service: { user: 'nii_service', password: 'of tests' } }, async () => undefined),
  };
  return [embedded, named];
}
