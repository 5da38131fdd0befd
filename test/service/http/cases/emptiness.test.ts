import { afterAll, beforeAll, expect, test } from 'vitest';
import { sharp } from '../../../../src/codec/raster/libvips.ts';
import type { Declaration } from '../../../../src/core/case/declaration.ts';
import { differencesOf } from '../../../../src/core/case/differences.ts';
import type { Emptiness } from '../../../../src/core/case/emptiness.ts';
import type { Analysis } from '../../../../src/core/case/finding.ts';
import { keys } from '../../../../src/core/keys.ts';
import type { NiiScan } from '../../../../src/core/scan/scan.ts';
import { renderChannel } from '../../../../src/format/preview.ts';
import { reindex } from '../../../../src/maintenance/reindex/reindex.ts';
import { numpyFiles } from '../../../../src/simulate/layouts/numpy.ts';
import type { SimulateOptions } from '../../../../src/simulate/options.ts';
import { recordOf } from '../../../../src/simulate/record.ts';
import { simulateChannels, simulateScan } from '../../../../src/simulate/scan.ts';
import { readAnalysed } from '../../../../src/stored/read-object.ts';
import { form } from '../../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../../support/harness.ts';

/** Of a service without any model. */
let service: Harness;

beforeAll(async () => {
  service = await openHarness();
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

const empty: SimulateOptions = { seed: 300_000_100, pitchMm: 22, container: '20ft', cargo: 'empty' };

async function sent(...files: readonly { file: string; bytes: Uint8Array }[]): Promise<string> {
  const answer = await service.as('scanner', { method: 'POST', url: '/v1/scans', ...form(files) });
  expect(answer.statusCode, answer.body).toBe(202);
  await service.work();
  return answer.json().scans[0].scanId;
}

/** Sends what the simulator made. @returns the scan, and what a declaration says to join it */
async function sentSimulated(options: SimulateOptions) {
  const scan = simulateScan(options);
  const files = numpyFiles(scan, `scan-${options.seed}`).map(({ name, bytes }) => ({ file: name, bytes }));
  const declared = { containers: [scan.units[0]!.container], presentedAt: scan.acquired };
  return { scanId: await sent(...files), declared };
}

async function analysisOf(scanId: string): Promise<Analysis> {
  const url = `/v1/scans/${scanId}/revisions/1/findings`;
  const { items } = (await service.as('supervisor', { url })).json();
  expect(items).toHaveLength(1);
  return items[0];
}

/** What the page of the case says does not agree, from what the service answers. */
async function differencesIn(scanId: string) {
  const [of] = (await service.as('supervisor', { url: `/v1/queue?limit=200` }))
    .json()
    .items.filter((one: { scanId: string }) => one.scanId === scanId);
  const declarations: Declaration[] = [];
  for (const ref of of.declarations ?? [])
    declarations.push((await service.as('supervisor', { url: `/v1/declarations/${ref}` })).json());
  const record: NiiScan = (
    await service.as('supervisor', { url: `/v1/scans/${scanId}/revisions/1/scan.json` })
  ).json();
  const { emptiness } = await analysisOf(scanId);
  const bodies = declarations.map(({ body }) => body);
  return { of, found: differencesOf(record.units, bodies, emptiness) };
}

const declare = (ref: string, payload: object) =>
  service.as('administrator', { method: 'PUT', url: `/v1/declarations/${ref}`, payload });

test('a container that is declared empty and is not differs from its declaration, without any model', async () => {
  const { scanId, declared } = await sentSimulated({ ...empty, seed: 300_000_101, anomalies: ['bricks'] });
  const { of: before } = await differencesIn(scanId);
  await declare('E-1', { ...declared, declaredEmpty: true });
  await service.work();
  const analysis = await analysisOf(scanId);
  expect(analysis).toMatchObject({ status: 'not-analysed', findings: [], units: [] });
  expect(analysis.emptiness).toMatchObject({
    basis: 'transmission',
    channel: 'high',
    units: [{ looks: 'loaded', largest: { box: { view: expect.any(String) } } }],
  });
  const { of: after, found } = await differencesIn(scanId);
  expect(found).toEqual([{ code: 'emptyLooksLoaded', area: expect.any(Number) }]);
  // as every other difference, it moves nothing
  expect(after.priority).toBe(before.priority);
  expect(after.band).toBe(before.band);
});

test('an empty container with declared goods differs, and one that is declared empty does not', async () => {
  const { scanId, declared } = await sentSimulated(empty);
  await declare('E-2', { ...declared, description: 'frozen fish', grossMassKg: 12_000 });
  await service.work();
  expect((await differencesIn(scanId)).found).toEqual([{ code: 'loadedLooksEmpty' }]);
  const changed = { method: 'PUT' as const, headers: { 'if-match': '"1"' } };
  await service.as('administrator', {
    ...changed,
    url: '/v1/declarations/E-2',
    payload: { ...declared, declaredEmpty: true },
  });
  await service.work();
  expect((await differencesIn(scanId)).found).toEqual([]);
});

test('of a picture alone only that is checked, and the answer says that it was a picture', async () => {
  const { scan, planes } = recordOf(simulateChannels({ ...empty, seed: 300_000_102 }));
  const view = scan.views[0]!;
  const { rows, columns, bytes } = renderChannel(view, view.channels[0]!, planes.get('main-high')!, 1600);
  const raw = { width: columns, height: rows, channels: 1 as const };
  const jpeg = await sharp(bytes, { raw }).jpeg({ quality: 90 }).toBuffer();
  const analysis = await analysisOf(await sent({ file: 'lane-3.jpg', bytes: new Uint8Array(jpeg) }));
  expect(analysis.status).toBe('not-analysed');
  expect(analysis.emptiness).toMatchObject({ basis: 'picture', units: [{ looks: 'empty' }] });
});

test('it is kept with the analysis, and a database that is built anew has it', async () => {
  const { scanId } = await sentSimulated({ ...empty, seed: 300_000_103 });
  const { emptiness } = await analysisOf(scanId);
  const key = keys.analysed(scanId, 1);
  const stored = readAnalysed(await service.deps.objects.get(key), key);
  expect(stored.analysis?.emptiness).toEqual(emptiness);
  await reindex(service.deps);
  expect((await analysisOf(scanId)).emptiness).toEqual(emptiness satisfies Emptiness | undefined);
});

test('what was stored before the check is read as it is', () => {
  const model = { id: 'none', version: '0', sha256: '0'.repeat(64) };
  const analysis = { model, status: 'not-analysed', units: [], findings: [], milliseconds: 0 };
  const before = new TextEncoder().encode(JSON.stringify({ part: 'analysed', analysis, objects: [] }));
  expect(readAnalysed(before, 'k').analysis).toEqual(analysis);
});
