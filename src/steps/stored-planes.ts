import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openPlaneFile, type PlaneFile } from '../codec/plane-file.ts';
import type { Limits } from '../core/limits.ts';
import type { ObjectReads } from '../core/ports/objects.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import { type PlaneSource, type PlaneSources, planeInMemory } from '../core/scan/plane-source.ts';
import { type Channel, channelsOf, type NiiScan } from '../core/scan/scan.ts';
import type { RevisionRow } from '../core/scan/stored-scan.ts';
import { type StoredPart, storedParts } from '../stored/parts.ts';
import { decodePlane, placeSection, verifyPlaneFile } from '../stored/planes.ts';
import { makeStagingFolder } from '../stored/staging.ts';

export interface WithPlanesDeps {
  readonly records: Transactions<Tx<'objectsOf'>>;
  readonly objects: ObjectReads;
  readonly limits: Limits;
  readonly stagingDir: string;
}

export interface WantedPlanes {
  readonly isWanted: (channel: Channel) => boolean;
  /** Of those that this process has at hand. */
  readonly atHand: (channel: Channel) => Uint8Array | undefined;
}

/** Where the samples of one scan lie while somebody looks at them. */
interface Kept {
  folder?: string;
  readonly opened: PlaneFile[];
}

/**
 * Channels as they were measured: fetched when `use` first asks for them, and once. One that has sections lies in a file
 * until `use` ends.
 */
export async function withPlanes<T>(
  deps: WithPlanesDeps,
  row: RevisionRow,
  scan: NiiScan,
  wanted: WantedPlanes,
  use: (planes: () => Promise<PlaneSources>) => Promise<T>,
): Promise<T> {
  const kept: Kept = { opened: [] };
  let fetched: Promise<PlaneSources> | undefined;
  try {
    return await use(() => {
      fetched ??= fetchPlanes(deps, row, scan, wanted, kept);
      return fetched;
    });
  } finally {
    for (const file of kept.opened) file.close();
    if (kept.folder !== undefined) await rm(kept.folder, { recursive: true, force: true });
  }
}

async function fetchPlanes(
  deps: WithPlanesDeps,
  row: RevisionRow,
  scan: NiiScan,
  { isWanted, atHand: takeAtHand }: WantedPlanes,
  kept: Kept,
): Promise<PlaneSources> {
  const objects = await deps.records.transaction((tx) => tx.objectsOf(row.scanId, row.revision));
  const folder = await makeStagingFolder(deps.stagingDir, 'analyse');
  kept.folder = folder;
  const planes = new Map<string, PlaneSource>();
  for (const { view, channel, key } of channelsOf(scan)) {
    if (!isWanted(channel)) continue;
    const atHand = takeAtHand(channel);
    if (atHand !== undefined) {
      planes.set(key, planeInMemory(atHand));
      continue;
    }
    const parts = storedParts(row, objects, view.id, channel);
    planes.set(key, await fetchPlane(deps, parts, channel, join(folder, key), kept.opened));
  }
  return planes;
}

async function fetchPlane(
  { objects, limits }: { readonly objects: ObjectReads; readonly limits: Limits },
  parts: readonly StoredPart[],
  channel: Channel,
  path: string,
  opened: PlaneFile[],
): Promise<PlaneSource> {
  const [only, ...others] = parts;
  if (only?.section === undefined && others.length === 0) {
    const name = only?.key ?? channel.id;
    return planeInMemory(await decodePlane(await objects.get(name), channel, name, limits));
  }
  await writeFile(path, '', { flag: 'wx' });
  for (const { key, section } of parts) {
    if (section === undefined) continue;
    await placeSection({ bytes: await objects.get(key), channel, section, name: key, limits, path });
  }
  verifyPlaneFile(path, channel, channel.id);
  const file = openPlaneFile(path);
  opened.push(file);
  return file;
}
