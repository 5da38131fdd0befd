import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileBody } from '../../../src/core/ports/objects.ts';
import { getRevision } from '../../../src/queries/read.ts';
import { zipOf } from '../../../src/tools/zip.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { imageFile, reportFile } from '../../support/inputs/dicom-files.ts';
import { actor, type NamedBytes, send } from '../../support/stage.ts';

let service: Harness;
beforeAll(async () => {
  service = await openHarness();
});
afterAll(() => service.close());

let scans = 0;

/** An image of a scan of its own, or of the one before. */
function image(name: string, { isOfSame = false, value = 1000 } = {}): NamedBytes {
  if (!isOfSame) scans += 1;
  const study = `1.2.826.0.2.${scans}`;
  return { name, bytes: imageFile({ study, instance: `${study}.${name.length}`, value: value + scans }) };
}

const note = { name: 'folder/note.bin', bytes: Buffer.from('what is this?') };

async function sendZip(files: readonly NamedBytes[], change = (zip: Uint8Array) => zip) {
  return send(service.deps, [{ name: 'all.zip', bytes: change(zipOf(files, 0)) }]);
}

async function newest(scanId: string) {
  await service.work();
  const { revision } = await getRevision(service.deps, actor('auditor'), scanId, 'latest');
  return revision;
}

function cut({ name, bytes }: NamedBytes): NamedBytes {
  return { name, bytes: bytes.subarray(0, bytes.length - 9) };
}

describe('a damaged file of a scan', () => {
  it('fails alone, is named with the reason, and is kept', async () => {
    const [good, bad] = [image('good.dcs'), cut(image('damaged.dcs', { isOfSame: true }))];
    const accepted = await send(service.deps, [good, bad]);
    expect(accepted).toHaveLength(1);
    const { scan, originals } = await newest(accepted[0]!.scanId);
    expect(scan?.views.flatMap(({ channels }) => channels)).toHaveLength(1);
    expect(scan?.completeness).toBe('incomplete');
    expect(scan?.warnings).toContainEqual(
      expect.objectContaining({ code: 'NII_W_FILE_DAMAGED', field: 'damaged.dcs', value: 'NII_TRUNCATED' }),
    );
    expect(scan?.attachments).toMatchObject([{ name: 'damaged.dcs', kind: 'undecoded' }]);
    const kept = originals.find(({ name }) => name === 'damaged.dcs');
    expect(Buffer.compare(await service.deps.objects.get(kept!.key), bad.bytes)).toBe(0);
  });

  it('fails the scan where no image of it can be read, whatever report came with it', async () => {
    const bad = cut(image('damaged.dcs'));
    const study = `1.2.826.0.2.${scans}`;
    const report = reportFile({ study, instance: `${study}.99`, on: [`${study}.11`] });
    const [accepted] = await send(service.deps, [bad, { name: 'r.dcs', bytes: report }]);
    expect(await newest(accepted!.scanId)).toMatchObject({
      state: 'failed',
      problem: { code: 'NII_TRUNCATED', detail: expect.stringContaining('damaged.dcs') },
    });
  });

  it('of which the bytes in a ZIP do not have their checksum is not read, and the others are', async () => {
    const [good, bad] = [image('good.dcs'), image('damaged.dcs', { isOfSame: true, value: 3000 })];
    const changed = (zip: Uint8Array) => {
      const at = Buffer.from(zip).indexOf(Buffer.from(bad.bytes.subarray(-32))) + 4;
      return zip.map((byte, i) => (i === at ? byte ^ 1 : byte));
    };
    const accepted = await sendZip([good, bad], changed);
    expect(accepted).toMatchObject([
      { files: [{ name: 'good.dcs' }, { name: 'damaged.dcs', role: 'damaged' }] },
    ]);
    const { scan, originals } = await newest(accepted[0]!.scanId);
    expect(scan?.views.flatMap(({ channels }) => channels)).toHaveLength(1);
    expect(scan?.warnings).toContainEqual(
      expect.objectContaining({ code: 'NII_W_FILE_DAMAGED', field: 'damaged.dcs' }),
    );
    expect(originals).toHaveLength(2);
    await expect(sendZip([bad], changed)).rejects.toMatchObject({
      code: 'NII_MALFORMED',
      message: expect.stringContaining('damaged.dcs'),
    });
  });
});

describe('two files of one SOP instance', () => {
  it('with different content are both kept and read, and told; with the same they are one', async () => {
    const a = image('a.dcs');
    const files = [a, { ...image('a.dcs', { isOfSame: true, value: 3000 }), name: 'b.dcs' }];
    const [accepted] = await send(service.deps, [...files, { ...a, name: 'again.dcs' }]);
    expect(accepted?.files.map(({ name }) => name)).toEqual(['a.dcs', 'b.dcs']);
    const { scan } = await newest(accepted!.scanId);
    expect(scan?.views.flatMap(({ channels }) => channels)).toHaveLength(2);
    const told = scan?.warnings.filter(({ code }) => code === 'NII_W_INSTANCE_REPEATED');
    expect(told).toMatchObject([{ message: expect.stringContaining('.dcs has this UID, too') }]);
  });
});

