import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '../../../../src/core/access.ts';
import { keys } from '../../../../src/core/keys.ts';
import { greyPng } from '../../../../src/format/preview.ts';
import { rolesWho } from '../../../../src/http/routes/rights.ts';
import { rolesThatReadWhole } from '../../../../src/queries/cab-mask.ts';
import { numpyFiles, simulateScan } from '../../../../src/simulate/index.ts';
import { objectRow } from '../../../../src/stored/object-row.ts';
import { fakeSamples } from '../../../support/fake-scan.ts';
import { ADMINISTRATION, type Harness, openHarness } from '../../../support/harness.ts';
import { decideCab, placeCab } from '../../../support/http/decide-cab.ts';
import { send } from '../../../support/stage.ts';

/** The cab takes the first five columns of the picture. */
const order = { rows: 40, columns: 25, seed: 5 };
const cabColumns = 5;

let service: Harness;
let home: string;
let instance: string;
/** Answers of before, when cabs were shown. */
const before = new Map<string, Awaited<ReturnType<typeof get>>>();

const get = (path: string, role: Role = 'supervisor', headers: Record<string, string> = {}) =>
  service.as(role, { url: path.startsWith('/') ? path : `${home}/${path}`, headers });

const samples = 'channels/main/high/samples';
const rendered = () => `${instance}/rendered?accept=image/png`;
const pictures = () => [
  'preview',
  'thumbnail',
  'map?model=m@1',
  'map?model=m@1&as=overlay',
  rendered(),
  `${instance}/rendered?accept=image/png&window=30000,60000,linear`,
  `${instance}/frames/1/rendered?accept=image/png`,
];

beforeAll(async () => {
  service = await openHarness();
  const scanId = await service.sendFake(order);
  home = `/v1/scans/${scanId}/revisions/1`;
  await plantMap(scanId);
  const found = await service.as('supervisor', {
    url: '/dicomweb/instances?SOPClassUID=1.2.840.10008.5.1.4.1.1.501.2.2',
    headers: { accept: 'application/dicom+json' },
  });
  const [row] = found
    .json()
    .filter((one: Record<string, { Value?: string[] }>) => one['00081190']?.Value?.[0] !== undefined);
  instance = new URL(row['00081190'].Value[0]).pathname;
  await placeCab(service, 'fake.unnamed', { side: 'left', share: 0.2 });
  for (const path of [...pictures(), samples]) before.set(path, await get(path));
  await decideCab(service, 'masked');
}, 60_000);

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

/** A map of a model that says everything is odd. */
async function plantMap(scanId: string): Promise<void> {
  const { deps } = service;
  const owner = { scanId, revision: 1 };
  const body = await greyPng({ rows: 40, columns: 25, bytes: new Uint8Array(1000).fill(255) });
  const key = keys.map(scanId, 1, 'm', '1');
  const stored = { key, kind: 'map', model: 'm@1', body, contentType: 'image/png', producer: 'm' } as const;
  await deps.objects.put(key, body, 'image/png');
  const analysis = {
    model: { id: 'm', version: '1', sha256: 'a'.repeat(64) },
    status: 'analysed' as const,
    view: 'main',
    units: [],
    findings: [],
    milliseconds: 1,
  };
  await deps.records.transaction(async (tx) => {
    await tx.putObjects([objectRow(owner, stored)]);
    await tx.putAnalysis({ ...owner, analysis });
  });
}

async function pixelsOf(bytes: Buffer) {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  return { data, ...info };
}

/** Pixels of a picture as text, by whether they show the cab. */
async function parts(bytes: Buffer) {
  const { data, width, height, channels } = await pixelsOf(bytes);
  const [cab, rest]: [string[], string[]] = [[], []];
  for (let row = 0; row < height; row += 1)
    for (let column = 0; column < width; column += 1) {
      const at = (row * width + column) * channels;
      const pixel = data.subarray(at, at + channels).toString('hex');
      if (column < Math.ceil((cabColumns * width) / 25)) cab.push(pixel);
      else rest.push(pixel);
    }
  return { cab: new Set(cab), rest };
}

