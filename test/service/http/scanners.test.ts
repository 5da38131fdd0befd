import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reindex } from '../../../src/maintenance/reindex/reindex.ts';
import { verifyAll } from '../../../src/maintenance/verify.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { type Harness, openHarness, SITE } from '../../support/harness.ts';

let service: Harness;

beforeAll(async () => {
  service = await openHarness();
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

let seed = 0;
async function send(scanner: string, order: Record<string, unknown> = {}): Promise<string> {
  seed += 1;
  const answer = await service.as('scanner', {
    method: 'POST',
    url: `/v1/scans?name=${seed}.fake&scanner=${scanner}`,
    headers: { 'content-type': 'application/octet-stream' },
    payload: fakeScan({ seed, ...order }),
  });
  expect(answer.statusCode, answer.body).toBe(202);
  await service.work();
  return answer.json().scans[0].scanId;
}

async function scanner(name: string) {
  const answer = await service.as('administrator', { url: `/v1/scanners/${SITE}/fake.${name}` });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

const hourAgo = () => new Date(Date.now() - 3_600_000).toISOString();

// In this order: later tests look at the days that earlier ones filled.
describe('a scanner over time', { shuffle: false }, () => {
  test('is counted by day: bad container numbers, failures by code, the lag of its clock', async () => {
    await send('gate-1', { containers: 'MSKU1234565', acquired: hourAgo() });
    await send('gate-1', { containers: 'MSKU1234560', acquired: hourAgo() });
    await send('gate-1', { behaviour: 'throw' });
    const { days, clock } = await scanner('gate-1');
    const total = (field: string) =>
      days.reduce((sum: number, day: Record<string, number>) => sum + (day[field] ?? 0), 0);
    expect([total('scans'), total('containers'), total('badContainers'), total('failed')]).toEqual([
      3, 2, 1, 1,
    ]);
    expect(days.at(-1).failures).toEqual({ NII_CONVERTER_CRASHED: 1 });
    expect(Math.abs(days.at(-1).clockSeconds - 3600)).toBeLessThan(120);
    expect(clock).toBe('steady');
  });

  test('whose scans are dated after their receipt has a clock that is ahead', async () => {
    await send('gate-2', { acquired: new Date(Date.now() + 3_600_000).toISOString() });
    expect(await scanner('gate-2')).toMatchObject({ clock: 'ahead' });
  });

  test('is a page with a plot, too, and is listed', async () => {
    const page = await service.as('supervisor', {
      url: `/v1/scanners/${SITE}/fake.gate-1`,
      headers: { accept: 'text/html' },
    });
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.body).toContain('<svg');
    const first = (await service.as('auditor', { url: '/v1/scanners?limit=1' })).json();
    const rest = (await service.as('auditor', { url: `/v1/scanners?cursor=${first.next}` })).json();
    const ids = [...first.items, ...rest.items].map(({ id }: { id: string }) => id);
    expect(ids.slice(0, 2)).toEqual(['fake.gate-1', 'fake.gate-2']);
  });

  test('of another site or name is not there', async () => {
    for (const url of ['/v1/scanners/elsewhere/fake.gate-1', `/v1/scanners/${SITE}/fake.none`])
      expect((await service.as('administrator', { url })).statusCode).toBe(404);
    const other = await service.newToken('administrator', 'atlantis', '*');
    const answer = await service.app.inject({
      url: `/v1/scanners/${SITE}/fake.gate-1`,
      headers: { authorization: `Bearer ${other}` },
    });
    expect(answer.statusCode).toBe(404);
  });
});

describe('a scanner whose files change their structure', () => {
  test('is told from what it sends; that an old scan is converted again is no news of it', async () => {
    const old: string[] = [];
    for (let i = 0; i < 6; i += 1) old.push(await send('gate-4', { version: i }));
    await send('gate-4', { firmware: { build: 1 } });
    await send('gate-4', { firmware: { build: 2 } });
    const again = await service.as('administrator', { method: 'POST', url: `/v1/scans/${old[0]}/convert` });
    expect(again.statusCode, again.body).toBe(202);
    await service.work();
    await send('gate-4', { firmware: { build: 3 } });
    const { alarm } = await scanner('gate-4');
    expect(alarm?.appeared).toEqual([expect.stringContaining('firmware/build')]);
  });

  test('raises an alarm that stays until it is acknowledged with a reason, and so it is after a rebuild', async () => {
    for (let i = 0; i < 6; i += 1) await send('gate-3', { version: i });
    expect((await scanner('gate-3')).alarm).toBeUndefined();
    for (let i = 0; i < 4; i += 1) await send('gate-3', { firmware: { build: i } });
    const { alarm } = await scanner('gate-3');
    expect(alarm.appeared).toEqual([expect.stringContaining('firmware/build')]);
    expect(alarm.vanished).toEqual([expect.stringContaining('/version')]);
    const changes = async () =>
      (await service.as('administrator', { url: '/v1/changes?limit=200' })).json().items;
    await expect
      .poll(changes)
      .toContainEqual(expect.objectContaining({ kind: 'scanner.changed', subject: `${SITE}/fake.gate-3` }));

    const before = (await service.as('administrator', { url: '/v1/scanners' })).json();
    await reindex(service.deps);
    expect((await service.as('administrator', { url: '/v1/scanners' })).json()).toEqual(before);

    const acknowledge = (payload: object) =>
      service.as('administrator', {
        method: 'POST',
        url: `/v1/scanners/${SITE}/fake.gate-3/acknowledge`,
        payload,
      });
    expect((await acknowledge({})).statusCode).toBe(400);
    const done = await acknowledge({ why: 'upgrade to 3.1 on Tuesday' });
    expect(done.statusCode, done.body).toBe(200);
    expect((await acknowledge({ why: 'again' })).json()).toMatchObject({ code: 'NII_STATE_CONFLICT' });
    const quiet = await scanner('gate-3');
    expect(quiet.alarm).toBeUndefined();

    await reindex(service.deps);
    expect(await scanner('gate-3')).toEqual(quiet);
    expect(await verifyAll(service.deps)).toMatchObject({ missing: [], corrupt: [], unnamed: [] });
  });
});
