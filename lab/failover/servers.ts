import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { appendFile, chown, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../../test/support/eventually.ts';
import { kill, processesOf } from '../../test/support/postgres/server-processes.ts';
import { query } from '../../test/support/postgres-server.ts';
import { freePort } from '../../test/support/running-service.ts';

const run = promisify(execFile);
const PROGRAMS = '/usr/lib/postgresql';
const USER = 'nii';
const DATABASE = 'nii_hub';
const START_SECONDS = 180;

/** Folder of Debian's PostgreSQL programs, the newest version; undefined where there is none. */
export function postgresPrograms(): string | undefined {
  const versions = existsSync(PROGRAMS) ? readdirSync(PROGRAMS).map(Number).filter(Number.isFinite) : [];
  const found = versions.toSorted((a, b) => b - a).map((version) => join(PROGRAMS, String(version), 'bin'));
  return found.find((folder) => ['initdb', 'pg_basebackup'].every((name) => existsSync(join(folder, name))));
}

/** One PostgreSQL server of Debian's package on 127.0.0.1. */
interface Server {
  readonly folder: string;
  readonly port: number;
}

/**
 * A primary and its synchronous standby: a transaction is acknowledged when the standby has written it. Killed, they
 * are replaced as an operator would replace them.
 */
export class Servers {
  readonly #programs: string;
  readonly #ids: { readonly uid: number; readonly gid: number } | undefined;
  readonly #folder: string;
  #made = 0;
  #primary: Server | undefined;
  #standby: Server | undefined;

  private constructor(folder: string, programs: string) {
    this.#folder = folder;
    this.#programs = programs;
    this.#ids = process.getuid?.() === 0 ? idsOf('postgres') : undefined;
  }

  /** @param folder - one that the user `postgres` can enter, when we are root */
  static async start(folder: string): Promise<Servers> {
    const programs = postgresPrograms();
    if (programs === undefined) throw new Error('no PostgreSQL: scripts/debian-parts.sh postgres');
    const servers = new Servers(folder, programs);
    await servers.#makePrimary();
    await servers.addStandby();
    return servers;
  }

  get port(): number {
    return this.#now().port;
  }

  get standbyPort(): number {
    if (this.#standby === undefined) throw new Error('there is no standby');
    return this.#standby.port;
  }

  /** @param port - of the server or of a line to it */
  urlAt(port: number): string {
    return `postgres://${USER}@127.0.0.1:${port}/${DATABASE}`;
  }

  /** Asks the primary itself, past every line. */
  query(sql: string): Promise<readonly Record<string, unknown>[]> {
    return query(this.urlAt(this.port), sql);
  }

  /** Kills all processes of the primary at once. @returns when the standby takes writes; its address has to move then */
  async failOver(): Promise<void> {
    await this.#kill(this.#now());
    const standby = this.#standby;
    if (standby === undefined) throw new Error('there is no standby');
    await this.#pg('pg_ctl', ['promote', '-w', '-s', '-D', standby.folder]);
    this.#primary = standby;
    this.#standby = undefined;
  }

  async killStandby(): Promise<void> {
    if (this.#standby !== undefined) await this.#kill(this.#standby);
  }

  /** The same standby again, after it was killed. */
  async restartStandby(): Promise<void> {
    if (this.#standby !== undefined) await this.#launch(this.#standby);
  }

  /** A new standby, copied from the primary; returns when commits wait for it. */
  async addStandby(): Promise<void> {
    const primary = this.#now();
    const standby = await this.#newServer();
    const from = ['-h', '127.0.0.1', '-p', String(primary.port), '-U', USER];
    await this.#pg('pg_basebackup', [...from, '-D', standby.folder, '-R', '-X', 'stream', '-c', 'fast']);
    await this.#configure(standby, {});
    await this.#launch(standby);
    this.#standby = standby;
    await this.#configure(primary, { synchronous_standby_names: "'*'" });
    await this.query('select pg_reload_conf()');
    await eventually('the standby is synchronous', START_SECONDS, async () => {
      const rows = await this.query("select 1 from pg_stat_replication where sync_state = 'sync'");
      return rows.length === 1;
    });
  }

  async stop(): Promise<void> {
    for (const server of [this.#primary, this.#standby]) if (server !== undefined) await this.#kill(server);
  }

  #now(): Server {
    if (this.#primary === undefined) throw new Error('there is no primary');
    return this.#primary;
  }

  async #makePrimary(): Promise<void> {
    const primary = await this.#newServer();
    await this.#pg('initdb', [
      '-D',
      primary.folder,
      '-U',
      USER,
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C',
      '-N',
    ]);
    await this.#configure(primary, { max_connections: '300', synchronous_commit: 'on' });
    await this.#launch(primary);
    this.#primary = primary;
    await query(this.urlAt(primary.port).replace(/[^/]*$/, 'postgres'), `create database ${DATABASE}`);
  }

  async #newServer(): Promise<Server> {
    this.#made += 1;
    const folder = join(this.#folder, `server-${this.#made}`);
    await mkdir(folder, { mode: 0o700 });
    if (this.#ids !== undefined) await chown(folder, this.#ids.uid, this.#ids.gid);
    return { folder, port: await freePort() };
  }

  /** The last line for a setting counts. A standby that takes over must wait for nobody, so each server says whom it waits for. */
  async #configure({ folder, port }: Server, more: Readonly<Record<string, string>>): Promise<void> {
    const settings = {
      port: String(port),
      listen_addresses: "'127.0.0.1'",
      unix_socket_directories: "''",
      synchronous_standby_names: "''",
      ...more,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
    await appendFile(join(folder, 'postgresql.conf'), lines.join(''));
  }

  async #launch({ folder }: Server): Promise<void> {
    await this.#pg('pg_ctl', ['start', '-w', '-s', '-D', folder, '-l', join(folder, 'server.log')]);
  }

  async #kill({ folder }: Server): Promise<void> {
    const lock = await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => '');
    const server = Number(lock.split('\n')[0]);
    if (server > 0) for (const pid of processesOf(server)) kill(pid, 'SIGKILL');
  }

  async #pg(program: string, args: readonly string[]): Promise<void> {
    const options = { cwd: '/', timeout: START_SECONDS * 1000, env: { PATH: process.env.PATH, LC_ALL: 'C' } };
    await run(join(this.#programs, program), [...args], { ...options, ...this.#ids });
  }
}

function idsOf(user: string): { readonly uid: number; readonly gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
