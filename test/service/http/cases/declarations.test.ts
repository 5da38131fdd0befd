import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Harness, openHarness } from '../../../support/harness.ts';
import { movableClock } from '../../../support/stage.ts';

let service: Harness;
let seed = 0;
const clock = movableClock('2026-06-01T08:00:00.000Z');

beforeAll(async () => {
  service = await openHarness({ deps: { clock } });
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

function sent(order: Record<string, unknown>): Promise<string> {
  seed += 1;
  return service.sendFake({ seed, ...order });
}

const casesOf = (scanId: string) => service.deps.records.transaction((tx) => tx.casesOfScan(scanId));

describe('a declaration', () => {
  const put = (ref: string, payload: object) =>
    service.as('administrator', { method: 'PUT', url: `/v1/declarations/${ref}`, payload });
  const read = async (ref: string, role: 'supervisor' | 'analyst' = 'supervisor') =>
    (await service.as(role, { url: `/v1/declarations/${ref}` })).json();

  test('says which scans it joined, and which not and why', async () => {
    const joined = await sent({ containers: 'TEMU1234560' });
    const early = await sent({ containers: 'HLXU1234566', acquired: '2026-01-01T00:00:00Z' });
    const containers = ['TEMU1234560', 'HLXU1234566', 'SUDU3070079'];
    await put('D-1', { containers, presentedAt: clock.now().toISOString() });
    await service.work();
    const [own] = await casesOf(joined);
    const answer = await read('D-1');
    expect(answer.joined).toMatchObject([{ container: 'TEMU1234560', scanId: joined, caseId: own?.id }]);
    expect(answer.notJoined).toMatchObject([
      { container: 'HLXU1234566', scanId: early, because: expect.stringContaining('at most 14') },
      { container: 'SUDU3070079', because: 'there is no scan of this container' },
    ]);
    expect(answer.notJoined[1]).not.toHaveProperty('scanId');
  });

  test('does not show an analyst where the scan of a container is', async () => {
    const scanId = await sent({ containers: 'TRLU1234567' });
    await put('D-2', { containers: ['TRLU1234567'] });
    await service.work();
    expect((await read('D-2')).joined).toHaveLength(1);
    expect(JSON.stringify(await read('D-2', 'analyst'))).not.toContain(scanId);
  });
});
