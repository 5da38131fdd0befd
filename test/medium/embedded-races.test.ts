import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrateDatabase, openDatabase } from '../../src/adapters/postgres/database.ts';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../src/adapters/postgres/embedded.ts';
import { openRecords } from '../../src/adapters/postgres/records.ts';
import { isNiiError } from '../../src/core/errors.ts';
import type { Records } from '../../src/core/ports/records.ts';
import { eventually, pause } from '../support/eventually.ts';
import { endServer, kill, processesOf, serverPid, serversOn } from '../support/postgres/server-processes.ts';
import { postgresFolder } from '../support/postgres-server.ts';
import { seededRandom } from '../support/random.ts';
import { searchSeed, searchSize } from '../support/search-size.ts';

/** `npm run long -- --part database-races` continues with other seeds. */
const ROUNDS = searchSize.databaseRaces;
const USERS = 4;
const BACK_SECONDS = 30;

let folder: string;
let data: string;
beforeAll(async () => {
  folder = await postgresFolder();
  data = join(folder, 'db');
});
afterAll(async () => {
  await endServer(data);
  await rm(folder, { recursive: true, force: true });
});

interface User {
  readonly server: EmbeddedPostgres;
  readonly records: Records;
}

/** What each process of the service does at its start. */
async function openUser(): Promise<User> {
  const server = await openEmbeddedPostgres(data, () => undefined);
  const ensure = () => server.ensureRunning();
  await migrateDatabase(() => server.url, server.service, { ensure });
  const database = await openDatabase(() => server.serviceUrl, { ensure });
  return { server, records: openRecords(database) };
}

async function killServer(how: 'server' | 'all of it'): Promise<number> {
  const pid = await serverPid(data).catch(() => undefined);
  if (pid === undefined) return 0;
  const pids = how === 'server' ? [pid] : processesOf(pid);
  return pids.filter((one) => kill(one, 'SIGKILL')).length > 0 ? 1 : 0;
}

/** Written before is written: a transaction that was cut off may have been committed. */
async function write(records: Records, id: string): Promise<boolean> {
  const answer = { requestSha256: 'x', status: 200, body: {} };
  return records
    .transaction((tx) => tx.putAnswer('race', id, answer))
    .catch((error: unknown) => {
      if (!isNiiError(error, 'NII_CONFLICT')) throw error;
    })
    .then(() => true);
}

it(`is one server for all who use it after each of ${ROUNDS} kills, however they race to start it`, {
  timeout: 60_000 + ROUNDS * 20_000,
}, async () => {
  const random = seededRandom(searchSeed);
  const between = (ms: number) => pause(random() * ms, 'moment');
  const users = await Promise.all(Array.from({ length: USERS }, openUser));
  const written: string[] = [];
  let kills = 0;
  let longestMs = 0;

  const comesBack = async (user: User, round: number, name: string) => {
    await between(300);
    const began = Date.now();
    const id = `${round} ${name}`;
    await eventually(`user ${id} can write`, BACK_SECONDS, () => write(user.records, id));
    longestMs = Math.max(longestMs, Date.now() - began);
    written.push(id);
  };
  /** A process that starts at this very moment, as a worker does. */
  const newcomer = async (round: number) => {
    await between(400);
    const user = await openUser();
    await comesBack(user, round, 'newcomer');
    await user.records.close();
    await user.server.stop(); // others use it: it stays
  };
  const killer = async () => {
    for (let i = 0; i < 1 + Math.floor(random() * 3); i += 1) {
      kills += await killServer(random() < 0.7 ? 'server' : 'all of it');
      await between(500);
    }
  };

  for (let round = 0; round < ROUNDS; round += 1) {
    await Promise.all([
      killer(),
      newcomer(round),
      ...users.map((user, i) => comesBack(user, round, `user ${i}`)),
    ]);
    await Promise.all(
      users.map(({ records }) =>
        eventually('it answers', BACK_SECONDS, () => records.ready().then(() => true)),
      ),
    );
    // a starter that came second, and a session that is just being made, look like a server for a moment
    await eventually(`round ${round}: one server`, BACK_SECONDS, () => serversOn(data).length === 1);
    expect(new Set(users.map(({ server }) => server.url)).size).toBe(1);
  }
  for (const id of written)
    expect(await users[0]!.records.transaction((tx) => tx.answered('race', id)), id).toBeDefined();
  for (const { records } of users) await records.close();
  await users[0]!.server.stop();
  expect(serversOn(data)).toEqual([]);
  console.log(
    `${ROUNDS} rounds, ${kills} kills, ${USERS + 1} starters each: longest until a write ${longestMs} ms, ${written.length} writes kept; seed ${searchSeed}`,
  );
});
