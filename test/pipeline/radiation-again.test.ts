import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { NiiScan } from '../../src/core/scan.ts';
import { adjudicateHold } from '../../src/pipeline/radiation-holds.ts';
import { getScan, laneAnswerOf } from '../../src/pipeline/read.ts';
import { reindex } from '../../src/pipeline/reindex.ts';
import { type Harness, openHarness, SITE } from '../harness.ts';
import { fakeScan } from '../http/fake-scan.ts';
import { n42Document, type Passage, portalLines } from './portal.ts';
import { actor, movableClock, promisedRecords, send } from './stage.ts';

let service: Harness;
const clock = movableClock('2026-03-04T06:00:00.000Z');
const officer = { actor: actor('radiation-officer', 'rita') };
let week = 0;

beforeAll(async () => {
  service = await openHarness({ deps: { clock } });
});
afterAll(() => service.close());
// Weeks apart, what one test sends is near to nothing of another
beforeEach(() => {
  week += 1;
});

const time = (second: number) => new Date(Date.UTC(2025, 0, 7 * week, 5, 0, second)).toISOString();
const passage = (second: number, more: Partial<Passage> = {}): Passage => ({
  from: time(second),
  to: time(second + 10),
  number: second,
  ...more,
});
const alarm = (second: number) => passage(second, { alarm: 'gamma' });

async function sent(name: string, bytes: Uint8Array, meta = {}) {
  const [accepted] = await send(service.deps, [{ name, bytes }], meta);
  await service.work();
  return accepted!;
}

const log = (passages: readonly Passage[], meta = {}, name = `log-${week}.csv`) =>
  sent(name, portalLines(passages), meta);
const xray = (second: number, containers = 'MSKU1234565') =>
  sent(
    `${week}-${second}.fake`,
    fakeScan({ seed: week * 1000 + second, containers, acquired: time(second) }),
  );

const allStates = ['open', 'innocent', 'confirmed', 'closed'] as const;
/** Every hold that has an alarm of this week. */
async function holds() {
  const scope = { administration: 'utopia', site: SITE };
  const { rows } = await service.deps.records.transaction((tx) =>
    tx.holds(scope, { states: allStates }, 500),
  );
  return rows.filter(({ alarms }) => alarms.some(({ at }) => at?.utc?.startsWith(time(0).slice(0, 10))));
}
const radiationOf = async (scanId: string) => (await getScan(service.deps, officer.actor, scanId)).radiation;
const innocent = async (id: string) =>
  (await adjudicateHold(service.deps, officer, id, { decision: 'innocent', reason: 'norm-cargo' })).hold;

describe('a log of a portal that has grown', () => {
  it('is the next revision of the one that it begins with, and opens holds for what is new only', async () => {
    const scan = await xray(12);
    const first = await log([alarm(0), alarm(300)]);
    const before = await holds();
    expect(before).toHaveLength(2);
    const joined = before.find(({ join }) => join.kind === 'joined');
    const judged = await innocent(joined!.id);
    const second = await log([alarm(0), alarm(300), passage(500), alarm(900)]);
    expect(second).toMatchObject({ scanId: first.scanId, revision: 2, result: 'new-revision' });
    const after = await holds();
    expect(after).toHaveLength(3);
    expect(after.find(({ id }) => id === judged.id)).toEqual(judged);
    expect(after).toEqual(expect.arrayContaining(before.filter(({ id }) => id !== judged.id)));
    expect(await laneAnswerOf(service.deps, actor('lane'), scan.scanId)).toMatchObject({
      holds: [{ holdId: judged.id, state: 'innocent' }],
    });
  });

  it('opens a new alarm when it came, not when the log began', async () => {
    await log([passage(0)]);
    clock.advance(600);
    await log([passage(0), alarm(300)]);
    expect((await holds()).map(({ openedAt }) => openedAt)).toEqual([clock.now().toISOString()]);
  });

  it('is passed over when the shorter one comes after the longer', async () => {
    const whole = await log([alarm(0), alarm(300)]);
    expect(await log([alarm(0)])).toMatchObject({ scanId: whole.scanId, result: 'already-here' });
    expect(await holds()).toHaveLength(2);
  });

  it('opens its last occupancy again where that went on with more alarm after it was judged', async () => {
    const lines = portalLines([alarm(0)]).toString();
    const cut = lines.slice(0, lines.indexOf('NS,'));
    await sent(`cut-${week}.csv`, Buffer.from(cut));
    const [hold] = await holds();
    await innocent(hold!.id);
    const more = `GA,000900,000910,000920,000930,${time(5)}\r\n`;
    await sent(`cut-${week}.csv`, Buffer.from(cut + more + lines.slice(cut.length)));
    expect(await holds()).toMatchObject([{ id: hold!.id, state: 'open' }]);
  });
});

