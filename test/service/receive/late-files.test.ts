import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AcceptedScan } from '../../../src/core/upload.ts';
import { reindex } from '../../../src/maintenance/reindex/reindex.ts';
import { getRevision } from '../../../src/queries/read.ts';
import { loadConverters } from '../../../src/recognise/registry.ts';
import { fixturesOf } from '../../support/contract/converter.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { actor, movableClock, type NamedBytes, send } from '../../support/stage.ts';

const installed = await loadConverters({ enableFake: false });
let clock: ReturnType<typeof movableClock>;
let service: Harness;

beforeEach(async () => {
  clock = movableClock('2026-05-01T08:00:00.000Z');
  service = await openHarness({ deps: { clock } });
});
afterEach(async () => {
  await service.close();
});

function filesOf(converter: string, name: string): readonly NamedBytes[] {
  const found = installed.find(({ manifest }) => manifest.id === converter);
  const fixture = found === undefined ? undefined : fixturesOf(found).find((one) => one.name === name);
  if (fixture === undefined) throw new Error(`no fixture ${name} of ${converter}`);
  return fixture.files;
}

const truck = filesOf('smiths-dataform', 'radiation-utf16');
const lorry = filesOf('nuctech-fs6000', 'two-containers');

function ending(files: readonly NamedBytes[], end: string): NamedBytes {
  const found = files.find(({ name }) => name.endsWith(end));
  if (found === undefined) throw new Error(`no ${end}`);
  return found;
}

async function only(...files: readonly NamedBytes[]): Promise<AcceptedScan> {
  const accepted = await send(service.deps, files);
  expect(accepted).toHaveLength(1);
  await service.work();
  return accepted[0]!;
}

async function recordOf({ scanId }: AcceptedScan) {
  const { revision } = await getRevision(service.deps, actor('supervisor'), scanId, 'latest');
  expect(revision.problem).toBeUndefined();
  return revision.scan!;
}

describe('files that come after the index that names them', () => {
  /** The index, and the files that came with it and after it so far. */
  async function sendWith(...ends: readonly string[]): Promise<AcceptedScan> {
    const form = await only(ending(truck, '.xml'));
    for (const end of ends) await only(ending(truck, end));
    return form;
  }

  it('the index alone is a scan without views', async () => {
    const form = await sendWith();
    expect(form).toMatchObject({ result: 'new-scan', converter: 'smiths-dataform' });
    expect(await recordOf(form)).toMatchObject({ completeness: 'incomplete', views: [] });
  });

  it('a picture joins it, sent under any case of its name, and so does what no converter knows', async () => {
    const form = await sendWith();
    const picture = ending(truck, 'S.jpg');
    clock.advance(30);
    const second = await only({ ...picture, name: picture.name.toUpperCase() });
    expect(second).toMatchObject({ scanId: form.scanId, revision: 2, result: 'new-revision' });
    expect(second.files).toEqual([{ name: picture.name.toUpperCase(), role: 'picture', complete: true }]);
    expect((await recordOf(form)).completeness).toBe('preview-only');
    const third = await only(ending(truck, '.Ntr'), ending(truck, '.Img'));
    expect(third).toMatchObject({ scanId: form.scanId, revision: 3 });
    const { attachments } = await recordOf(form);
    expect(attachments.map(({ kind }) => kind).toSorted()).toEqual(['metadata', 'radiation', 'undecoded']);
  });

  it('the same again changes nothing', async () => {
    const form = await sendWith('S.jpg', '.Ntr');
    expect(await only(ending(truck, '.Ntr'))).toMatchObject({
      scanId: form.scanId,
      revision: 3,
      result: 'already-here',
    });
  });

  it('a rebuilt database still knows what the index named', async () => {
    const form = await sendWith('S.jpg', '.Ntr');
    await reindex(service.deps);
    expect(await only(ending(truck, '.Rad'))).toMatchObject({ scanId: form.scanId, revision: 4 });
  });
});

describe('files that come after a scan of their stem', () => {
  it('a picture joins the scan that takes it as a sidecar', async () => {
    const first = await only(...lorry.filter(({ name }) => !name.endsWith('.jpg')));
    expect(await only(ending(lorry, 's1.jpg'))).toMatchObject({ scanId: first.scanId, revision: 2 });
    expect((await recordOf(first)).attachments.map(({ kind }) => kind)).toContain('picture');
  });

  it('a description joins the picture that it describes', async () => {
    const [tiff, sidecar] = ['.tif', '.json'].map((end) => ending(filesOf('tiff', 'pages'), end));
    const first = await only(tiff!);
    expect((await recordOf(first)).completeness).toBe('incomplete');
    expect(await only(sidecar!)).toMatchObject({ scanId: first.scanId, revision: 2, converter: 'tiff' });
    expect((await recordOf(first)).completeness).toBe('no-material');
  });
});

describe('a file that no stored scan wants', () => {
  it('is refused where no converter knows it, and a scan of its own where a fallback does', async () => {
    const stray = { name: 'stray.Img', bytes: ending(truck, '.Img').bytes };
    await expect(send(service.deps, [stray])).rejects.toMatchObject({ code: 'NII_UNKNOWN_FORMAT' });
    const picture = { name: 'stray.jpg', bytes: ending(truck, '_stamp.jpg').bytes };
    expect(await only(picture)).toMatchObject({ result: 'new-scan', converter: 'jpeg' });
  });

  it('is not given to a scan that came too long ago', async () => {
    clock.advance(service.deps.limits.lateFileSeconds + 60);
    expect(await only(ending(truck, '_stamp.jpg'))).toMatchObject({ converter: 'jpeg' });
  });
});
