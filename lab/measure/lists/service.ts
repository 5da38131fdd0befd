import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { migrateDatabase } from '../../../src/adapters/postgres/database.ts';
import { openEmbeddedPostgres } from '../../../src/adapters/postgres/embedded.ts';
import type { RunningService } from '../../../src/cli/command.ts';
import { readConfig } from '../../../src/config.ts';
import { isRoleOfPeople, type Role, roles } from '../../../src/core/access.ts';
import { defined } from '../../../src/core/defined.ts';
import { createPerson } from '../../../src/features/persons/decide.ts';
import { atCommandLine, issueKey } from '../../../src/features/persons/keys.ts';
import { exists } from '../../../src/runtime/exists.ts';
import type { Service } from '../../../src/wiring.ts';
import { postgresFolder, query, withDatabase, withLogin } from '../../../test/support/postgres-server.ts';

const place = { administration: 'utopia', site: 'harbour' };

/** How a request went. */
interface Answer {
  readonly status: number;
  readonly text: string;
  /** Milliseconds from the request to the last byte of its body. */
  readonly ms: number;
}

/** The service in this process, with one worker and a database server of its own. */
export interface MeasuredService {
  /** URL of the database for its owner. */
  readonly ownerUrl: string;
  /** Of the database and of what the service keeps. */
  readonly folder: string;
  /** What PostgreSQL writes down. */
  readonly logFile: string;
  /** With a key of this role; one key of each. */
  ask(who: Asker, method: string, path: string, body?: object | FormData): Promise<Answer>;
  /** Does the work while the service rests, so that it does not look into tables whose indexes are away. */
  resting(work: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts it. The database does not wait for its disk: what is measured is its work.
 * @param kept - a folder that stays, with all that was made in it; a new one goes away
 */
export async function startMeasured(kept?: string): Promise<MeasuredService> {
  const folder = kept ?? (await postgresFolder());
  if (kept !== undefined) await mkdir(kept, { recursive: true, mode: 0o755 });
  const data = join(folder, 'data');
  const server = await openEmbeddedPostgres(join(folder, 'db'), () => undefined, { mayAddUser: true });
  let running: Running | undefined;
  const rest = async () => {
    running?.end.abort();
    await running?.service.ended;
    running = undefined;
  };
  const stop = async () => {
    await rest();
    await server.stop();
    if (kept === undefined) await rm(folder, { recursive: true, force: true });
  };
  try {
    await letServerWriteFast(server.url);
    const made = await query(server.url, "select from pg_database where datname = 'lists'");
    if (made.length === 0) await query(server.url, 'create database lists');
    const ownerUrl = withDatabase(server.url, 'lists');
    await migrateDatabase(ownerUrl, server.service);
    const settings = { NII_DATA: data, NII_DATABASE_URL: withLogin(ownerUrl, server.service) };
    const first = await serveBuilt(settings);
    running = first;
    const { deps } = first.service.service;
    const tokens = await keptIn(join(folder, 'keys.json'), async () => {
      await letOnePersonDo(first.service.address, [await administratorOf(deps), await administratorOf(deps)]);
      return keysOf(deps);
    });
    const logFile = join(folder, 'db', 'cluster', 'postgres.log');
    const resting = async (work: () => Promise<void>) => {
      await rest();
      await work();
      running = await serveBuilt(settings);
    };
    const address = () => running?.service.address ?? '';
    return { ownerUrl, folder, logFile, resting, stop, ask: (...asked) => ask(address(), tokens, ...asked) };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Running {
  readonly service: RunningService & { readonly service: Service };
  readonly end: AbortController;
}

async function serveBuilt(settings: Readonly<Record<string, string>>): Promise<Running> {
  Object.assign(process.env, settings, {
    NII_WORKERS: '1',
    NII_PORT: '0',
    NII_LOG_LEVEL: 'error',
    NII_ALLOW_ROOT: '1',
    NII_SCRUB_DAYS: '0',
  });
  const end = new AbortController();
  const { serve } = await import(new URL('../../../src/serve.ts', import.meta.url).href);
  return { service: await serve(readConfig(process.env), end.signal, 'measure'), end };
}

/** Nothing here outlives a crash, so nothing waits for the disk. What is read is read as ever. */
async function letServerWriteFast(url: string): Promise<void> {
  const settings = {
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: 'off',
    max_wal_size: '4GB',
    checkpoint_timeout: '1h',
    autovacuum: 'off',
  };
  for (const [name, value] of Object.entries(settings))
    await query(url, `alter system set ${name} = '${value}'`);
  await query(url, 'select pg_reload_conf()');
}

/** What the file says, or else what is made and written to it. */
export async function keptIn<T>(file: string, make: () => Promise<T>): Promise<T> {
  if (await exists(file)) return JSON.parse(await readFile(file, 'utf8'));
  const made = await make();
  await writeFile(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}

/** A small post, where a supervisor who has claimed a case ends it: two administrators set the policy. */
async function letOnePersonDo(address: string, by: readonly string[]): Promise<void> {
  const url = `${address}/v1/policy`;
  const headersOf = (token = '') => ({ authorization: `Bearer ${token}` });
  const before = await fetch(url, { headers: headersOf(by[0]) });
  const { terms } = (await before.json()) as { terms: object };
  const changes = [
    { method: 'PUT', url, body: { ...terms, separation: 'small-post', secondOpinionShare: 0 } },
    { method: 'POST', url: `${url}/confirmation`, body: {} },
  ];
  for (const [at, { body, ...change }] of changes.entries()) {
    const now = await fetch(url, { headers: headersOf(by[at]) });
    const headers = {
      ...headersOf(by[at]),
      'if-match': now.headers.get('etag') ?? '',
      'content-type': 'application/json',
    };
    const answer = await fetch(change.url, { method: change.method, headers, body: JSON.stringify(body) });
    if (!answer.ok)
      throw new Error(`${change.method} ${change.url}: ${answer.status} ${await answer.text()}`);
  }
}

async function administratorOf(deps: Service['deps']): Promise<string> {
  const { administration } = place;
  const { id } = await createPerson(deps, { actor: atCommandLine(administration) }, 'administrator');
  const wanted = {
    roles: ['administrator'],
    administration,
    site: '*',
    name: 'administrator',
    person: id,
  } as const;
  return (await issueKey(deps, wanted)).token;
}

/** One person of each role, and a second officer: nobody says alone which vehicle set an alarm off. */
type Asker = Role | 'second radiation-officer';
type Tokens = Partial<Record<Asker, string>>;

async function keysOf(deps: Service['deps']): Promise<Tokens> {
  const tokens: Tokens = {};
  const actor = atCommandLine(place.administration);
  const tokenOf = async (name: Asker, role: Role) => {
    const person = isRoleOfPeople(role) ? (await createPerson(deps, { actor }, name)).id : undefined;
    return (await issueKey(deps, { roles: [role], ...place, name, ...defined({ person }) })).token;
  };
  for (const role of roles) tokens[role] = await tokenOf(role, role);
  tokens['second radiation-officer'] = await tokenOf('second radiation-officer', 'radiation-officer');
  return tokens;
}

async function ask(
  address: string,
  tokens: Tokens,
  who: Asker,
  method: string,
  path: string,
  body?: object | FormData,
): Promise<Answer> {
  const headers: Record<string, string> = { authorization: `Bearer ${tokens[who]}` };
  const isForm = body instanceof FormData;
  if (body !== undefined && !isForm) headers['content-type'] = 'application/json';
  const sent = body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) };
  const began = performance.now();
  const answer = await fetch(`${address}${path}`, { method, headers, ...sent });
  const text = await answer.text();
  const ms = performance.now() - began;
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
  return { status: answer.status, text, ms };
}