describe('other bytes under the SOP instance UID of a stored file', () => {
  it('join its scan as a new revision, in which both are kept, read and told', async () => {
    const a = image('a.dcs');
    const b = { ...image('a.dcs', { isOfSame: true, value: 3000 }), name: 'b.dcs' };
    const [first] = await send(service.deps, [a]);
    await service.work();
    const [later] = await send(service.deps, [b]);
    expect(later).toMatchObject({ scanId: first!.scanId, revision: 2, result: 'new-revision' });
    const { scan, originals } = await newest(first!.scanId);
    expect(originals.map(({ name }) => name)).toEqual(['a.dcs', 'b.dcs']);
    expect(scan?.views.flatMap(({ channels }) => channels)).toHaveLength(2);
    const told = scan?.warnings.filter(({ code }) => code === 'NII_W_INSTANCE_REPEATED');
    expect(told).toMatchObject([
      { value: `1.2.826.0.2.${scans}.5`, message: expect.stringContaining('.dcs') },
    ]);
    for (const again of [[a], [b], [b, a]])
      expect(await send(service.deps, again)).toMatchObject([
        { scanId: first!.scanId, result: 'already-here' },
      ]);
  });

  it('stay there when a third file joins', async () => {
    const files = [1000, 2000, 3000].map((value, i) => ({
      ...image('a.dcs', { isOfSame: i > 0, value }),
      name: `${i}.dcs`,
    }));
    const [first] = await send(service.deps, files.slice(0, 2));
    await send(service.deps, files.slice(2));
    const { originals } = await newest(first!.scanId);
    expect(originals.map(({ name }) => name)).toEqual(files.map(({ name }) => name));
  });

  it('are another scan where another sender sends them: nobody adds to what others say', async () => {
    const a = image('a.dcs');
    const [first] = await send(service.deps, [a]);
    const b = { ...image('a.dcs', { isOfSame: true, value: 3000 }), name: 'b.dcs' };
    const [other] = await send(service.deps, [b], {}, actor('scanner', 'another'));
    expect(other).toMatchObject({ result: 'new-scan' });
    expect(other!.scanId).not.toBe(first!.scanId);
  });
});

describe('a file of a ZIP that no converter knows', () => {
  it('is named in a warning of a scan of the ZIP, and kept with it as it came', async () => {
    const files = [
      image('a.dcs'),
      image('folder/b.dcs'),
      note,
      { name: 'x.bin', bytes: Buffer.from('and this?') },
    ];
    const accepted = await sendZip(files);
    expect(accepted.map(({ files: of }) => of.map(({ name, role }) => [name, role === 'unknown']))).toEqual([
      [
        ['a.dcs', false],
        ['x.bin', true],
      ],
      [
        ['folder/b.dcs', false],
        ['folder/note.bin', true],
      ],
    ]);
    const { scan, originals } = await newest(accepted[1]!.scanId);
    expect(scan?.views).toHaveLength(1);
    expect(scan?.warnings).toContainEqual(
      expect.objectContaining({ code: 'NII_W_FILE_UNKNOWN', field: note.name }),
    );
    const kept = originals.find(({ name }) => name === note.name);
    expect(Buffer.compare(await service.deps.objects.get(kept!.key), note.bytes)).toBe(0);
    expect(await sendZip(files)).toMatchObject([{ result: 'already-here' }, { result: 'already-here' }]);
  });

  it('is rejected with all others where nothing of the ZIP is known, or where it came beside the ZIP', async () => {
    const rejected = { code: 'NII_UNKNOWN_FORMAT', field: note.name };
    await expect(sendZip([note])).rejects.toMatchObject(rejected);
    const zip = { name: 'all.zip', bytes: zipOf([image('a.dcs')], 0) };
    await expect(send(service.deps, [zip, { ...note, name: 'n.bin' }])).rejects.toMatchObject({
      code: 'NII_UNKNOWN_FORMAT',
      field: 'n.bin',
    });
  });
});

describe('a file that is stored', () => {
  /** What the store was told of each original that it got. */
  async function told(files: readonly NamedBytes[]) {
    const { objects } = service.deps;
    const bodies: (Uint8Array | FileBody)[] = [];
    const put: typeof objects.put = (key, body, type) => {
      if (key.includes('/originals/')) bodies.push(body);
      return objects.put(key, body, type);
    };
    await send({ ...service.deps, objects: { ...objects, put } }, files);
    return bodies.map((body) => !(body instanceof Uint8Array) && body.isGiven === true);
  }

  it('becomes the object itself if this process wrote it, and is copied if one that unpacks archives did', async () => {
    expect(await told([image('plain.dcs')])).toEqual([true]);
    expect(await told([{ name: 'all.zip', bytes: zipOf([image('packed.dcs')], 0) }])).toEqual([false]);
  });
});
