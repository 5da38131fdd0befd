import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AcceptedScan } from '../../../src/core/upload.ts';
import { reconvert } from '../../../src/maintenance/reconvert.ts';
import { getRevision } from '../../../src/queries/read.ts';
import type { ConverterPackage } from '../../../src/recognise/registry.ts';
import type { Parts } from '../../../src/wiring.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { actor, type NamedBytes, send } from '../../support/stage.ts';

let service: Harness;

beforeAll(async () => {
  service = await openHarness();
});
afterAll(() => service.close());

function fixture(name: string, ...files: readonly string[]): readonly NamedBytes[] {
  const folder = new URL(`../../../converters/dicom/fixtures/${name}/`, import.meta.url);
  return files.map((file) => ({ name: file, bytes: new Uint8Array(readFileSync(new URL(file, folder))) }));
}

async function only(files: readonly NamedBytes[], deps: Parts = service.deps): Promise<AcceptedScan> {
  const [accepted, ...more] = await send(deps, files);
  if (accepted === undefined || more.length > 0) throw new Error('not one scan');
  await service.work();
  return accepted;
}

async function newest(scanId: string) {
  const { revision } = await getRevision(service.deps, actor('auditor'), scanId, 'latest');
  if (revision.scan === undefined) throw new Error(JSON.stringify(revision.problem));
  return { ...revision, scan: revision.scan };
}

it('a report that comes alone is no case and is listed, and its images make the next revision, which is', async () => {
  const [a, b, report] = fixture('two-energies-and-report', 'a.dcs', 'b.dcs', 'c.dcs');
  const first = await only([report!]);
  const alone = await newest(first.scanId);
  expect(alone).toMatchObject({ state: 'analysed', scan: { completeness: 'incomplete', views: [] } });
  const cases = () => service.deps.records.transaction((tx) => tx.casesOfScan(first.scanId));
  expect(await cases()).toEqual([]);
  const listed = async () => (await service.as('supervisor', { url: '/v1/not-analysed' })).json().items;
  expect(await listed()).toMatchObject([{ scanId: first.scanId, reason: 'report-alone', awaitsImage: true }]);
  const second = await only([a!, b!]);
  expect(second).toMatchObject({ scanId: first.scanId, revision: 2, result: 'new-revision' });
  const whole = await newest(first.scanId);
  expect(whole.scan).toMatchObject({ completeness: 'no-material', reports: [{ decision: 'ALARM' }] });
  expect(await cases()).toMatchObject([{ state: 'queued', verdicts: [] }]);
  expect(await listed()).toEqual([]);
});

it('a late report joins the stored scan whose images it refers to, with the bytes that came, and decides nothing', async () => {
  const [a, b, report] = fixture('report-of-another-scan-uid', 'a.dcs', 'b.dcs', 'r.dcs');
  const images = await only([a!, b!]);
  const { scanId, revision, result } = await only([report!]);
  expect({ scanId, revision, result }).toEqual({
    scanId: images.scanId,
    revision: 2,
    result: 'new-revision',
  });
  const list = `/v1/scans/${scanId}/revisions/${revision}/tdr`;
  const { items } = (await service.as('auditor', { url: list })).json();
  const names = items.map(({ name }: { name: string }) => name);
  expect(names).toContain('imported-1.dcs');
  const answer = await service.as('auditor', { url: `${list}/imported-1.dcs` });
  expect(Buffer.compare(answer.rawPayload, report!.bytes)).toBe(0);
  const cases = await service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
  expect(cases.map(({ verdicts }) => verdicts)).toEqual([[]]);
  const shown = (await service.as('supervisor', { url: list })).json().items;
  expect(shown.map(({ name }: { name: string }) => name)).toEqual(names);
  expect((await service.as('supervisor', { url: `${list}/imported-1.dcs` })).statusCode).toBe(200);
  const search = { url: '/dicomweb/instances?Modality=TDR' };
  const [supervisor, auditor] = [await service.as('supervisor', search), await service.as('auditor', search)];
  expect(supervisor.json()).toHaveLength(auditor.json().length);
  expect(service.wrongAnswers).toEqual([]);
});

it('a scan that was stored under the former id of the converter takes late files and is converted again', async () => {
  const formerId = ({ manifest, ...rest }: ConverterPackage): ConverterPackage =>
    manifest.id === 'dicom' ? { ...rest, manifest: { ...manifest, id: 'dicos' } } : { manifest, ...rest };
  const former = { ...service.deps, converters: service.deps.converters.map(formerId) };
  const [a, b] = fixture('big-endian', 'a.dcs', 'b.dcs');
  const first = await only([a!], former);
  expect(first.converter).toBe('dicos');
  expect((await newest(first.scanId)).scan.converter.id).toBe('dicom');
  const second = await only([b!]);
  expect(second).toMatchObject({ scanId: first.scanId, revision: 2, converter: 'dicom' });
  const again = await reconvert(service.deps, { actor: actor('administrator') }, first.scanId);
  expect(again).toMatchObject({ revision: 3 });
  await service.work();
  expect((await newest(first.scanId)).scan.completeness).toBe('no-material');
});
