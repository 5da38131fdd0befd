import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { roles } from '../../../../src/core/access.ts';
import type { Tx } from '../../../../src/core/ports/records.ts';
import type { Transactions } from '../../../../src/core/ports/transactions.ts';
import { beginSession } from '../../../../src/features/persons/sign-in/begin-session.ts';
import { ChangeWatches, changeTopics } from '../../../../src/queries/watch-changes.ts';
import { eventually, pause } from '../../../support/eventually.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../../support/harness.ts';
import { EventStream } from '../../../support/http/event-stream.ts';

let service: Harness;
let address: string;
let seed = 7700;
const streams: EventStream[] = [];

beforeAll(async () => {
  const sessions = { source: 'a test', idleMinutes: 15, hours: 12 };
  service = await openHarness({ deps: { sessions } });
  address = `${await service.listen()}/v1/events`;
});
afterAll(async () => {
  for (const stream of streams) stream.close();
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

async function follow(token: string, headers: Record<string, string> = {}, query = '') {
  const stream = await EventStream.open(`${address}${query}`, {
    authorization: `Bearer ${token}`,
    ...headers,
  });
  streams.push(stream);
  return stream;
}
const newScan = () => service.sendFake({ seed: ++seed, containers: 'MSKU1234565' });

describe('a stream of events', () => {
  test('tells within seconds that scans and cases have changed, and not which', async () => {
    const stream = await (await follow(service.token('supervisor'))).begun();
    expect(stream.events[0]?.data).toEqual({ topics: [] });
    const scanId = await newScan();
    await eventually('told', 10, () => stream.topics().includes('case'));
    expect(stream.topics()).toEqual(expect.arrayContaining(['scan', 'case']));
    expect(JSON.stringify(stream.events)).not.toContain(scanId);
  });

  test('tells nobody of another site or administration', async () => {
    const elsewhere = await follow(await service.newToken('supervisor', ADMINISTRATION, 'elsewhere'));
    const abroad = await follow(await service.newToken('supervisor', 'abroad', '*'));
    const here = await follow(await service.newToken('supervisor', ADMINISTRATION, '*'));
    for (const stream of [elsewhere, abroad, here]) await stream.begun();
    await newScan();
    await eventually('told here', 10, () => here.topics().includes('case'));
    await pause(1_500, 'absence');
    expect([elsewhere.topics(), abroad.topics()]).toEqual([[], []]);
  });

  test('goes on after a break with what changed meanwhile', async () => {
    const first = await (await follow(service.token('supervisor'))).begun();
    first.close();
    await newScan();
    const id = first.events.at(-1)?.id ?? '';
    await eventually('the feed shows it', 10, async () => {
      const { items } = (await service.as('supervisor', { url: `/v1/changes?cursor=${id}` })).json();
      return items.length >= 2;
    });
    const next = await (await follow(service.token('supervisor'), { 'last-event-id': id })).begun();
    expect(next.events[0]?.data.topics).toContain('scan');
  });

  test('says that everything may have changed after an id of an earlier life of the database', async () => {
    const old = Buffer.from('00000000-0000-4000-8000-000000000000.1.1').toString('base64url');
    const stream = await (await follow(service.token('supervisor'), { 'last-event-id': old })).begun();
    expect(stream.events[0]?.data.topics).toEqual(changeTopics);
  });

  test('rejects what is no id of an event', async () => {
    expect((await follow(service.token('supervisor'), { 'last-event-id': 'x' })).status).toBe(400);
  });

  test('is for people at a page, and not for machines', async () => {
    const open = await Promise.all(
      roles.map(async (role) => [role, (await follow(service.token(role), {}, '?wait=0')).status]),
    );
    expect(open.filter(([, status]) => status === 200).map(([role]) => role)).toEqual([
      'analyst',
      'supervisor',
      'searcher',
      'auditor',
      'administrator',
      'radiation-officer',
    ]);
    expect(new Set(open.map(([, status]) => status))).toEqual(new Set([200, 403]));
  });

  test('ends when its time is over, and one more than 16 at a time waits', async () => {
    const token = await service.newToken('supervisor', ADMINISTRATION, SITE);
    const held = await Promise.all(Array.from({ length: 16 }, () => follow(token, {}, '?wait=3')));
    const more = await follow(token);
    expect(more.status).toBe(429);
    await eventually('all have ended', 10, () => held.every(({ hasEnded }) => hasEnded));
    await eventually('there is room', 10, async () => (await follow(token, {}, '?wait=0')).status === 200);
  });

  test('ends within ten seconds of the end of its session, and says so', async () => {
    const { token, session } = await beginSession(service.deps, {
      identity: { issuer: 'https://idp.example', subject: 'events' },
      name: 'Ann Example',
      status: 'linked',
      roles: ['analyst'],
      administration: ADMINISTRATION,
      site: SITE,
      address: '127.0.0.1',
    });
    const stream = await EventStream.open(address, { cookie: `nii-session=${token}` });
    streams.push(stream);
    expect(stream.status).toBe(200);
    await stream.begun();
    const endedAt = new Date().toISOString();
    await service.deps.records.transaction((tx) => tx.endSession(session.id, endedAt));
    await eventually('it has ended', 11, () => stream.hasEnded);
    expect(stream.events.at(-1)?.event).toBe('ended');
  });

  test('is read once for all who watch a place, and no longer when they have gone', async () => {
    let reads = 0;
    const records: Transactions<Tx<'endOfChanges' | 'changes'>> = {
      transaction: (work) => {
        reads += 1;
        return service.deps.records.transaction(work);
      },
    };
    const watches = new ChangeWatches(records);
    const place = { administration: ADMINISTRATION, site: SITE };
    const told = Array.from({ length: 50 }, (): object[] => []);
    const leaves = await Promise.all(
      told.map((notices) => watches.follow(place, undefined, (notice) => void notices.push(notice))),
    );
    await newScan();
    await eventually('everyone was told', 10, () => told.every((notices) => notices.length >= 2));
    expect(reads).toBeLessThan(told.length + 40);
    for (const leave of leaves) leave();
    await pause(1_000, 'absence');
    const before = reads;
    await pause(1_200, 'absence');
    expect(reads).toBe(before);
  });
});

test('streams end at once when the service stops', async () => {
  const stopping = await openHarness();
  const at = `${await stopping.listen()}/v1/events`;
  const stream = await EventStream.open(at, { authorization: `Bearer ${stopping.token('supervisor')}` });
  await stream.begun();
  const began = performance.now();
  await stopping.close();
  // a stream that was not told would stay for 55 s
  expect(performance.now() - began).toBeLessThan(20_000);
  expect(stream.hasEnded).toBe(true);
});
