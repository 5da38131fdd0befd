import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CliContext } from '../../src/cli/command.ts';
import { main } from '../../src/cli/index.ts';
import { readConfig, settings } from '../../src/config.ts';
import type { Log } from '../../src/core/ports/process.ts';
import type { LocalTools } from '../../src/local/local.ts';
import { startProgram } from '../../src/program.ts';
import type { Service } from '../../src/wiring.ts';
import {
  migrateRecords,
  modelTools,
  openConverters,
  openModelFolder,
  openService,
  recoverRecords,
  trialTools,
} from '../../src/wiring.ts';
import { freshDatabase } from './postgres/fresh-database.ts';
import { query } from './postgres-server.ts';

/** What a command printed, and how it ended. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Commands over real stores in a folder that goes away with it. */
export interface World {
  readonly dir: string;
  nii(...args: readonly string[]): Promise<Ran>;
  /** At a terminal, where somebody answers every question like this. */
  niiAnswering(isAgreed: boolean, ...args: readonly string[]): Promise<Ran>;
  /** The same commands over another data folder, where `run` is given with that in place of a child process. */
  at(name: string, run?: LocalTools['run']): Omit<World, 'at' | 'close'>;
  open(): Promise<Service>;
  /** Runs statements as the owner of the database, whom no trigger stops. */
  asOwner(sql: string): Promise<unknown>;
  close(): Promise<void>;
}

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** @param over - settings beside those of the data folder and the database */
export async function openWorld(over: Settings = {}): Promise<World> {
  const mask = process.umask(0o077); // as the program does at its start
  const dir = await mkdtemp(join(tmpdir(), 'nii-cli-'));
  const ends: Ends = [async () => process.umask(mask), () => rm(dir, { recursive: true, force: true })];
  const at = (name: string, run?: LocalTools['run']) =>
    worldAt(dir, { NII_DATA: join(dir, name), NII_PORT: '0', ...over }, ends, run);
  const close = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  return { ...at('data'), at, close };
}

type Settings = Readonly<Record<string, string>>;
type Ends = (() => Promise<unknown>)[];

/** A database on the server of the run, made when a command first opens the stores. */
async function makeDatabase(ends: Ends): Promise<Settings> {
  const { url, ownerUrl, drop } = await freshDatabase();
  ends.push(drop);
  return { NII_DATABASE_URL: url, NII_DATABASE_OWNER_URL: ownerUrl };
}

function worldAt(dir: string, settled: Settings, ends: Ends, run?: LocalTools['run']) {
  const config = readConfig(settled);
  const isGiven = settled.NII_DATABASE_URL !== undefined;
  let database: Promise<Settings> | undefined = isGiven ? Promise.resolve(settled) : undefined;
  const withDatabase = async () => {
    database ??= makeDatabase(ends);
    return readConfig({ ...settled, ...(await database) });
  };
  const asOwner = async (sql: string) => {
    database ??= makeDatabase(ends);
    const { NII_DATABASE_OWNER_URL = '' } = await database;
    return query(NII_DATABASE_OWNER_URL, `set session_replication_role = replica; ${sql}`);
  };
  const open = async () => openService(await withDatabase(), silent);
  const runNii = async (args: readonly string[], answer?: boolean): Promise<Ran> => {
    let out = '';
    let err = '';
    const context: CliContext = {
      terminal: {
        out: (text) => (out += text),
        err: (text) => (err += text),
        overwrite: () => {},
        watched: false,
        ...(answer === undefined ? {} : { confirm: async () => answer }),
      },
      processes: {
        serve: () => Promise.reject(new Error('not in this test')),
        work: () => Promise.reject(new Error('not in this test')),
        start: (rest, env) => startProgram(rest, env, 'pipe'),
      },
      open: (env) => (env === undefined ? open() : openService(readConfig(env), silent)),
      recover: async (target, into) => recoverRecords(config, target, silent, into),
      migrate: async () => migrateRecords(await withDatabase(), silent),
      tools: async () => ({
        converters: await openConverters(config),
        limits: config.limits,
        ...(run === undefined ? {} : { run }),
      }),
      trials: async () => trialTools(config),
      models: async () => modelTools(config),
      model: (folder) => openModelFolder(folder, config),
      place: () => config,
      signal: new AbortController().signal,
      version: '0.0.0-test',
      settings,
    };
    return { code: await main(context, args), out, err };
  };
  const nii = (...args: readonly string[]) => runNii(args);
  const niiAnswering = (isAgreed: boolean, ...args: readonly string[]) => runNii(args, isAgreed);
  return { dir, nii, niiAnswering, open, asOwner };
}
