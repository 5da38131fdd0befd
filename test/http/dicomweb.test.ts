import { readFileSync } from 'node:fs';
import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '../../src/core/access.ts';
import { type Harness, openHarness } from '../harness.ts';
import { relatedBody, relatedParts } from './dicomweb-parts.ts';
import { fakeSamples, fakeScan } from './fake-scan.ts';

let service: Harness;
let study: string;
const order = { rows: 20, columns: 30, seed: 7, containers: 'MSKU1234565' };

beforeAll(async () => {
  service = await openHarness();
  const sent = await service.as('scanner', {
    method: 'POST',
    url: '/v1/scans?name=a.fake',
    payload: fakeScan(order),
    headers: { 'content-type': 'application/octet-stream' },
  });
  expect(sent.statusCode, sent.body).toBe(202);
  await service.work();
  const [found] = await search('/studies?PatientID=MSKU1234565');
  study = String(first(found, '0020000D'));
});

afterAll(async () => {
  await service?.close();
  expect(service?.wrongAnswers).toEqual([]);
});

type DataSet = Record<string, { vr: string; Value?: unknown[]; BulkDataURI?: string }>;

function first(dataSet: DataSet | undefined, tag: string): unknown {
  return dataSet?.[tag]?.Value?.[0];
}

function get(path: string, accept?: string, role: Role = 'supervisor'): Promise<LightMyRequestResponse> {
  const headers = accept === undefined ? {} : { accept };
  return service.as(role, { url: `/dicomweb${path}`, headers });
}

async function search(path: string, role: Role = 'supervisor'): Promise<DataSet[]> {
  const answer = await get(path, 'application/dicom+json', role);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

function store(files: readonly Uint8Array[], path = '/studies', role: Role = 'scanner') {
  const { payload, headers } = relatedBody(files);
  return service.as(role, { method: 'POST', url: `/dicomweb${path}`, payload, headers });
}

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../converters/dicom/fixtures/${name}`, import.meta.url));
}

describe('a scan of vendor files', () => {
  test('is a study with an instance for each channel and the report of the machine', async () => {
    const [found] = await search(`/studies?StudyInstanceUID=${study}&includefield=all`);
    expect(found).toMatchObject({
      '00100020': { vr: 'LO', Value: ['MSKU1234565'] },
      '00201208': { vr: 'IS', Value: [3] },
      '00080056': { vr: 'CS', Value: ['ONLINE'] },
    });
    expect(found?.['00080061']?.Value).toContain('TDR');
    const instances = await search(`/studies/${study}/instances`);
    expect(instances.map((one) => first(one, '00080016')).sort()).toEqual([
      '1.2.840.10008.5.1.4.1.1.501.2.2',
      '1.2.840.10008.5.1.4.1.1.501.2.2',
      '1.2.840.10008.5.1.4.1.1.501.3',
    ]);
  });

  test('gives the samples as frames, uncompressed unless asked otherwise, equal to what was measured', async () => {
    const images = (await search(`/studies/${study}/instances`)).filter(
      (one) => first(one, '00280010') === 20,
    );
    expect(images).toHaveLength(2);
    const samples: string[] = [];
    for (const image of images) {
      const path = `/studies/${study}/series/${first(image, '0020000E')}/instances/${first(image, '00080018')}`;
      const answer = await get(`${path}/frames/1`, 'multipart/related; type="application/octet-stream"');
      expect(answer.statusCode, answer.body).toBe(200);
      const [part] = relatedParts(answer);
      expect(part?.type).toBe('application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1');
      samples.push(part?.bytes.toString('hex') ?? '');
    }
    const measured = [fakeSamples(order, 0), fakeSamples(order, 1)].map((one) => one.toString('hex'));
    expect(samples.sort()).toEqual(measured.sort());
  });
});

describe('instances that came as DICOM', () => {
  test('come back byte for byte, in the syntax that they were sent in', async () => {
    const sent = fixture('big-endian/a.dcs');
    const answer = await store([sent]);
    expect(answer.statusCode, answer.body).toBe(200);
    const item = (answer.json()['00081199'].Value as DataSet[])[0];
    const path = new URL(String(first(item, '00081190'))).pathname.replace('/dicomweb', '');
    const back = await get(path, 'multipart/related; type="application/dicom"; transfer-syntax=*');
    expect(relatedParts(back)[0]?.bytes.equals(sent)).toBe(true);
  });
});
