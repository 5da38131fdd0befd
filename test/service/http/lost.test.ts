import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keys } from '../../../src/core/keys.ts';
import type { Log } from '../../../src/core/ports/process.ts';
import { eventually } from '../../support/eventually.ts';
import { type Harness, openHarness } from '../../support/harness.ts';

/** A stored object that is gone behind the service's back: the scan exists, its bytes are lost. */

interface Line {
  readonly fields: object;
  readonly event: string;
}

const errors: Line[] = [];
const log: Log = { info: () => {}, warn: () => {}, error: (fields, event) => errors.push({ fields, event }) };
let service: Harness;

beforeAll(async () => {
  service = await openHarness({ deps: { log } });
});
afterAll(() => service.close());

test('an object that has a record and is gone answers 500, is logged and counted, and is in the audit once', async () => {
  const scanId = await service.sendFake({ seed: 1, containers: 'MSKU1234565' });
  const key = keys.preview(scanId, 1);
  const read = () => service.as('supervisor', { url: `/v1/scans/${scanId}/revisions/1/preview` });
  expect((await read()).statusCode).toBe(200);
  await rm(join(service.objectsDir, key));
  for (const response of [await read(), await read()]) {
    expect(response.statusCode).toBe(500);
    expect(response.json()).toMatchObject({ code: 'NII_OBJECT_LOST' });
  }
  expect(errors).toContainEqual({
    fields: expect.objectContaining({ key, scanId }),
    event: 'stored object is missing',
  });
  const { body } = await service.as('supervisor', { url: '/metrics' });
  expect(body).toContain('nii_object_faults_total{code="NII_OBJECT_LOST"} 2\n');
  const entries = async () => {
    const scope = { administration: '', site: '*' };
    const { rows } = await service.deps.records.transaction((tx) => tx.auditTrail(scope, 500));
    return rows.filter(({ action, subject }) => action === 'security: object lost' && subject === key);
  };
  await eventually('the audit names the object', 5, async () => (await entries()).length > 0);
  expect(await entries()).toHaveLength(1);
});

test('what nothing records is still not found', async () => {
  await expect(service.deps.objects.get('scans/absent/r1/preview.png')).rejects.toMatchObject({
    code: 'NII_NOT_FOUND',
  });
});
