import { expect } from 'vitest';
import { defaultLimits } from '../../src/core/limits.ts';
import { ReaderPool } from '../../src/parsing/reader-pool.ts';
import { bundleOfTest } from './bundle-of-test.ts';
import { type Harness, openHarness } from './harness.ts';
import { temporaryFolder } from './staging.ts';

/** A service whose decoder never ends on marked pictures. */
export interface EndlessViews {
  readonly service: Harness;
  /** Address of a picture of a good scan. */
  readonly good: string;
  /** Sends one file. @returns the scan that it is part of */
  upload(token: string, name: string, payload: Uint8Array): Promise<string>;
  close(): Promise<void>;
}

/** @param seconds - that a conversion, or the drawing of a picture, may take */
export async function openEndlessViews(seconds: number): Promise<EndlessViews> {
  const program = await bundleOfTest('test/service/reading/spinning-child.ts');
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const reader = new ReaderPool({ limits: defaultLimits, stagingDir: temporaryFolder(), log, program });
  const service = await openHarness({ deps: { reader }, limits: { convertSeconds: seconds } });
  await service.sendFake({ seed: 1, rows: 64, columns: 64, containers: 'MSKU1234565' });
  const found = await service.as('supervisor', {
    url: '/dicomweb/instances?PatientID=MSKU1234565&Modality=XRAY',
    headers: { accept: 'application/dicom+json' },
  });
  const instance = String(found.json()[0]['00081190'].Value[0]);
  return {
    service,
    good: `${new URL(instance).pathname}/rendered`,
    async upload(token, name, payload) {
      const sent = await service.ask(token, {
        method: 'POST',
        url: `/v1/scans?name=${name}`,
        payload: Buffer.from(payload),
        headers: { 'content-type': 'application/octet-stream' },
      });
      expect(sent.statusCode, sent.body).toBe(202);
      return sent.json().scans[0].scanId;
    },
    async close() {
      await service.close();
      await reader.close();
    },
  };
}