describe('an occupancy that comes again in another file', () => {
  it('opens no second hold, none that was judged, and shows the one that there is', async () => {
    const first = await log([alarm(0), alarm(300)]);
    const [early, later] = (await holds()).toSorted((a, b) => (a.recordId < b.recordId ? -1 : 1));
    const judged = await innocent(early!.id);
    const again = await log([alarm(0), alarm(300), alarm(600)], {}, `other-${week}.csv`);
    expect(again.result).toBe('new-scan');
    const after = await holds();
    expect(after).toHaveLength(3);
    expect(after).toEqual(expect.arrayContaining([judged, later]));
    expect(await radiationOf(again.scanId)).toMatchObject([
      { link: { sameAs: { scanId: first.scanId, recordId: 'occupancy-1' } }, hold: { id: judged.id } },
      { link: { sameAs: { scanId: first.scanId, recordId: 'occupancy-2' } }, hold: { id: later!.id } },
      { link: { scanId: again.scanId }, hold: { scanId: again.scanId, state: 'open' } },
    ]);
    expect(await laneAnswerOf(service.deps, actor('lane'), again.scanId)).toMatchObject({
      answer: 'hold',
      reason: 'radiation alarm (gamma) waits for a radiation officer',
    });
  });

  it('is joined as the first one is, also to a scan that comes later, and a rebuilt database says the same', async () => {
    const first = await log([alarm(0)]);
    const again = await log([alarm(0), passage(400)], {}, `0-${week}.csv`);
    const scan = await xray(12);
    const links = await radiationOf(scan.scanId);
    expect(links.map(({ link, hold }) => [link.join, hold?.scanId])).toEqual(
      Array.from({ length: 2 }, () => [
        expect.objectContaining({ kind: 'joined', scanId: scan.scanId }),
        first.scanId,
      ]),
    );
    expect(new Set(links.map(({ link }) => link.scanId))).toEqual(new Set([first.scanId, again.scanId]));
    const before = await promisedRecords(service);
    expect((await reindex(service.deps)).damaged).toEqual([]);
    await service.work();
    expect(await promisedRecords(service)).toEqual(before);
  });

  it('twice in one file opens one hold', async () => {
    await log([alarm(0), passage(100), alarm(0)]);
    expect(await holds()).toHaveLength(1);
  });

  it.each([
    ['another time', (): readonly Passage[] => [alarm(1)], {}],
    ['another number', (): readonly Passage[] => [{ ...alarm(0), number: 77 }], {}],
    ['another end', (): readonly Passage[] => [{ ...alarm(0), to: time(11) }], {}],
    ['another alarm', (): readonly Passage[] => [{ ...alarm(0), alarm: 'neutron' }], {}],
    ['another lane', (): readonly Passage[] => [alarm(0)], { lane: '4' }],
    ['another portal', (): readonly Passage[] => [alarm(0)], { scanner: 'portal-2' }],
  ])('with %s opens a hold of its own', async (_, passages, meta) => {
    await log([alarm(0)], { lane: '3', scanner: 'portal-1' });
    const own = { lane: '3', scanner: 'portal-1', ...meta };
    // the same bytes would be the same upload
    await log([...passages(), passage(2000)], own, `other-${week}.csv`);
    expect(await holds()).toHaveLength(2);
  });

  it('without times opens a hold of its own: nothing says that it is the same', async () => {
    const first = await log([{ alarm: 'gamma', number: 5 }], {}, `timeless-${week}.csv`);
    const other = [{ alarm: 'gamma', number: 5 }, { number: 6 }] as const;
    const again = await log(other, {}, `timeless-other-${week}.csv`);
    const owners = [];
    for (const { scanId } of [first, again]) owners.push((await radiationOf(scanId))[0]?.hold?.scanId);
    expect(owners).toEqual([first.scanId, again.scanId]);
  });

  it('of a record that is no operation does not take the hold from one that is', async () => {
    await log([alarm(0)], { purpose: 'calibration' });
    await log([alarm(0), passage(50)], {}, `real-${week}.csv`);
    expect(await holds()).toHaveLength(1);
  });
});

describe('an occupancy with a container number and without a time', () => {
  /** As converted: two occupancies in one file, so that its receipt is the time of neither. */
  async function timeless(container: string): Promise<string> {
    const { scanId } = await sent(`${week}.n42`, n42Document(container, time(0)));
    await service.deps.records.transaction(async (tx) => {
      const row = (await tx.revision(scanId, 1))!;
      const [one] = row.scan?.radiation ?? [];
      const bare = (id: string) => ({ ...one!, id, occupancy: { ended: true } });
      const scan: NiiScan = { ...row.scan!, radiation: [bare('record-1'), bare('record-2')] };
      await tx.updateRevision({ ...row, scan });
      await tx.enqueue({
        id: `without-time:${scanId}`,
        kind: 'join-radiation',
        payload: { scanId, administration: 'utopia', site: SITE },
      });
    });
    await service.work();
    return scanId;
  }
  const image = (receivedAfterSeconds: number) => {
    clock.advance(receivedAfterSeconds);
    return sent(`late-${week}.fake`, fakeScan({ seed: 7000 + week, containers: 'CSQU3054383' }));
  };

  it('joins the scan of that number that comes within a day of it', async () => {
    clock.advance(48 * 3600);
    const record = await timeless('CSQU 305438 3');
    const joins = async () => (await radiationOf(record)).map(({ link }) => [link.from, link.join.kind]);
    expect(await joins()).toEqual([
      [undefined, 'none'],
      [undefined, 'none'],
    ]);
    const scan = await image(23 * 3600);
    expect(await joins()).toEqual([
      [undefined, 'joined'],
      [undefined, 'joined'],
    ]);
    expect(await laneAnswerOf(service.deps, actor('lane'), scan.scanId)).toMatchObject({
      answer: 'hold',
      reason: 'radiation alarm (gamma) waits for a radiation officer',
    });
  });

  it('joins none that comes later than that', async () => {
    clock.advance(96 * 3600);
    const record = await timeless('CSQU 305438 3');
    await image(25 * 3600);
    expect((await radiationOf(record)).map(({ link }) => link.join.kind)).toEqual(['none', 'none']);
  });
});
