import { documentFolders } from '../core/documents.ts';
import { isNiiError } from '../core/errors.ts';
import { eventOfReport, keys, OWN_PREFIXES } from '../core/keys.ts';
import type { ListedObject, ObjectReads } from '../core/ports/objects.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Stores } from '../core/ports/stores.ts';
import type { Locks } from '../core/ports/transactions.ts';
import { OBJECTS_LOCK } from '../stored/object-row.ts';
import { readAnalysed, readConverted, readReceived } from '../stored/read-object.ts';
import { objectRows } from './object-rows.ts';

/**
 * Objects without a row in the database. An object may be removed only if `nii reindex` does not read it, and nothing
 * that `nii reindex` reads names it: the database may be older than the objects, and then only they know.
 */
export interface Unrecorded {
  /** Acknowledged data of which the database has no trace: `nii reindex` brings it back. */
  readonly unknown: readonly string[];
  /** Belong to such data, or were written by a step that is retried. Never removed. */
  readonly kept: readonly string[];
  /** What nothing names: a crash left it. */
  readonly unnamed: readonly ListedObject[];
}

export type SortStores = Stores<Tx<'object'>> & { readonly records: Locks };
export type UnrecordedStores = SortStores & Stores<Tx<'allObjects'>>;

const BATCH = 100;

/** Every object of the store without a row, sorted by what may be done with it. The service may run. */
export async function findUnrecorded(stores: UnrecordedStores): Promise<Unrecorded> {
  const found: Unrecorded[] = [];
  const candidates = await withoutRowNow(stores);
  for (let from = 0; from < candidates.length; from += BATCH)
    found.push(await sortUnrecorded(stores, candidates.slice(from, from + BATCH), async () => {}));
  return {
    unknown: found.flatMap(({ unknown }) => unknown),
    kept: found.flatMap(({ kept }) => kept),
    unnamed: found.flatMap(({ unnamed }) => unnamed),
  };
}

/** The objects that had no row when they were compared; a step may be about to write it. */
async function withoutRowNow({
  objects,
  records,
}: Stores<Tx<'allObjects'>>): Promise<readonly ListedObject[]> {
  const listed: ListedObject[] = [];
  for (const prefix of OWN_PREFIXES) for await (const object of objects.list(prefix)) listed.push(object);
  const named = new Set<string>();
  for await (const row of objectRows(records)) named.add(row.key);
  return listed.filter(({ key }) => !named.has(key));
}

/**
 * Sorts a few objects while no step is between its objects and its rows.
 * @param use - does something with the answer before a step can change it
 */
export async function sortUnrecorded(
  stores: SortStores,
  batch: readonly ListedObject[],
  use: (sorted: Unrecorded) => Promise<void>,
): Promise<Unrecorded> {
  return stores.records.exclusively(OBJECTS_LOCK, async () => {
    const sorted = await sort(stores, batch);
    await use(sorted);
    return sorted;
  });
}

async function sort(
  { objects, records }: Stores<Tx<'object'>>,
  batch: readonly ListedObject[],
): Promise<Unrecorded> {
  const names = new Names(objects);
  const unknown: string[] = [];
  const kept: string[] = [];
  const unnamed: ListedObject[] = [];
  for (const object of batch) {
    const { key } = object;
    if ((await records.transaction((tx) => tx.object(key))) !== undefined) continue;
    if (isRoot(key)) unknown.push(key);
    else if (isReadBesides(key) || (await names.has(key))) kept.push(key);
    else unnamed.push(object);
  }
  return { unknown, kept, unnamed };
}

const DOCUMENT_PREFIXES = Object.values(documentFolders).map((folder) => `${folder}/`);

/** Whether `nii reindex` begins with this object: what it holds was acknowledged. */
export function isRoot(key: string): boolean {
  if (key.startsWith('cases/') || key.startsWith('holds/')) return true;
  if (/^scans\/[0-9a-z]+\/r[0-9]+\/received\.json$/.test(key)) return true;
  return key.endsWith('.json') && DOCUMENT_PREFIXES.some((prefix) => key.startsWith(prefix));
}

/** Whether `nii reindex` reads this object once it has the root: results of steps, reports, signatures. */
function isReadBesides(key: string): boolean {
  if (/^scans\/[0-9a-z]+\/r[0-9]+\/(converted|analysed)\.json$/.test(key)) return true;
  if (key.startsWith('scans/')) return eventOfReport(key) !== undefined;
  return key.endsWith('.jws') && DOCUMENT_PREFIXES.some((prefix) => key.startsWith(prefix));
}

/** The objects that manifests of scans and documents name, looked up folder by folder. */
class Names {
  readonly #objects: ObjectReads;
  /** 'all': a manifest cannot be read, so anything may be named. */
  readonly #scans = new Map<string, ReadonlySet<string> | 'all'>();

  constructor(objects: ObjectReads) {
    this.#objects = objects;
  }

  async has(key: string): Promise<boolean> {
    const [folder, id] = key.split('/');
    if (folder === 'scans' && id !== undefined) {
      const names = this.#scans.get(id) ?? (await namesOfScan(this.#objects, id));
      this.#scans.set(id, names);
      return names === 'all' || names.has(key);
    }
    return hasDocument(this.#objects, key);
  }
}

/** The bytes of a photograph are in the folder of the document that names them. */
async function hasDocument(objects: ObjectReads, key: string): Promise<boolean> {
  const folder = key.slice(0, key.lastIndexOf('/') + 1);
  for await (const found of objects.list(folder)) if (found.key.endsWith('.json')) return true;
  return false;
}

const manifestKey = /^scans\/([0-9a-z]+)\/r([0-9]+)\/(received|converted|analysed)\.json$/;

async function namesOfScan(objects: ObjectReads, id: string): Promise<ReadonlySet<string> | 'all'> {
  const names = new Set<string>();
  try {
    for await (const { key } of objects.list(`scans/${id}/`))
      if (manifestKey.test(key)) for (const name of await namesIn(objects, key)) names.add(name);
  } catch (error) {
    if (isNiiError(error, 'NII_CORRUPT')) return 'all';
    throw error;
  }
  return names;
}

/** @throws NII_CORRUPT if the manifest cannot be read */
async function namesIn(objects: ObjectReads, key: string): Promise<readonly string[]> {
  const [, scanId = '', revision = '', part] = manifestKey.exec(key) ?? [];
  const bytes = await objects.get(key);
  if (part === 'received') return readReceived(bytes, key).revision.originals.map((original) => original.key);
  const { objects: made } = (part === 'converted' ? readConverted : readAnalysed)(bytes, key);
  return [keys.scanJson(scanId, Number(revision)), ...made.map((row) => row.key)];
}
