import type { ListedObject, ObjectReads, ObjectWrites } from '../core/ports/objects.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Stores } from '../core/ports/stores.ts';
import { chunksLeftOver } from '../receive/resumable/chunks.ts';
import { findUnrecorded, type SortStores, sortUnrecorded, type UnrecordedStores } from './unrecorded.ts';

type RemoveStores = SortStores & Stores<Tx<'upload'>, ObjectReads & ObjectWrites>;

/** What a sweep would remove, and why it would not. */
export interface SweepPlan {
  /** Acknowledged data that the database does not know. With any of it, nothing is removed. */
  readonly unknown: readonly string[];
  readonly removable: readonly ListedObject[];
  /** Nothing names them, but they are younger than the stated age, or their age is unknown. */
  readonly young: number;
}

/** Looks for objects that nothing names and that were written before this time. */
export async function planSweep(
  stores: UnrecordedStores & Stores<Tx<'upload'>>,
  before: Date,
): Promise<SweepPlan> {
  const { unknown, unnamed } = await findUnrecorded(stores);
  const found = [...unnamed];
  for await (const chunk of chunksLeftOver(stores)) found.push(chunk);
  if (unknown.length > 0) return { unknown, removable: [], young: 0 };
  const removable = found.filter(({ writtenAt }) => writtenAt !== undefined && writtenAt < before);
  return { unknown, removable, young: found.length - removable.length };
}

const BATCH = 100;

/** Removes what a plan found, unless a row or a manifest names it by now. @returns the keys that it removed */
export async function removePlanned(
  stores: RemoveStores,
  { removable }: Pick<SweepPlan, 'removable'>,
): Promise<readonly string[]> {
  const removed: string[] = [];
  const remove = async ({ key }: ListedObject) => {
    await stores.objects.remove(key);
    removed.push(key);
  };
  const chunks = new Set<string>();
  for await (const { key } of chunksLeftOver(stores)) chunks.add(key);
  for (const object of removable) if (chunks.has(object.key)) await remove(object);
  const others = removable.filter(({ key }) => !chunks.has(key));
  for (let from = 0; from < others.length; from += BATCH)
    await sortUnrecorded(stores, others.slice(from, from + BATCH), async ({ unnamed }) => {
      for (const object of unnamed) await remove(object);
    });
  return removed;
}
