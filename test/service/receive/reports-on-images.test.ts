import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reindex } from '../../../src/maintenance/reindex/reindex.ts';
import { getRevision } from '../../../src/queries/read.ts';
import { drainJobs } from '../../../src/steps/worker.ts';
import type { Service } from '../../../src/wiring.ts';
import { imageFile, reportFile } from '../../support/inputs/dicom-files.ts';
import { actor, type NamedBytes, send } from '../../support/stage.ts';
import { openWorld, type World } from '../../support/world.ts';

let world: World;
let service: Service;

beforeAll(async () => {
  world = await openWorld();
  service = await world.open();
});
afterAll(async () => {
  await service.close();
  await world.close();
});

async function restart(): Promise<void> {
  await service.close();
  service = await world.open();
}

interface Visit {
  readonly a: NamedBytes;
  readonly b: NamedBytes;
  readonly report: NamedBytes;
}

let visits = 0;

/** Two images, each of a scan UID of its own, and a report on both that has a third. */
function visit(): Visit {
  visits += 1;
  const root = `1.2.826.0.1.${visits}`;
  const image = (part: number) => ({ study: `${root}.${part}`, instance: `${root}.${part}.1` });
  const on = [image(1).instance, image(2).instance];
  return {
    a: { name: 'a.dcs', bytes: imageFile({ ...image(1), value: 1000 + visits }) },
    b: { name: 'b.dcs', bytes: imageFile({ ...image(2), value: 2000 + visits }) },
    report: { name: 'r.dcs', bytes: reportFile({ study: `${root}.3`, instance: `${root}.3.1`, on }) },
  };
}

async function work(): Promise<void> {
  while ((await drainJobs(service.deps, 'test')) > 0);
}

async function newest(scanId: string) {
  const { revision } = await getRevision(service.deps, actor('auditor'), scanId, 'latest');
  return revision;
}

async function scanOf(file: NamedBytes): Promise<string> {
  const [accepted] = await send(service.deps, [file]);
  return accepted!.scanId;
}

/** Each image is a scan, with the report once, and no supervisor is told to wait for an image. */
async function expectReportOnBoth({ a, b }: Visit): Promise<void> {
  const scans = [await scanOf(a), await scanOf(b)];
  expect(new Set(scans).size).toBe(2);
  for (const scan of scans) {
    const { scan: record, originals } = await newest(scan);
    expect(originals.map(({ name }) => name).toSorted()).toContain('r.dcs');
    expect(originals).toHaveLength(2);
    expect(record?.views).toHaveLength(1);
    expect(record?.reports).toMatchObject([{ decision: 'ALARM', source: 'r.dcs' }]);
  }
  const waiting = await service.deps.records.transaction((tx) =>
    tx.notAnalysed({ administration: 'utopia', site: '*' }, 100),
  );
  expect(waiting.rows).toEqual([]);
}

const orders: readonly (readonly (keyof Visit)[])[] = [
  ['report', 'a', 'b'],
  ['a', 'report', 'b'],
  ['a', 'b', 'report'],
];

describe('a report that names the images of two scans', () => {
  it.each(orders)('is on both where the service starts anew between %s, %s and %s', async (...order) => {
    const files = visit();
    for (const part of order) {
      await send(service.deps, [files[part]]);
      await restart();
    }
    await work();
    await expectReportOnBoth(files);
  });

  it('is on both where all three are one upload, and nothing is a scan of the report alone', async () => {
    const files = visit();
    const accepted = await send(service.deps, [files.report, files.a, files.b]);
    expect(accepted.map(({ files: of }) => of.map(({ name }) => name))).toEqual([
      ['a.dcs', 'r.dcs'],
      ['b.dcs', 'r.dcs'],
    ]);
    await work();
    await expectReportOnBoth(files);
  });

  it('is on both where it comes with one image, and the other is stored', async () => {
    const files = visit();
    await send(service.deps, [files.a]);
    await send(service.deps, [files.b, files.report]);
    await work();
    await expectReportOnBoth(files);
  });

  it('is found by an image that comes after the database was built anew', async () => {
    const files = visit();
    await send(service.deps, [files.report]);
    await work();
    await reindex(service.deps);
    await send(service.deps, [files.a]);
    await send(service.deps, [files.b]);
    await work();
    await expectReportOnBoth(files);
  });

  it.each(orders)(
    'is on both after %s, %s and %s, and sending them again changes nothing',
    async (...order) => {
      const files = visit();
      for (const part of order) {
        await send(service.deps, [files[part]]);
        await work();
      }
      for (const part of [...order, ...order.toReversed()]) {
        const again = await send(service.deps, [files[part]]);
        expect(again.map(({ result }) => result)).toEqual(again.map(() => 'already-here'));
      }
      expect(await drainJobs(service.deps, 'test')).toBe(0);
      await expectReportOnBoth(files);
    },
  );
});
