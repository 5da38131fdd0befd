import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/adapters/postgres/database.ts';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../src/adapters/postgres/embedded.ts';
import { openRecords } from '../../src/adapters/postgres/records.ts';
import { fresh } from '../support/contract/sample-records.ts';
import { eventually } from '../support/eventually.ts';
import { postgresFolder } from '../support/postgres-server.ts';

const run = promisify(execFile);
const writer = fileURLToPath(new URL('./write-for-ever.ts', import.meta.url));
const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

describe('embedded PostgreSQL', { timeout: 180_000 }, () => {
  let folder: string;
  let data: string;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    folder = await postgresFolder();
    data = join(folder, 'db');
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await killServer(data);
    await rm(folder, { recursive: true, force: true });
  });
  const open = (): Promise<EmbeddedPostgres> => openEmbeddedPostgres(data, () => undefined);

  /** A process that opens the folder and writes a scan at a time, printing the id of each once it is committed. */
  function startWriter() {
    const child = spawn(process.execPath, ['--import', 'tsx', writer, data], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
    const written = (): string[] => printed.split('\n').slice(0, -1);
    const untilWritten = async (count: number): Promise<void> => {
      while (written().length < count && child.exitCode === null) await wait(5);
    };
    return { child, written, untilWritten };
  }

  it('is one server for all who open its folder for the first time at once', async () => {
    const writers = [startWriter(), startWriter()];
    const here = await open();
    await Promise.all(writers.map((one) => one.untilWritten(20)));
    const records = openRecords(await openDatabase(here.url));
    for (const id of writers.flatMap((one) => one.written())) {
      expect(await records.transaction((tx) => tx.scanById(id)), id).toBeDefined();
    }
    await records.close();
  });

  it('outlives the kill of the process that started it, and is found again with all that was committed', async () => {
    const first = startWriter();
    await first.untilWritten(30);
    first.child.kill('SIGKILL');
    await once(first.child, 'close');
    const pid = await serverPid(data);
    const again = await open();
    expect(await serverPid(data)).toBe(pid);
    const records = openRecords(await openDatabase(again.url));
    for (const id of first.written()) {
      expect(await records.transaction((tx) => tx.scanById(id)), id).toBeDefined();
    }
    await again.stop(); // these records still use it: left alone
    expect(await serverPid(data)).toBe(pid);
    await records.close();
    await again.stop(); // the last one out
    await expect(serverPid(data)).rejects.toThrow();
  });

  it('is started again by those who use it when it is killed, with all that was committed, five times over', async () => {
    const server = await open();
    const records = openRecords(await openDatabase(() => server.url, { ensure: server.ensureRunning }));
    const beside = startWriter();
    await beside.untilWritten(10);
    const committed: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      await wait(Math.random() * 200);
      const before = await serverPid(data);
      process.kill(before, 'SIGKILL');
      const { length } = beside.written();
      // Sessions of the killed server may still commit; those of the next one must have all of it
      for (
        let restarted = false;
        !restarted;
        restarted = (await serverPid(data).catch(() => before)) !== before
      ) {
        const id = fresh('answer');
        await records
          .transaction((tx) => tx.putAnswer('a', id, { requestSha256: 'x', status: 200, body: {} }))
          .then(
            () => committed.push(id),
            (error: unknown) => expect(error).toMatchObject({ code: 'NII_DATABASE_AWAY' }),
          );
      }
      await beside.untilWritten(length + 10);
    }
    expect(committed.length).toBeGreaterThan(0);
    for (const id of committed) expect(await records.transaction((tx) => tx.answered('a', id))).toBeDefined();
    const written = beside.written();
    expect(written.length).toBeGreaterThan(50);
    for (const id of written) expect(await records.transaction((tx) => tx.scanById(id)), id).toBeDefined();
    await records.close();
  });

  it('makes ready and locks fail in a bounded time when it goes silent, and none once it goes on', async () => {
    const server = await open();
    const records = openRecords(await openDatabase(() => server.url, { ensure: server.ensureRunning }));
    await records.exclusively('lock', async () => undefined);
    const pids = await processesOf(await serverPid(data));
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      const began = Date.now();
      const away = { code: 'NII_DATABASE_AWAY' };
      await Promise.all([
        expect(records.ready()).rejects.toMatchObject(away),
        expect(records.exclusively('lock', async () => undefined)).rejects.toMatchObject(away),
      ]);
      expect(Date.now() - began).toBeLessThan(40_000);
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
    await records.ready();
    expect(await records.exclusively('lock', async () => 'held')).toBe('held');
    await records.close();
  });

  it('is found again by those who hold its old address when it comes back at another', async () => {
    const server = await open();
    const records = openRecords(await openDatabase(() => server.url, { ensure: server.ensureRunning }));
    const port = Number(new URL(server.url).port);
    process.kill(await serverPid(data), 'SIGKILL');
    // another program takes the port before the server is back
    const squatter = createServer((socket) => socket.destroy());
    await eventually('the port is free', 30, () => listens(squatter, port));
    const other = await open();
    expect(Number(new URL(other.url).port)).not.toBe(port);
    await expect(records.ready()).resolves.toBeUndefined();
    expect(server.url).toBe(other.url);
    squatter.close();
    await records.close();
    await other.stop();
  });

  it('serves everyone again after each of ten kills, however those who use it race to start it', async () => {
    const servers = await Promise.all([open(), open(), open(), open()]);
    const all = await Promise.all(
      servers.map(async (server) =>
        openRecords(await openDatabase(() => server.url, { ensure: server.ensureRunning })),
      ),
    );
    for (let round = 0; round < 10; round += 1) {
      await rm(join(data, 'cluster', 'port'), { force: true }); // each starter draws a port of its own
      process.kill(await serverPid(data), 'SIGKILL');
      const back = all.map(async (records, starter) => {
        await sleep((starter * 37 + round * 61) % 200);
        await eventually('the database responds', 30, () => records.ready().then(() => true));
      });
      await Promise.all(back);
      expect(new Set(servers.map(({ url }) => url)).size, `round ${round}`).toBe(1);
    }
    for (const records of all) await records.close();
    await servers[0]!.stop();
  });

  it('ends when the last one out stops it, and starts again on the same address', async () => {
    const server = await open();
    const { url } = server;
    await server.stop();
    await expect(openDatabase(url)).rejects.toMatchObject({ code: 'NII_DATABASE_AWAY' });
    expect((await open()).url).toBe(url);
  });

  it('keeps its password from others, listens on loopback alone, and has fsync on', async () => {
    const { url } = await open();
    const password = await stat(join(data, 'cluster', 'password'));
    expect(password.mode & 0o777).toBe(0o600);
    expect((await stat(join(data, 'cluster'))).mode & 0o077).toBe(0);
    expect(new URL(url).hostname).toBe('127.0.0.1');
    const database = await openDatabase(url);
    const client = await database.connect();
    const settings = await client.query(
      `select current_setting('listen_addresses') as on, current_setting('fsync') as fsync, current_setting('unix_socket_directories') as sockets`,
    );
    expect(settings.rows).toEqual([{ on: '127.0.0.1', fsync: 'on', sockets: '' }]);
    await client.end();
    await database.close();
  });
});

async function listens(server: Server, port: number): Promise<boolean> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return true;
}

async function serverPid(data: string): Promise<number> {
  const lock = await readFile(join(data, 'cluster', 'pgdata', 'postmaster.pid'), 'utf8');
  return Number(lock.split('\n')[0]);
}

/** The server and its sessions. */
async function processesOf(server: number): Promise<readonly number[]> {
  const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(server)]);
  return [server, ...stdout.trim().split(/\s+/).map(Number)];
}

async function killServer(data: string): Promise<void> {
  const pid = await serverPid(data).catch(() => 0);
  if (pid > 0) process.kill(pid, 'SIGQUIT'); // its quick end, as the folder goes with it
  await wait(200);
}
