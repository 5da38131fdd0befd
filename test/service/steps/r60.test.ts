import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openOnnxRunner } from '../../../src/adapters/onnx/runner.ts';
import type { ModelRunner } from '../../../src/core/ports/inference.ts';
import { loadModelPackages } from '../../../src/infer/packages.ts';
import {
  complaints,
  decompressed,
  hasDicomTools,
  inFolder,
  pydicomSha256,
} from '../../support/dicom-tools.ts';
import { form } from '../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { shelfOf } from '../../support/infer/shelf.ts';
import { type RailScan, railScans } from '../../support/inputs/rail-scans.ts';
import { temporaryFolder } from '../../support/staging.ts';

const hasTools = hasDicomTools();
const scans = railScans(temporaryFolder());
const runners: ModelRunner[] = [];
let service: Harness;

beforeAll(async () => {
  const packages = await loadModelPackages(join(import.meta.dirname, '../../../models'));
  const opened = packages.map((pkg) => ({
    pkg,
    runner: async () => {
      const runner = await openOnnxRunner({ file: pkg.path });
      runners.push(runner);
      return runner;
    },
  }));
  service = await openHarness({ deps: { models: await shelfOf(opened) } });
});
afterAll(async () => {
  await service.close();
  await Promise.all(runners.map((runner) => runner.close()));
});

const sidecar = ({ pitchMm }: RailScan) => ({
  niiSidecar: '1.0',
  channels: [
    { id: 'high', kind: 'transmission', energy: 'high', nominalEnergyMev: 6, invalidValue: 0 },
    { id: 'low', kind: 'transmission', energy: 'low', nominalEnergyMev: 4, invalidValue: 0 },
  ],
  pixelPitchMm: { row: pitchMm, column: pitchMm },
});

async function upload(rail: RailScan): Promise<string> {
  const answer = await service.as('scanner', {
    method: 'POST',
    url: '/v1/scans',
    ...form([
      { file: `${rail.name}.npy`, bytes: rail.bytes },
      { file: `${rail.name}.json`, bytes: Buffer.from(JSON.stringify(sidecar(rail))) },
    ]),
  });
  expect(answer.statusCode, answer.body).toBe(202);
  await service.work();
  return answer.json().scans[0].scanId;
}

/** The second implementation: NumPy, on the file as it was sent. */
function channelHashes({ path }: RailScan): readonly string[] {
  const script = `
import sys, hashlib, numpy as np
a = np.load(sys.argv[1])
for k in range(2): print(hashlib.sha256(np.ascontiguousarray(a[:, :, k]).tobytes()).hexdigest())`;
  return execFileSync('/usr/bin/python3', ['-c', script, path], { encoding: 'utf8' }).trim().split('\n');
}

describe.each(scans)('the rail scan $name', (rail) => {
  it('is uploaded with a sidecar, looked at by the model and reaches the queue with a percentile', async () => {
    const scanId = await upload(rail);
    const queue = (await service.as('supervisor', { url: '/v1/queue' })).json().items;
    const value = queue.find((item: { scanId: string }) => item.scanId === scanId);
    expect(value?.anomalyPercentile).toBeGreaterThanOrEqual(0);
    expect(value?.anomalyPercentile).toBeLessThan(100);
    expect(value?.reasons[0].code).toBe('model');
  });

  it.runIf(hasTools)(
    'is stored as DICOS that dcmtk accepts without an error and decodes to the very same samples',
    async () => {
      const scanId = await upload(rail);
      await inFolder(async (folder) => {
        const paths: string[] = [];
        for (const channel of ['high', 'low']) {
          const answer = await service.as('supervisor', {
            url: `/v1/scans/${scanId}/revisions/latest/dicos/main/${channel}`,
          });
          expect(answer.statusCode, answer.body.slice(0, 200)).toBe(200);
          const path = join(folder, `${channel}.dcs`);
          await writeFile(path, answer.rawPayload);
          expect(complaints(path)).toEqual([]);
          paths.push(decompressed(path, '1.2.840.10008.1.2.4.70'));
        }
        expect(pydicomSha256(paths)).toEqual(channelHashes(rail));
      });
    },
  );
});