/** A truck of which the file says where its cab is. */
async function sendWithCab(): Promise<string> {
  const scan = simulateScan({ seed: 8, container: '20ft', cargo: 'drums', anomalies: [], pitchMm: 40 });
  const [array, sidecar] = numpyFiles(scan, 'truck-with-cab');
  const facts = JSON.parse(Buffer.from(sidecar?.bytes ?? []).toString());
  const { units: _, containers: __, ...rest } = facts;
  const units = [
    { kind: 'cab', columns: { from: 2, to: 9 } },
    { container: 'MSKU1234565', columns: { from: 9, to: scan.columns } },
  ];
  const said = { name: sidecar?.name ?? '', bytes: Buffer.from(JSON.stringify({ ...rest, units })) };
  const [accepted] = await send(service.deps, [array ?? said, said]);
  await service.work();
  return accepted?.scanId ?? '';
}

describe('with the policy that masks cabs', () => {
  test('a cab of which the record says where it is needs nothing said of its scanner', async () => {
    const { masked } = (await get(`/v1/scans/${await sendWithCab()}/revisions/1`)).json();
    expect(masked).toMatchObject([{ view: 'main', axis: 'columns', from: 2, to: 9 }]);
  });

  test('every picture is flat where the cab is, and elsewhere byte for byte as before', async () => {
    for (const path of pictures()) {
      const [was, is] = [before.get(path), await get(path)];
      expect([path, was?.statusCode, is.statusCode]).toEqual([path, 200, 200]);
      const [shown, masked] = [await parts(was?.rawPayload ?? Buffer.of()), await parts(is.rawPayload)];
      expect([path, masked.cab.size]).toEqual([path, 1]);
      expect(masked.rest, path).toEqual(shown.rest);
      expect([path, masked.cab], path).not.toEqual([path, shown.cab]);
    }
  });

  test('pictures are masked for every role that may look', async () => {
    for (const role of ['searcher', 'data-scientist'] as const)
      expect([role, (await parts((await get('preview', role)).rawPayload)).cab.size]).toEqual([role, 1]);
  });

  test('samples are the open beam where the cab is, for every role, and as stored elsewhere', async () => {
    const whole = fakeSamples(order, 0);
    for (const role of ['supervisor', 'searcher', 'data-scientist'] as const) {
      const answer = await get(samples, role);
      expect(answer.headers['nii-masked']).toBe('columns 0-5');
      for (let i = 0; i < order.rows * order.columns; i += 1)
        expect(answer.rawPayload.readUInt16LE(i * 2)).toBe(
          i % order.columns < cabColumns ? 60_000 : whole.readUInt16LE(i * 2),
        );
    }
    expect(before.get(samples)?.rawPayload.equals(whole)).toBe(true);
    expect(before.get(samples)?.headers['nii-masked']).toBeUndefined();
  });

  test('a region and a smaller copy are made of masked samples', async () => {
    const region = await get(`${samples}?rows=3-4&columns=0-25`);
    const row = Array.from({ length: 25 }, (_, i) => region.rawPayload.readUInt16LE(i * 2));
    expect(row.slice(0, 5)).toEqual([60_000, 60_000, 60_000, 60_000, 60_000]);
    expect(row[5]).toBe(fakeSamples(order, 0).readUInt16LE((3 * 25 + 5) * 2));
    const copy = await get(`${samples}?level=2`);
    const columns = Math.ceil(25 / 4);
    for (let i = 0; i < 10; i += 1) expect(copy.rawPayload.readUInt16LE(i * columns * 2)).toBe(60_000);
  });

  test('the revision says what is masked', async () => {
    const { masked } = (await get(home)).json();
    expect(masked).toEqual([{ view: 'main', axis: 'columns', from: 0, to: 5, of: 25 }]);
  });

  test('whoever keeps a picture or samples asks again, and is not told that they are the same', async () => {
    for (const path of ['preview', 'thumbnail', samples]) {
      const was = before.get(path);
      expect(was?.headers['cache-control'], path).toBe('private, no-cache');
      const again = await get(path, 'supervisor', { 'if-none-match': String(was?.headers.etag) });
      expect([path, again.statusCode]).toEqual([path, 200]);
      const known = await get(path, 'supervisor', { 'if-none-match': String(again.headers.etag) });
      expect([path, known.statusCode, known.rawPayload.length]).toEqual([path, 304, 0]);
    }
    const region = `${samples}?level=1`;
    const { headers } = await get(region);
    expect(headers['cache-control']).toBe('private, no-cache');
    expect((await get(region, 'supervisor', { 'if-none-match': String(headers.etag) })).statusCode).toBe(304);
    const gzip = { 'accept-encoding': 'gzip', 'if-none-match': String(headers.etag) };
    expect((await get(region, 'supervisor', gzip)).statusCode).toBe(200);
  });

  test('files with all samples are only for those who may read originals', async () => {
    expect(rolesThatReadWhole).toEqual(new Set(rolesWho('read originals')));
    const files = [
      'dicos/main/high',
      'channels/main/high/export?format=npy',
      `${instance}?accept=multipart/related%3B%20type%3D%22application/dicom%22%3B%20transfer-syntax%3D*`,
      `${instance.replace(/\/series.*/, '')}?accept=multipart/related%3B%20type%3D%22application/dicom%22%3B%20transfer-syntax%3D*`,
      `${instance}/frames/1?accept=multipart/related%3B%20type%3D%22application/octet-stream%22%3B%20transfer-syntax%3D*`,
      `${instance}/bulkdata/7FE00010`,
    ];
    for (const path of files) {
      const refused = await get(path, 'searcher');
      expect([path, refused.statusCode, refused.json().code]).toEqual([path, 403, 'NII_CAB_MASKED']);
    }
    const npy = await get('channels/main/high/export?format=npy', 'data-scientist');
    expect(npy.rawPayload.subarray(-2000).equals(fakeSamples(order, 0))).toBe(true);
  });

  test('a wrong setting is rejected with the field, the value and what is allowed', async () => {
    const scanner = (cab: object) =>
      service.as('administrator', {
        method: 'PUT',
        url: '/v1/scanners/harbour/fake.unnamed',
        payload: { sendersAllowed: [], cab },
        headers: { 'if-match': '"1"' },
      });
    const problems = [
      await scanner({ side: 'left', share: 1 }),
      await scanner({ side: 'front', share: 0.2 }),
      await service.as('administrator', {
        method: 'PUT',
        url: '/v1/policy',
        payload: {
          ...(await service.as('administrator', { url: '/v1/policy' })).json().terms,
          cab: 'hidden',
        },
        headers: { 'if-match': '"2"' },
      }),
    ];
    const told = problems.map((answer) => answer.json());
    expect(told).toMatchObject([
      { status: 400, code: 'NII_BAD_REQUEST', field: 'cab.share' },
      { status: 400, code: 'NII_BAD_REQUEST', field: 'cab.side' },
      { status: 400, code: 'NII_BAD_REQUEST', field: 'cab' },
    ]);
    expect(told.map(({ detail }) => detail)).toEqual([
      'Invalid cab.share "1": must be < 1',
      'Invalid cab.side "front": use left or right',
      'Invalid cab "hidden": use shown, masked or masked-and-left-out',
    ]);
  });

  test('the change of the policy is in the audit, with what it loosened and both persons', async () => {
    const auditor = await service.newToken('auditor', ADMINISTRATION, '*');
    const items: { action: string; actor: { person?: string }; detail: object }[] = [];
    for (let next = ''; next !== undefined; ) {
      const cursor = next === '' ? '' : `&cursor=${next}`;
      const page = (await service.ask(auditor, { url: `/v1/audit?limit=200${cursor}` })).json();
      items.push(...page.items);
      next = page.next;
    }
    const of = (action: string) => items.find((one: { action: string }) => one.action === action);
    const [proposed, confirmed] = [of('change policy'), of('change policy: confirm')];
    expect(proposed?.detail).toMatchObject({ version: 1, state: 'proposed', loosened: ['cab'] });
    expect(confirmed?.detail).toMatchObject({ version: 2, state: 'in-force' });
    expect(confirmed?.actor.person).not.toBe(proposed?.actor.person);
    expect(of('change scanner: register')?.detail).toMatchObject({ cab: { side: 'left', share: 0.2 } });
  });
});
