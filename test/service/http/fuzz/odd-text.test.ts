import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fakeScan } from '../../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../../support/harness.ts';

/** JSON carries U+0000 and halves of surrogate pairs; PostgreSQL keeps them, but does not look into what holds them. */

let service: Harness;

beforeAll(async () => {
  service = await openHarness();
});
afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

const oddTexts = [
  ['U+0000', 'a\u0000b'],
  ['half of a surrogate pair', 'a\ud800b'],
] as const;

async function decideWith(note: string): Promise<number> {
  await service.as('scanner', {
    method: 'POST',
    url: '/v1/scans?name=a.fake',
    payload: fakeScan({ seed: note.charCodeAt(1) }),
    headers: { 'content-type': 'application/octet-stream' },
  });
  await service.work();
  const next = await service.as('analyst', { method: 'POST', url: '/v1/cases/next' });
  const answer = await service.as('analyst', {
    method: 'POST',
    url: `/v1/cases/${next.json().id}/verdict`,
    payload: { kind: 'suspect', reason: 'shape', note },
  });
  await service.work();
  return answer.statusCode;
}

describe.each(oddTexts)('a note with %s', (_what, note) => {
  test('takes neither the metrics nor the search of instances from everybody', async () => {
    expect(await decideWith(note)).toBe(200);
    const metrics = await service.as('peer', { url: '/metrics' });
    expect(metrics.statusCode, metrics.body).toBe(200);
    expect(metrics.body).toMatch(/nii_oldest_case_age_seconds \d/);
    for (const role of ['supervisor', 'auditor'] as const) {
      const found = await service.as(role, { url: '/dicomweb/instances' });
      expect(found.statusCode, found.body).toBe(200);
      expect(found.json().length).toBeGreaterThan(0);
    }
  });
});

test('a file name with U+0000 of a resumable upload does not take the metrics from everybody', async () => {
  const begun = await service.as('scanner', {
    method: 'POST',
    url: '/v1/uploads/tus',
    payload: Buffer.from('x'),
    headers: {
      'tus-resumable': '1.0.0',
      'upload-length': '1',
      'upload-metadata': `filename ${Buffer.from('a\u0000b').toString('base64')}`,
      'content-type': 'application/offset+octet-stream',
    },
  });
  expect(begun.statusCode).toBeLessThan(500);
  expect((await service.as('peer', { url: '/metrics' })).statusCode).toBe(200);
});
