import { createHash } from 'node:crypto';
import { planSweep, removePlanned } from '../../src/maintenance/sweep.ts';
import { verifyAll } from '../../src/maintenance/verify.ts';
import type { Service } from '../../src/wiring.ts';
import { ask, NEIGHBOUR } from './ask.ts';
import type { Acknowledged, HonestKeys } from './honest-senders.ts';

/** What is not so of a scan that was acknowledged: it is there once, analysed, and holds what was sent. */
export async function faultsOfScan(
  url: URL,
  { scanId, key, sha256 }: Acknowledged,
): Promise<readonly string[]> {
  const get = async (path: string) => ask(url, { path, key: key.supervisor, from: NEIGHBOUR });
  const record = await get(`/v1/scans/${scanId}`);
  if (record.status !== 200) return [`lost: ${scanId} is answered ${record.word}`];
  const { state, revisions } = JSON.parse(record.body.toString()) as {
    state: string;
    revisions: readonly unknown[];
  };
  const listed = await get(`/v1/scans/${scanId}/revisions/1/originals`);
  const { items } = JSON.parse(listed.body.toString()) as { items: readonly { sha256: string }[] };
  const kept = await Promise.all(
    items.map(async (item) => {
      const { body } = await get(`/v1/scans/${scanId}/revisions/1/originals/${item.sha256}`);
      return createHash('sha256').update(body).digest('hex');
    }),
  );
  const isSame = kept.toSorted().join() === sha256.toSorted().join();
  return [
    ...(state === 'analysed' ? [] : [`${scanId} is ${state}, not analysed`]),
    ...(revisions.length === 1 ? [] : [`doubled: ${scanId} has ${revisions.length} revisions`]),
    ...(isSame ? [] : [`lost: the originals of ${scanId} are not what was sent`]),
  ];
}

/** Of each honest administration as many scans as were acknowledged under different names; every object whole. */
export async function faultsOfStores(
  { deps }: Service,
  keys: readonly HonestKeys[],
  acknowledged: readonly Acknowledged[],
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { administration } of keys) {
    const own = acknowledged.filter(({ key }) => key.administration === administration);
    const names = new Set(own.map(({ scanId }) => scanId));
    const there = await countScans(deps, administration);
    if (names.size !== own.length)
      faults.push(`${own.length} scans of ${administration} have ${names.size} names`);
    if (there !== own.length)
      faults.push(`${own.length} scans of ${administration} were acknowledged, ${there} are there`);
  }
  // what killed workers left is no fault, as nii sweep removes it
  await removePlanned(deps, await planSweep(deps, new Date(Date.now() + 60_000)));
  const { missing, corrupt, unknown, unnamed } = await verifyAll(deps);
  return [
    ...faults,
    ...missing.map((key) => `missing: ${key}`),
    ...corrupt.map((key) => `corrupt: ${key}`),
    ...unknown.map((key) => `unknown: ${key}`),
    ...unnamed.map((key) => `unnamed: ${key}`),
  ];
}

async function countScans({ records }: Service['deps'], administration: string): Promise<number> {
  return records.transaction(async (tx) => {
    let count = 0;
    for (let cursor: string | undefined; ; ) {
      const page = await tx.scans({ administration, site: '*' }, {}, 200, cursor);
      count += page.rows.length;
      if (page.next === undefined) return count;
      cursor = page.next;
    }
  });
}
