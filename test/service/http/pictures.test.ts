import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keys } from '../../../src/core/keys.ts';
import { greyPng } from '../../../src/format/preview.ts';
import { objectRow } from '../../../src/stored/object-row.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../support/harness.ts';

let service: Harness;
let home: string;

beforeAll(async () => {
  service = await openHarness();
  const sent = await service.as('scanner', {
    method: 'POST',
    url: '/v1/scans',
    payload: fakeScan({ rows: 40, columns: 25, seed: 5 }),
    headers: {
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment; filename="pictures.fake"',
    },
  });
  const [{ scanId, revisionHref }] = sent.json().scans;
  home = revisionHref;
  await service.work();
  await plantMap(scanId);
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

/** The map of a model, with one finding in it. */
async function plantMap(scanId: string): Promise<void> {
  const { deps } = service;
  const owner = { scanId, revision: 1 };
  const body = await greyPng({ rows: 40, columns: 25, bytes: new Uint8Array(1000).fill(255, 0, 25) });
  const key = keys.map(scanId, 1, 'm', '1');
  const row = objectRow(owner, {
    ...{ key, kind: 'map', model: 'm@1', body, contentType: 'image/png', producer: 'm' },
  });
  await deps.objects.put(key, body, 'image/png');
  const box = { view: 'main', rowFrom: 0, rowTo: 1, columnFrom: 0, columnTo: 25 };
  const analysis = {
    model: { id: 'm', version: '1', sha256: 'a'.repeat(64) },
    status: 'analysed' as const,
    view: 'main',
    units: [],
    findings: [{ id: 'f', label: 'anomaly', box, score: 1, anomalyPercentile: 99 }],
    milliseconds: 1,
  };
  await deps.records.transaction(async (tx) => {
    await tx.putObjects([row]);
    await tx.putAnalysis({ ...owner, analysis });
  });
}

const get = (path: string) => service.as('supervisor', { method: 'GET', url: `${home}/${path}` });

async function sidesOf(path: string) {
  const { rawPayload, headers } = await get(path);
  expect(headers['content-type']).toBe('image/png');
  const { width, height, hasAlpha } = await sharp(rawPayload).metadata();
  return { width, height, hasAlpha };
}

test('the map over the preview is as large as the preview and has opacity; the stored map stays grey', async () => {
  const { width, height } = await sidesOf('preview');
  expect(await sidesOf('map?as=overlay&model=m@1')).toEqual({ width, height, hasAlpha: true });
  expect(await sidesOf('map?model=m@1')).toEqual({ width: 25, height: 40, hasAlpha: false });
});

test('its legend says how large it is, what its colours mean, and where each finding lies', async () => {
  const { width, height } = await sidesOf('preview');
  const legend = (await get('map/legend?model=m@1')).json();
  expect(legend).toMatchObject({ model: 'm@1', view: 'main', rows: height, columns: width });
  expect(legend.bands.at(-1)).toMatchObject({ to: 255 });
  expect(legend.boxes).toHaveLength(1);
  expect(legend.boxes[0]).toMatchObject({ finding: 'f', anomalyPercentile: 99 });
});

test('a map of a model that did not look is not found', async () => {
  expect((await get('map/legend?model=other@1')).statusCode).toBe(404);
  expect((await get('map?as=overlay&model=other@1')).statusCode).toBe(404);
});

test('without materials, the answer for material colours is 404 and says why', async () => {
  const answer = await get('preview?of=material');
  expect(answer.statusCode).toBe(404);
  expect(answer.json()).toMatchObject({ code: 'NII_NO_MATERIAL' });
  expect(answer.json().detail).toMatch(
    /^(no-high-and-low|not-transmission|sides-differ|below-1-MeV|no-calibration): /,
  );
});
