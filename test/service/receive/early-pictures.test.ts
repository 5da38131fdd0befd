import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AcceptedScan } from '../../../src/core/upload.ts';
import { reindex } from '../../../src/maintenance/reindex/reindex.ts';
import { getRevision } from '../../../src/queries/read.ts';
import { loadConverters } from '../../../src/recognise/registry.ts';
import { fixturesOf } from '../../support/contract/converter.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { actor, movableClock, type NamedBytes, promisedRecords, send } from '../../support/stage.ts';

const installed = await loadConverters({ enableFake: false });
let clock: ReturnType<typeof movableClock>;
let service: Harness;

beforeEach(async () => {
  clock = movableClock('2026-05-01T08:00:00.000Z');
  service = await openHarness({ deps: { clock } });
});
afterEach(() => service.close());

function filesOf(converter: string, name: string): readonly NamedBytes[] {
  const found = installed.find(({ manifest }) => manifest.id === converter);
  const fixture = found === undefined ? undefined : fixturesOf(found).find((one) => one.name === name);
  if (fixture === undefined) throw new Error(`no fixture ${name} of ${converter}`);
  return fixture.files;
}

function ending(files: readonly NamedBytes[], end: string): NamedBytes {
  const found = files.find(({ name }) => name.endsWith(end));
  if (found === undefined) throw new Error(`no ${end} in ${files.map(({ name }) => name)}`);
  return found;
}

/** Sends each file alone, works, and goes on half a minute later. */
async function sendEach(files: readonly NamedBytes[]): Promise<readonly AcceptedScan[]> {
  const accepted: AcceptedScan[] = [];
  for (const file of files) {
    accepted.push(...(await send(service.deps, [file])));
    await service.work();
    clock.advance(30);
  }
  return accepted;
}

async function newest(scanId: string) {
  const { revision } = await getRevision(service.deps, actor('supervisor'), scanId, 'latest');
  expect(revision.problem).toBeUndefined();
  return revision;
}

const truck = filesOf('smiths-dataform', 'radiation-utf16');
const lorry = filesOf('nuctech-fs6000', 'two-containers');
const manifest = filesOf('rapiscan-p60', 'two-pictures');

describe('a picture that comes before its index file', () => {
  it('is a revision of the same scan once that comes, whoever made it', async () => {
    const formats: readonly (readonly [string, readonly NamedBytes[]])[] = [
      ['smiths-dataform', [ending(truck, 'S.jpg'), ending(truck, '.xml')]],
      ['rapiscan-p60', [ending(manifest, 'b-xray.jpg'), ending(manifest, '.xml')]],
      ['nuctech-fs6000', [ending(lorry, 's1.jpg'), ...lorry.filter(({ name }) => !name.endsWith('.jpg'))]],
    ];
    for (const [converter, files] of formats) {
      const [first, ...later] = await sendEach(files);
      expect(first).toMatchObject({ result: 'new-scan', converter: 'jpeg' });
      expect(new Set(later.map(({ scanId }) => scanId))).toEqual(new Set([first!.scanId]));
      const { scan, originals, converter: by } = await newest(first!.scanId);
      expect(by.id).toBe(converter);
      expect(scan?.converter.id).toBe(converter);
      expect(originals).toHaveLength(files.length);
      expect(originals.find(({ name }) => name === files[0]!.name)?.role).toBe('picture');
    }
    const { whole } = await promisedRecords(service);
    expect(whole).toHaveLength(formats.length);
    expect(new Set(whole.map(({ scan }) => scan.converter))).toEqual(new Set(formats.map(([id]) => id)));
  });

  it('is there once however it is sent again, and is found by later files in a database that was built anew', async () => {
    const files = [ending(truck, 'S.jpg'), ending(truck, '.xml')];
    const [picture] = await sendEach(files);
    for (const again of [...files.map((file) => [file]), files, files.toReversed()])
      expect(await send(service.deps, again)).toMatchObject([
        { scanId: picture!.scanId, result: 'already-here' },
      ]);
    const before = await promisedRecords(service);
    await reindex(service.deps);
    const after = await promisedRecords(service);
    expect(after.whole.map(({ scan }) => scan)).toEqual(before.whole.map(({ scan }) => scan));
    const [late] = await sendEach([ending(truck, '.Ntr')]);
    expect(late).toMatchObject({ scanId: picture!.scanId, revision: 3, converter: 'smiths-dataform' });
  });

  it('comes with another picture: the first to come becomes the scan, and the other one is in it, too', async () => {
    const files = ['S.jpg', '_stamp.jpg', '.xml'].map((end) => ending(truck, end));
    const [first, second, form] = await sendEach(files);
    expect(form).toMatchObject({ scanId: first!.scanId, revision: 2 });
    const { originals } = await newest(first!.scanId);
    expect(originals).toHaveLength(files.length);
    expect(new Set(originals.map(({ name }) => name))).toEqual(new Set(files.map(({ name }) => name)));
    const stamp = originals.find(({ name }) => name.endsWith('_stamp.jpg'));
    expect(
      Buffer.compare(await service.deps.objects.get(stamp!.key), ending(truck, '_stamp.jpg').bytes),
    ).toBe(0);
    expect((await newest(second!.scanId)).converter.id).toBe('jpeg');
  });
});

describe('a picture that came before and is of another scan', () => {
  it('stays so where it came too long ago, was sent as of another scanner, or has another name', async () => {
    const picture = ending(truck, 'S.jpg');
    await send(service.deps, [{ ...picture, name: 'other.jpg' }], { scanner: 'east' });
    await send(service.deps, [picture], { scanner: 'west' });
    clock.advance(service.deps.limits.lateFileSeconds + 60);
    await send(service.deps, [{ ...picture, bytes: ending(truck, '_stamp.jpg').bytes }], { scanner: 'west' });
    const [form] = await send(service.deps, [ending(truck, '.xml')], { scanner: 'east' });
    expect(form).toMatchObject({ result: 'new-scan', converter: 'smiths-dataform' });
    await service.work();
    expect((await newest(form!.scanId)).originals).toHaveLength(1);
  });
});
