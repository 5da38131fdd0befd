import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { channelsOf } from '../../src/core/scan.ts';
import { laneAnswerOf } from '../../src/pipeline/read.ts';
import { reindex } from '../../src/pipeline/reindex.ts';
import { ADMINISTRATION, type Harness, openHarness } from '../harness.ts';
import { portalLines } from './portal.ts';
import { actor, type NamedBytes, promisedRecords, send } from './stage.ts';

/** One vehicle: an image, its second channel, a report of that under another scan UID, and an alarm of the portal. */
const fixtures = new URL('../../converters/dicom/fixtures/report-of-another-scan-uid/', import.meta.url);
const dicom = (name: string): NamedBytes => ({
  name,
  bytes: new Uint8Array(readFileSync(new URL(name, fixtures))),
});
const [from, to] = ['2031-03-04T04:05:50.000Z', '2031-03-04T04:06:00.000Z'];
const parts = {
  image: dicom('a.dcs'),
  second: dicom('b.dcs'),
  report: dicom('r.dcs'),
  portal: { name: 'portal.csv', bytes: portalLines([{ from, to, number: 7, alarm: 'gamma' }]) },
};
type Part = keyof typeof parts;

function permutations(names: readonly Part[]): readonly (readonly Part[])[] {
  if (names.length === 0) return [[]];
  return names.flatMap((name) =>
    permutations(names.filter((other) => other !== name)).map((rest) => [name, ...rest]),
  );
}
const orders = permutations(['image', 'second', 'report', 'portal']);

let service: Harness;
let sites = 0;
/** The state that the first order ended in. */
let expected: unknown;

beforeAll(async () => {
  service = await openHarness();
});
afterAll(() => service.close());

async function arrived(order: readonly Part[], workBetween: boolean): Promise<string> {
  sites += 1;
  const site = `site-${sites}`;
  for (const part of order) {
    await send(service.deps, [parts[part]], {}, { ...actor('scanner'), site });
    if (workBetween) await service.work();
  }
  await service.work();
  return site;
}

/** What is known of the vehicle in the end, without the ids, which come from what was first. */
async function stateOf(site: string) {
  const { imageId, ...state } = await recordsOf(site);
  const { answer, final, reason } = await laneAnswerOf(service.deps, { ...actor('lane'), site }, imageId);
  return { ...state, lane: { answer, final, reason } };
}

function recordsOf(site: string) {
  return service.deps.records.transaction(async (tx) => {
    const { rows } = await tx.scans({ administration: ADMINISTRATION, site }, {}, 10);
    const scans = await Promise.all(
      rows.map(async (scan) => ({ scan, row: await tx.revision(scan.id, scan.revision) })),
    );
    const images = scans.filter(({ row }) => (row?.scan?.views.length ?? 0) > 0);
    const [image] = images;
    if (image?.row?.scan === undefined || images.length > 1) throw new Error(`${images.length} images`);
    const named = (id: string) => (id === image.scan.id ? 'the image' : 'another');
    const links = await tx.radiationFor(image.scan.id);
    const record = image.row.scan;
    return {
      imageId: image.scan.id,
      completeness: record.completeness,
      containers: image.scan.containers,
      acquired: record.acquired,
      channels: channelsOf(record).map(({ key }) => key),
      reports: record.reports,
      files: image.row.originals.map(({ name, role, sha256 }) => [name, role, sha256]).toSorted(),
      cases: (await tx.casesOfScan(image.scan.id)).map(({ state, verdicts }) => [state, verdicts]),
      joins: links.map(({ recordId, join }) => [recordId, { ...join, scanId: 'the image' }]),
      holds: (await tx.holdsOn(image.scan.id)).map(({ state, alarms, join }) => [
        state,
        alarms,
        join.kind === 'joined' ? named(join.scanId) : join.kind,
      ]),
      alone: scans
        .filter(({ row }) => row?.scan?.views.length === 0)
        .map(({ row }) => row?.originals.map(({ name }) => name))
        .toSorted(),
    };
  });
}

it.each(orders)('%s, %s, %s, %s end in one state', async (...order) => {
  const { alone, ...state } = await stateOf(await arrived(order, true));
  expect(state).toMatchObject({
    completeness: 'no-material',
    reports: [{ source: 'r.dcs', decision: 'ALARM' }],
    joins: [['occupancy-1', { kind: 'joined', by: 'time', secondsApart: 7 }]],
    holds: [['open', [{ category: 'gamma' }], 'the image']],
    lane: { answer: 'hold', final: false },
  });
  expect(state.cases).toEqual([['queued', []]]);
  expect(state.files.map(([name]) => name)).toEqual(['a.dcs', 'b.dcs', 'r.dcs']);
  expected ??= state;
  expect(state).toEqual(expected);
  // A report that came before its image stays a record of its own, too
  const early = order.indexOf('report') < order.indexOf('second');
  expect(alone).toEqual([['portal.csv'], ...(early ? [['r.dcs']] : [])]);
});

it.each([orders[0]!, orders[9]!, orders[23]!])(
  '%s, %s, %s, %s end in that state when nothing is converted before all have come',
  async (...order) => {
    const { alone, ...state } = await stateOf(await arrived(order, false));
    expect(alone).toContainEqual(['portal.csv']);
    expect(state).toEqual(expected);
  },
);

it('a rebuilt database says the same of all of them', async () => {
  const before = await promisedRecords(service);
  expect(await reindex(service.deps)).toMatchObject({ scans: before.whole.length, damaged: [] });
  await service.work();
  expect(await promisedRecords(service)).toEqual(before);
});
