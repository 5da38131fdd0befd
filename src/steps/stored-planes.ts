import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openPlaneFile, type PlaneFile } from '../codec/plane-file.ts';
import type { Limits } from '../core/limits.ts';
import type { ObjectReads } from '../core/ports/objects.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import { channelKinds } from '../core/scan/channel-kinds.ts';
import {
  type PlaneSource,
  type PlaneSources,
  planeInMemory,
  type ScanWithSources,
  wholePlane,
} from '../core/scan/plane-source.ts';
import { type Channel, channelsOf, type NiiScan } from '../core/scan/scan.ts';
import type { RevisionRow } from '../core/scan/stored-scan.ts';
import { sha256Hex } from '../stored/identity.ts';
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

/** More is read back from the store. */
const MOST_BYTES = 64 * 1024 * 1024;
/** The model runs within moments of the conversion, or in another process. */
const KEPT_MS = 10_000;

/** Planes that are read from their files once, and not by each step; larger ones stay where they are. */
export function heldPlanes(planes: PlaneSources): PlaneSources {
  const total = [...planes.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (total > MOST_BYTES) return planes;
  return new Map([...planes].map(([key, plane]) => [key, planeInMemory(wholePlane(plane))]));
}

/**
 * Samples of the scan that this process converted last. The model sees them a moment later: decoding what was just
 * encoded, and compared, would take as long as running it. They are found by their hash, so they are what the record
 * says or not there.
 */
export class PlaneCache {
  readonly #planes = new Map<string, Uint8Array>();
  #timer: NodeJS.Timeout | undefined;

  /** Keeps what models see of this scan, in place of what there was of the one before. */
  keep({ scan, planes }: ScanWithSources): void {
    this.#forget();
    let total = 0;
    for (const { channel, key } of channelsOf(scan)) {
      const plane = planes.get(key);
      if (plane === undefined || !channelKinds[channel.kind].isSeenByModels) continue;
      total += plane.byteLength;
      if (total > MOST_BYTES) break;
      const bytes = wholePlane(plane);
      this.#planes.set(sha256Hex(bytes), bytes);
    }
    this.#timer = setTimeout(() => this.#forget(), KEPT_MS).unref();
  }

  /** The samples of the channel, which stay at hand. */
  look({ sha256 }: Pick<Channel, 'sha256'>): Uint8Array | undefined {
    return sha256 === undefined ? undefined : this.#planes.get(sha256);
  }

  /** The samples of the channel, once. */
  take({ sha256 }: Pick<Channel, 'sha256'>): Uint8Array | undefined {
    const found = sha256 === undefined ? undefined : this.#planes.get(sha256);
    if (sha256 !== undefined) this.#planes.delete(sha256);
    return found;
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#planes.clear();
  }
}
