import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openOnnxRunner } from '../../../src/adapters/onnx/runner.ts';
import { ModelShelf } from '../../../src/infer/installed/shelf.ts';
import { loadModelPackages } from '../../../src/infer/packages.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { writePackage } from '../../support/infer/package-folder.ts';
import { send } from '../../support/stage.ts';

/** What an algorithm of the vendor said of a scan, beside a model of ours that looked at it. */

let service: Harness;
let shelf: ModelShelf;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nii-vendor-'));
  writePackage(join(folder, 'opacity/1'));
  shelf = await ModelShelf.open({
    read: () => loadModelPackages(folder),
    open: ({ path }) => openOnnxRunner({ file: path }),
    test: async () => {},
    onLeftOut: () => {},
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  service = await openHarness({ deps: { models: shelf } });
});
afterAll(async () => {
  await service.close();
  await shelf.close();
  rmSync(folder, { recursive: true });
  expect(service.wrongAnswers).toEqual([]);
});

/** Two energies of one scan, and where they are wanted the ALARM that a machine raised on it. */
async function upload(name: string, ...files: readonly string[]): Promise<string> {
  const at = new URL(`../../../converters/dicom/fixtures/${name}/`, import.meta.url);
  const bytes = (file: string) => new Uint8Array(readFileSync(new URL(file, at)));
  const [accepted] = await send(
    service.deps,
    files.map((file) => ({ name: file, bytes: bytes(file) })),
  );
  await service.work();
  return accepted!.scanId;
}

const findings = async (scanId: string) =>
  (await service.as('supervisor', { url: `/v1/scans/${scanId}/revisions/latest/findings` })).json();

const standing = async (scanId: string) => {
  const [one] = await service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
  const { anomalyPercentile, band, model, reasons, history } = one!;
  return { anomalyPercentile, band, model, reasons, detail: history.at(-1)?.detail };
};

test('it is beside what our models said, and neither the percentile nor the place of the case knows of it', async () => {
  const scanId = await upload('two-energies-and-report', 'a.dcs', 'b.dcs');
  const before = { ...(await findings(scanId)), standing: await standing(scanId) };
  expect(before.items).toMatchObject([{ model: { id: 'opacity' }, status: 'analysed' }]);
  expect(before).not.toHaveProperty('vendorReports');
  await upload('two-energies-and-report', 'c.dcs');
  const after = await findings(scanId);
  expect(after.vendorReports).toEqual([
    {
      number: 1,
      algorithm: 'Example 2.0',
      decision: 'ALARM',
      at: '2031-03-04T04:07:09Z',
      findings: [
        {
          label: 'ANOMALY',
          description: 'dense block',
          assessment: 'THREAT',
          probability: 0.75,
          box: { view: expect.any(String), rowFrom: 2, rowTo: 4, columnFrom: 1, columnTo: 4 },
        },
      ],
    },
  ]);
  const said = ({
    units,
    findings: found,
    alarm,
  }: {
    units: unknown;
    findings: unknown;
    alarm: unknown;
  }) => ({
    units,
    found,
    alarm,
  });
  expect(after.items.map(said)).toEqual(before.items.map(said));
  const now = await standing(scanId);
  expect({ ...now, detail: undefined }).toEqual({ ...before.standing, detail: undefined });
});

test('whoever sends scans or runs the lane is told of neither', async () => {
  const scanId = await upload('report-of-another-scan-uid', 'a.dcs', 'b.dcs', 'r.dcs');
  const url = `/v1/scans/${scanId}/revisions/latest`;
  const told = async (role: 'auditor' | 'scanner' | 'lane') => {
    const answer = await service.as(role, { url });
    return answer.statusCode === 200 ? Object.keys(answer.json()) : [];
  };
  expect(await told('auditor')).toEqual(expect.arrayContaining(['analyses', 'vendorReports']));
  for (const role of ['scanner', 'lane'] as const) {
    expect(await told(role)).not.toContain('vendorReports');
    expect((await service.as(role, { url: `${url}/findings` })).statusCode).toBe(403);
  }
});
