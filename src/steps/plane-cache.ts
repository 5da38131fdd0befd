import { channelKinds } from '../core/scan/channel-kinds.ts';
import {
  type PlaneSources,
  planeInMemory,
  type ScanWithSources,
  wholePlane,
} from '../core/scan/plane-source.ts';
import { type Channel, channelsOf } from '../core/scan/scan.ts';
import { sha256Hex } from '../stored/identity.ts';

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
