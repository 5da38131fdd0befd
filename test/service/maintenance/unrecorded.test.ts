import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keys } from '../../../src/core/keys.ts';
import type { ListedObject } from '../../../src/core/ports/objects.ts';
import { objectRows } from '../../../src/maintenance/object-rows.ts';
import { reindex } from '../../../src/maintenance/reindex/reindex.ts';
import { planSweep, removePlanned } from '../../../src/maintenance/sweep.ts';
import { isRoot } from '../../../src/maintenance/unrecorded.ts';
import { verifyAll } from '../../../src/maintenance/verify.ts';
import { type Harness, openHarness } from '../../support/harness.ts';

const later = new Date(Date.now() + 3_600_000);
let service: Harness;

beforeEach(async () => {
  service = await openHarness();
});
afterEach(async () => {
  await service.close();
});

async function rows(): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { key } of objectRows(service.deps.records)) found.push(key);
  return found;
}

/** The stores as they are when the rows of these objects were never written. */
function withoutRows(isLost: (key: string) => boolean): Harness['deps'] {
  const { records } = service.deps;
  const transaction: typeof records.transaction = (work) =>
    records.transaction((tx) =>
      work({
        ...tx,
        object: async (key) => (isLost(key) ? undefined : tx.object(key)),
        allObjects: async (after, limit) =>
          (await tx.allObjects(after, limit)).filter(({ key }) => !isLost(key)),
      }),
    );
  return { ...service.deps, records: { ...records, transaction } };
}

async function put(key: string, text = '{}'): Promise<void> {
  await service.deps.objects.put(key, Buffer.from(text), 'application/json');
}

describe('a database without some rows', () => {
  test('without any row: every root is unknown, everything else is kept, and a reindex brings all back', async () => {
    await service.sendFake({ seed: 1, containers: 'MSKU1234565' });
    await put('scans/stray');
    const before = await rows();
    await service.deps.records.clear();
    const { unknown, kept, unnamed } = await verifyAll(service.deps);
    expect(new Set([...unknown, ...kept])).toEqual(new Set(before));
    expect(unknown).toEqual(expect.arrayContaining([expect.stringMatching(/received\.json$/)]));
    expect(unnamed).toEqual(['scans/stray']);
    const plan = await planSweep(service.deps, later);
    expect(plan).toEqual({ unknown, removable: [], young: 0 });
    expect((await reindex(service.deps)).damaged).toEqual([]);
    await service.work();
    expect(new Set(await rows())).toEqual(new Set(before));
    expect(await planSweep(service.deps, later)).toMatchObject({
      unknown: [],
      removable: [{ key: 'scans/stray' }],
    });
  });

  test('any one row lost: the object is unknown if it is a root, and kept if it is not', async () => {
    await service.sendFake({ seed: 1, containers: 'MSKU1234565' });
    for (const key of await rows()) {
      const deps = withoutRows((lost) => lost === key);
      const { unknown, kept, unnamed } = await verifyAll(deps);
      expect({ unknown, kept, unnamed }).toEqual(
        isRoot(key) ? { unknown: [key], kept: [], unnamed: [] } : { unknown: [], kept: [key], unnamed: [] },
      );
      const plan = { removable: [{ key, bytes: 0, writtenAt: new Date(0) }] };
      expect(await removePlanned(deps, plan)).toEqual([]);
    }
  });

  test('a manifest that cannot be read may name anything of its scan', async () => {
    const id = await service.sendFake({ seed: 1, containers: 'MSKU1234565' });
    const other = await service.sendFake({ seed: 2, containers: 'CSQU3054383' });
    const manifest = keys.converted(id, 1);
    await writeFile(join(service.objectsDir, manifest), '{');
    await put(`scans/${id}/r1/stray`);
    await put(`scans/${other}/r1/stray`);
    const deps = withoutRows((key) => key === manifest);
    const { kept, unnamed } = await verifyAll(deps);
    expect(kept).toEqual([manifest, `scans/${id}/r1/stray`]);
    expect(unnamed).toEqual([`scans/${other}/r1/stray`]);
  });
});

test('a photograph is named by its document, a signature by its place', async () => {
  await put('photographs/utopia/harbour/c1/p1/original');
  await put('photographs/utopia/harbour/c1/p2/original');
  await put('photographs/utopia/harbour/c1/p2/000001.json');
  await put('sites/utopia/harbour/000001.jws');
  const { unknown, kept, unnamed } = await verifyAll(service.deps);
  expect(unknown).toEqual(['photographs/utopia/harbour/c1/p2/000001.json']);
  expect(kept).toEqual(['photographs/utopia/harbour/c1/p2/original', 'sites/utopia/harbour/000001.jws']);
  expect(unnamed).toEqual(['photographs/utopia/harbour/c1/p1/original']);
});

test('what is young, and what has no age, is spared', async () => {
  await put('scans/dated');
  await put('scans/undated');
  const { objects } = service.deps;
  const deps = {
    ...service.deps,
    objects: {
      ...objects,
      async *list(prefix: string): AsyncGenerator<ListedObject> {
        for await (const { writtenAt, ...found } of objects.list(prefix))
          yield found.key === 'scans/undated' || writtenAt === undefined ? found : { ...found, writtenAt };
      },
    },
  };
  const keysBefore = async (time: Date) => {
    const { removable, young } = await planSweep(deps, time);
    return [removable.map(({ key }) => key), young];
  };
  expect(await keysBefore(later)).toEqual([['scans/dated'], 1]);
  expect(await keysBefore(new Date(Date.now() - 3_600_000))).toEqual([[], 2]);
});
