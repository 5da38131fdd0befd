import { afterAll, beforeAll, expect, test } from 'vitest';
import { relatedBody } from '../../../../lab/siege/related-body.ts';
import type { NiiScan } from '../../../../src/core/scan/scan.ts';
import { form } from '../../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../../support/harness.ts';
import { channel, xml } from '../../../support/vendors/fs6000.ts';

let here: Harness;
let there: Harness;
beforeAll(async () => {
  here = await openHarness();
  there = await openHarness();
});
afterAll(async () => {
  for (const service of [here, there]) {
    await service.close();
    expect(service.wrongAnswers).toEqual([]);
  }
});

const words = {
  OPERATORID: 'op 7',
  name_vessel: 'Nowhere Star',
  consignee: 'Brown &amp; Sons',
  shipping_company: 'Invented Line',
};
const more = Object.entries(words)
  .map(([name, value]) => `<${name}>${value}</${name}>`)
  .join('');

async function recordOf(service: Harness, scanId: string): Promise<NiiScan> {
  return (await service.as('supervisor', { url: `/v1/scans/${scanId}/revisions/1/scan.json` })).json();
}

async function sentHere(): Promise<string> {
  const { payload, headers } = form([
    { file: 'T1high.img', bytes: channel(1) },
    { file: 'T1low.img', bytes: channel(2) },
    { file: 'T1material.img', bytes: channel(3, { bits: 8 }) },
    {
      file: 'T1.xml',
      bytes: Buffer.from(xml('T1').toString().replace('</IDR_IMAGE>', `${more}</IDR_IMAGE>`)),
    },
  ]);
  const answer = await here.as('scanner', { method: 'POST', url: '/v1/scans?lane=3', payload, headers });
  expect(answer.statusCode, answer.body).toBe(202);
  await here.work();
  return answer.json().scans[0].scanId;
}

/** All DICOS files of the scan, by STOW. */
async function handedOver(scanId: string): Promise<string> {
  const list = (await here.as('supervisor', { url: `/v1/scans/${scanId}/revisions/1/dicos` })).json();
  const files: Buffer[] = [];
  for (const { href } of list.items) files.push((await here.as('supervisor', { url: href })).rawPayload);
  expect(files).toHaveLength(3);
  const request = { method: 'POST', url: '/dicomweb/studies', ...relatedBody(files) } as const;
  const stored = await there.as('scanner', request);
  expect(stored.statusCode, stored.body).toBe(200);
  await there.work();
  const { items } = (await there.as('supervisor', { url: '/v1/scans' })).json();
  expect(items).toHaveLength(1);
  return items[0].id;
}

test('the scan of a vendor, sent on by STOW, has the same record there, and its operator and trader are not in vendor', async () => {
  const scanId = await sentHere();
  const first = await recordOf(here, scanId);
  expect(first.history?.map(({ operator }) => operator)).toEqual(['op 7']);
  expect(first.consignments).toEqual([
    {
      parties: [
        { role: 'consignee', name: 'Brown & Sons' },
        { role: 'carrier', name: 'Invented Line' },
      ],
      means: [{ name: 'Nowhere Star' }],
    },
  ]);
  expect(JSON.stringify(first.vendor)).toContain('PICNO');
  expect(JSON.stringify(first.vendor)).not.toMatch(/op 7|Brown|Nowhere|Invented/);
  const second = await recordOf(there, await handedOver(scanId));
  const { originals: _, attachments: __, converter: ___, warnings: ____, vendor: _____, ...fields } = second;
  const { originals: a, attachments: b, converter: c, warnings: d, vendor: e, ...wanted } = first;
  expect(fields).toEqual(wanted);
  expect(fields.acquired.zone).toBe('assumed-utc');
});
