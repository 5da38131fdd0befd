import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeNpy } from '../../../src/codec/npy.ts';
import { getRevision } from '../../../src/queries/read.ts';
import { loadConverters } from '../../../src/recognise/registry.ts';
import { fixturesOf } from '../../support/contract/converter.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { actor, type NamedBytes, promisedRecords, send } from '../../support/stage.ts';

const installed = await loadConverters({ enableFake: false });
let service: Harness;

beforeAll(async () => {
  service = await openHarness();
});
afterAll(() => service.close());

const lorry = fixturesOf(installed.find(({ manifest }) => manifest.id === 'nuctech-fs6000')!).find(
  ({ name }) => name === 'two-containers',
)!.files;

/** A file of the lorry under another stem, with another last byte where it is of another scan. */
function lorryFile(stem: string, part: string, change = 0): NamedBytes {
  const found = lorry.find(({ name }) => name.toLowerCase() === `s1${part}`);
  if (found === undefined) throw new Error(`no ${part} in ${lorry.map(({ name }) => name)}`);
  const bytes = Uint8Array.from(found.bytes);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ change;
  return { name: `${stem}${part}`, bytes };
}

async function newest(scanId: string) {
  const { revision } = await getRevision(service.deps, actor('auditor'), scanId, 'latest');
  return revision;
}

describe('scans of one name', () => {
  it('of two scanners stay apart, whatever comes when', async () => {
    const east = { scanner: 'east' };
    const west = { scanner: 'west' };
    const [a] = await send(service.deps, [lorryFile('x7', 'high.img')], east);
    const [b] = await send(service.deps, [lorryFile('x7', 'low.img')], west);
    expect(b).toMatchObject({ result: 'new-scan' });
    const [late] = await send(service.deps, [lorryFile('x7', 'low.img', 1)], east);
    expect(late).toMatchObject({ scanId: a?.scanId, result: 'new-revision', revision: 2 });
    const [picture] = await send(service.deps, [lorryFile('x7', '.jpg')], east);
    expect(picture).toMatchObject({ scanId: a?.scanId, revision: 3 });
    expect((await newest(b!.scanId)).originals).toHaveLength(1);
  });

  it('of one scanner stay apart where the second was cut short, and a cut copy of the first changes nothing', async () => {
    const array = (fill: number) => writeNpy('<u2', [16, 16], new Uint8Array(512).fill(fill));
    const sent = async (bytes: Uint8Array) => (await send(service.deps, [{ name: 'n1.npy', bytes }]))[0]!;
    const first = await sent(array(1));
    expect(await sent(array(1).subarray(0, 400))).toMatchObject({
      scanId: first.scanId,
      result: 'already-here',
    });
    const cut = array(2).subarray(0, 400);
    const second = await sent(cut);
    expect(second).toMatchObject({ result: 'new-scan' });
    expect(second.scanId).not.toBe(first.scanId);
    const [kept] = (await newest(second.scanId)).originals;
    expect(Uint8Array.from(await service.deps.objects.get(kept!.key))).toEqual(Uint8Array.from(cut));
  });
});

describe('files of one name in one scan', () => {
  const file = (path: string) =>
    new Uint8Array(readFileSync(new URL(`../../../converters/dicom/fixtures/${path}`, import.meta.url)));

  it('are told apart in the record, with the bytes of each', async () => {
    const folder = 'two-energies-and-report';
    const files = ['a.dcs', 'b.dcs', 'c.dcs'].map((name) => ({
      name: 'image.dcm',
      bytes: file(`${folder}/${name}`),
    }));
    const [accepted] = await send(service.deps, files);
    await service.work();
    const { scan, originals } = await newest(accepted!.scanId);
    expect(originals.map(({ name }) => name)).toEqual(['image.dcm', 'image (2).dcm', 'image (3).dcm']);
    expect(new Set(Object.keys(scan?.vendor ?? {}))).toEqual(new Set(originals.map(({ name }) => name)));
    const [report] = scan?.attachments.filter(({ kind }) => kind === 'report') ?? [];
    expect(originals.find(({ name }) => name === report?.name)?.sha256).toBe(originals[2]?.sha256);
    expect(report?.sha256).toBe(originals[2]?.sha256);
    const imported = await service.deps.objects.get(`scans/${accepted!.scanId}/r1/tdr/imported-1.dcs`);
    expect(Uint8Array.from(imported)).toEqual(files[2]?.bytes);
    const before = await promisedRecords(service);
    expect((await send(service.deps, files))[0]).toMatchObject({ result: 'already-here' });
    await service.work();
    expect(await promisedRecords(service)).toEqual(before);
  });
});
