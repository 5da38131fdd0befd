import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/adapters/postgres/database.ts';
import {
  type EmbeddedOptions,
  type EmbeddedPostgres,
  openEmbeddedPostgres,
} from '../../src/adapters/postgres/embedded.ts';
import { openRecords } from '../../src/adapters/postgres/records.ts';
import { bundleOfTest } from '../support/bundle-of-test.ts';
import { fresh } from '../support/contract/sample-records.ts';
import { eventually, pause } from '../support/eventually.ts';
import {
  endServer,
  kill,
  listeningPorts,
  processesOf,
  serverPid,
  serversOn,
} from '../support/postgres/server-processes.ts';
import { postgresFolderInMemory, query } from '../support/postgres-server.ts';
import { seededRandom } from '../support/random.ts';
import { searchSeed } from '../support/search-size.ts';

describe('embedded PostgreSQL', { timeout: 180_000 }, () => {
  /** A database that was made, migrated and stopped: each test gets a copy of its own. */
  let made: string;
  let writer: string;
  let folder: string;
  let data: string;
  const children: ChildProcess[] = [];
  const random = seededRandom(searchSeed);
  beforeAll(async () => {
    made = await postgresFolderInMemory();
    writer = await bundleOfTest('test/medium/write-for-ever.ts');
    const server = await openEmbeddedPostgres(join(made, 'db'), () => undefined);
    await (await openDatabase(server.url)).close();
    await server.stop();
  });
  afterAll(() => rm(made, { recursive: true, force: true }));
  beforeEach(async () => {
    folder = await postgresFolderInMemory();
    data = join(folder, 'db');
    execFileSync('cp', ['--archive', join(made, 'db'), data]);
  });
  /** For what is told of a database that is made, and of no copy. */
  const beginWithNothing = () => rm(data, { recursive: true });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await endServer(data);
    await rm(folder, { recursive: true, force: true });
  });
  const open = (options?: EmbeddedOptions): Promise<EmbeddedPostgres> =>
    openEmbeddedPostgres(data, () => undefined, options);

  /** A process that opens the folder and writes a scan at a time, printing the id of each once it is committed. */
  function startWriter() {
    const child = spawn(process.execPath, [writer, data], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
    const written = (): string[] => printed.split('\n').slice(0, -1);
    const untilWritten = async (count: number): Promise<void> => {
      await eventually(
        `${count} are written`,
        120,
        () => written().length >= count || child.exitCode !== null,
      );
    };
    return { child, written, untilWritten };
  }

  it('is one server for all who open its folder for the first time at once', async () => {
    await beginWithNothing();
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
      await pause(random() * 200, 'moment');
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
            (error: unknown) => expect(error).toMatchObject({ code: 'NII_DATABASE_UNREACHABLE' }),
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
    const pids = processesOf(await serverPid(data));
    try {
      for (const pid of pids) kill(pid, 'SIGSTOP');
      const began = Date.now();
      const away = { code: 'NII_DATABASE_UNREACHABLE' };
      await Promise.all([
        expect(records.ready()).rejects.toMatchObject(away),
        expect(records.exclusively('lock', async () => undefined)).rejects.toMatchObject(away),
      ]);
      expect(Date.now() - began).toBeLessThan(40_000);
    } finally {
      for (const pid of pids) kill(pid, 'SIGCONT');
    }
    await records.ready();
    expect(await records.exclusively('lock', async () => 'held')).toBe('held');
    await records.close();
  });

  it('at a port is found again by those who hold its old address when it comes back at another', async () => {
    const server = await open({ transport: 'tcp' });
    const records = openRecords(await openDatabase(() => server.url, { ensure: server.ensureRunning }));
    const port = Number(new URL(server.url).port);
    process.kill(await serverPid(data), 'SIGKILL');
    // another program takes the port before the server is back
    const squatter = createServer((socket) => socket.destroy());
    await eventually('the port is free', 30, () => listens(squatter, port));
    const other = await open({ transport: 'tcp' });
    expect(Number(new URL(other.url).port)).not.toBe(port);
    await expect(records.ready()).resolves.toBeUndefined();
    expect(server.url).toBe(other.url);
    squatter.close();
    await records.close();
    await other.stop();
  });

  it('ends when the last one out stops it, and starts again on the same address', async () => {
    const server = await open();
    const { url } = server;
    await server.stop();
    await expect(openDatabase(url)).rejects.toMatchObject({ code: 'NII_DATABASE_UNREACHABLE' });
    expect((await open()).url).toBe(url);
  });

  it('is stopped without a failure while it is killed', async () => {
    for (let round = 0; round < 5; round += 1) {
      const server = await open();
      const pid = await serverPid(data);
      const stopping = server.stop();
      await pause(900 + random() * 300, 'moment'); // before a stop one looks for others for a second
      kill(pid, 'SIGKILL');
      await stopping;
      expect(serversOn(data)).toEqual([]);
    }
  });

  it('ends within a minute also when a process of it hangs, and comes back with all that was committed', async () => {
    const server = await open();
    await query(server.url, 'create table kept as select 7 as seven');
    const [, ...own] = processesOf(await serverPid(data));
    // a session that is just ending would stay, and a server in use is not ended
    for (const pid of own.filter((one) => !isSession(one))) kill(pid, 'SIGSTOP');
    await server.stop();
    expect(serversOn(data)).toEqual([]);
    expect(await query((await open()).url, 'select seven from kept')).toEqual([{ seven: 7 }]);
  });

  it('listens at a socket that only its owner may use and at no port, keeps its password, and has fsync on', async () => {
    await beginWithNothing();
    const { url } = await open();
    expect(listeningPorts(await serverPid(data))).toEqual([]);
    expect(decodeURIComponent(new URL(url).hostname)).toBe(join(data, 'cluster'));
    expect(await modeOf('cluster/.s.PGSQL.5432')).toBe(0o700);
    expect(await modeOf('cluster/password')).toBe(0o600);
    expect(await modeOf('cluster/postgres.log')).toBe(0o600);
    expect(await modeOf('cluster')).toBe(0o700);
    const [settings] = await query(
      url,
      `select current_setting('listen_addresses') as on, current_setting('fsync') as fsync`,
    );
    expect(settings).toEqual({ on: '', fsync: 'on' });
  });

  it('closes to others what an earlier version left open', async () => {
    await (await open()).stop();
    for (const name of ['password', 'postgres.log']) await chmod(join(data, 'cluster', name), 0o644);
    for (const path of [data, join(data, 'cluster')]) await chmod(path, 0o755);
    await open();
    expect(await modeOf('cluster/password')).toBe(0o600);
    expect(await modeOf('cluster/postgres.log')).toBe(0o600);
    expect(await modeOf('cluster')).toBe(0o700);
    // as root, PostgreSQL's own user may pass through it
    expect(await modeOf('.')).toBe(process.getuid?.() === 0 ? 0o710 : 0o700);
  });

  it('at a port listens on loopback alone', async () => {
    const server = await open({ transport: 'tcp' });
    const port = Number(new URL(server.url).port);
    const loopback = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
    expect(listeningPorts(await serverPid(data))).toEqual([loopback]);
  });

  it('of an earlier version, which a kill left at a port, comes back at the socket with all that it had', async () => {
    const before = await open({ transport: 'tcp' });
    await query(before.url, 'create table kept as select 7 as seven');
    const pid = await serverPid(data);
    const after = await open();
    expect(await serverPid(data)).not.toBe(pid);
    expect(listeningPorts(await serverPid(data))).toEqual([]);
    expect(await query(after.url, 'select seven from kept')).toEqual([{ seven: 7 }]);
  });

  it('comes back at its socket when the socket was removed', async () => {
    const server = await open();
    await rm(join(data, 'cluster', '.s.PGSQL.5432'));
    await server.ensureRunning();
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('works in a folder whose path is too long for a socket', async () => {
    const long = join(data, 'x'.repeat(120));
    const server = await openEmbeddedPostgres(long, () => undefined);
    expect(listeningPorts(await serverPid(long))).toEqual([]);
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await server.stop();
    expect(serversOn(long)).toEqual([]);
  });

  describe('starts although a lock is left', () => {
    const locks = ['cluster/pgdata/postmaster.pid', 'cluster/.s.PGSQL.5432.lock'];

    /** Everything of the server is killed, and its locks name this process instead. */
    async function leaveLocksOf(pid: number | ''): Promise<void> {
      for (const one of processesOf(await serverPid(data))) kill(one, 'SIGKILL');
      await eventually('the server is gone', 30, () => serversOn(data).length === 0);
      for (const lock of locks) {
        const [, ...rest] = (await readFile(join(data, lock), 'utf8')).split('\n');
        await writeFile(join(data, lock), pid === '' ? '' : [pid, ...rest].join('\n'));
      }
    }

    it('whose number another program has got, and leaves that program alone', async () => {
      const server = await open();
      const { uid, gid } = await stat(join(data, 'cluster'));
      const other = spawn('sleep', ['600'], { uid, gid, stdio: 'ignore' });
      children.push(other);
      await leaveLocksOf(other.pid ?? 0);
      await server.ensureRunning();
      expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
      await server.stop();
      expect(other.exitCode).toBe(null);
      expect(kill(other.pid ?? 0, 'SIGCONT')).toBe(true);
    });

    it('whose number the server of another folder has got', async () => {
      const server = await open();
      const neighbour = await openEmbeddedPostgres(join(folder, 'neighbour'), () => undefined);
      await leaveLocksOf(await serverPid(join(folder, 'neighbour')));
      await server.ensureRunning();
      expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
      expect(await query(neighbour.url, 'select 2 as two')).toEqual([{ two: 2 }]);
      await neighbour.stop();
    });

    it('that a crash of the machine left empty', async () => {
      const server = await open();
      await leaveLocksOf('');
      const before = new Date(Date.now() - 60_000);
      for (const lock of locks) await utimes(join(data, lock), before, before);
      await server.ensureRunning();
      expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    });
  });

  const modeOf = async (path: string) => (await stat(join(data, path))).mode & 0o777;
});

async function listens(server: Server, port: number): Promise<boolean> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return true;
}

/** Whether a process of a server serves a session, or is gone already. */
function isSession(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('[local]');
  } catch {
    return true;
  }
}
