import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../support/eventually.ts';
import { type Harness, openHarness } from '../../../support/harness.ts';

let service: Harness;
beforeAll(async () => {
  service = await openHarness();
});
afterAll(() => service.close());

const SIDES = { rows: 20, columns: 24 };

/** Sizes of the files of samples that are ready on this machine. */
function ready(): readonly number[] {
  const folders = readdirSync(service.stagingDir).filter((name) => name.startsWith('samples-'));
  return folders.flatMap((folder) =>
    readdirSync(join(service.stagingDir, folder)).map(
      (name) => statSync(join(service.stagingDir, folder, name)).size,
    ),
  );
}

async function deal(headers: Record<string, string>): Promise<void> {
  const answer = await service.as('analyst', { method: 'POST', url: '/v1/cases/next', payload: {}, headers });
  expect(answer.statusCode, answer.body).toBe(200);
}

test('the samples of a case that the page deals are made ready, of which the audit says nothing', async () => {
  for (const seed of [1, 2]) await service.sendFake({ seed, ...SIDES });
  await deal({});
  expect(ready()).toEqual([]);
  await deal({ 'nii-page': '1' });
  const bytes = 2 * SIDES.rows * SIDES.columns;
  await eventually(
    'both energies are ready',
    30,
    () => ready().filter((size) => size === bytes).length === 2,
  );
  const { items } = (await service.as('auditor', { url: '/v1/audit?limit=200' })).json();
  const actions: readonly string[] = items.map(({ action }: { readonly action: string }) => action);
  expect(actions.length).toBeGreaterThan(2);
  expect(actions.filter((action) => /revision|samples/.test(action))).toEqual([]);
});
