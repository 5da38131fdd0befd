import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Limits } from '../../core/limits.ts';
import type { ObjectReads } from '../../core/ports/objects.ts';
import { pixelsOf, secondsToRead } from '../../core/reading-time.ts';
import type { Lines } from '../../core/scan/cab.ts';
import type { Channel } from '../../core/scan/scan.ts';
import { PLANE_FILE, type PlanePart, type PlaneTask, planeTask } from '../../parsing/kinds/plane.ts';
import { layDown, moveFile } from '../../parsing/left-file.ts';
import type { Desk, Reader } from '../../parsing/reader.ts';
import type { StoredPart } from '../../stored/parts.ts';
import { makeStagingFolder } from '../../stored/staging.ts';

export interface PlaneFilesDeps {
  readonly reader: Reader;
  readonly objects: ObjectReads;
  readonly limits: Limits;
  readonly stagingDir: string;
}

/** On the machine's own disk; beyond this the plane used longest ago is removed. */
const DISK_BYTES = 2 * 1024 * 1024 * 1024;

interface Wanted extends Pick<PlaneTask, 'channel' | 'masked'> {
  readonly parts: readonly StoredPart[];
}

/** A channel as it was measured. */
export type WantedPlane = Pick<Wanted, 'channel' | 'parts'>;

/** As answers name what is masked in them. */
export function nameOfLines({ axis, from, to }: Lines): string {
  return `${axis} ${from}-${to}`;
}

/** Sections are read one after the other, and each has its time. */
function secondsForParts(channel: Channel, parts: readonly StoredPart[], limits: Limits): number {
  const count = Math.max(1, parts.length);
  return count * secondsToRead(pixelsOf(channel) / count, limits);
}

interface Plane {
  readonly path: string;
  readonly bytes: number;
  /** Readings that need the file until they end. */
  uses: number;
}

/** The samples of channels as files on this machine's disk; those used last are kept. */
export class PlaneFiles {
  readonly #deps: PlaneFilesDeps;
  /** Those that are whole, the one used longest ago first. */
  readonly #files = new Map<string, Plane>();
  /** By caller as well: nobody waits in the turn of another, who may have to wait behind all others. */
  readonly #making = new Map<string, Promise<Plane>>();
  #folder: Promise<string> | undefined;
  #made = 0;

  constructor(deps: PlaneFilesDeps) {
    this.#deps = deps;
  }

  /**
   * Path of the file with all samples of the channel, checked.
   * @param masked - lines that get one value instead
   * @throws NII_CORRUPT, NII_DISK_FULL; as Reader.read
   */
  async pathOf(
    channel: Channel,
    parts: readonly StoredPart[],
    caller: string,
    masked: readonly Lines[] = [],
  ): Promise<string> {
    const plane = await this.#take({ channel, parts, masked }, caller);
    plane.uses -= 1;
    return plane.path;
  }

  /**
   * Work on the files of these channels, which stay while it waits for its turn and until it ends.
   * @throws as `pathOf`, and what the work throws
   */
  async use<Result>(
    wanted: readonly WantedPlane[],
    caller: string,
    work: (paths: readonly string[]) => Promise<Result>,
  ): Promise<Result> {
    const taken: Plane[] = [];
    try {
      for (const one of wanted) taken.push(await this.#take({ ...one, masked: [] }, caller));
      return await work(taken.map(({ path }) => path));
    } finally {
      for (const plane of taken) plane.uses -= 1;
    }
  }

  async close(): Promise<void> {
    if (this.#folder !== undefined) await rm(await this.#folder, { recursive: true, force: true });
  }

  /** Whoever takes it lowers its uses again. */
  async #take(wanted: Wanted, caller: string): Promise<Plane> {
    const { channel, parts, masked } = wanted;
    const name = [parts[0]?.key ?? channel.id, ...masked.map(nameOfLines)].join(' ');
    const plane = this.#files.get(name) ?? (await this.#keep(name, wanted, caller));
    plane.uses += 1;
    this.#files.delete(name);
    this.#files.set(name, plane); // last, as the one used last
    await this.#evict();
    return plane;
  }

  /** Makes the file. If another caller's is whole by then, that one stays. */
  async #keep(name: string, wanted: Wanted, caller: string): Promise<Plane> {
    const key = `${caller} ${name}`;
    const making = this.#making.get(key) ?? this.#make(wanted, caller);
    this.#making.set(key, making);
    try {
      const plane = await making;
      const kept = this.#files.get(name) ?? plane;
      this.#files.set(name, kept);
      // not waited for: the one that is kept could be evicted meanwhile
      if (kept !== plane) void rm(plane.path, { force: true }).catch(() => undefined);
      return kept;
    } finally {
      this.#making.delete(key);
    }
  }

  async #make(wanted: Wanted, caller: string): Promise<Plane> {
    const { channel, parts } = wanted;
    const { reader, limits, stagingDir } = this.#deps;
    this.#folder ??= makeStagingFolder(stagingDir, 'samples').catch((error: unknown) => {
      this.#folder = undefined; // the next call tries again
      throw error;
    });
    const path = join(await this.#folder, String(this.#made++));
    await reader.read(planeTask, {
      caller,
      subject: parts.map(({ key }) => key).join(' '),
      seconds: secondsForParts(channel, parts, limits),
      prepare: (desk) => this.#layDown(wanted, desk),
      take: (_, { output }) => moveFile(join(output, PLANE_FILE), path),
    });
    return { path, bytes: channel.bytes, uses: 0 };
  }

  async #layDown({ channel, parts: stored, masked }: Wanted, desk: Desk): Promise<PlaneTask> {
    const { objects, limits } = this.#deps;
    const parts: PlanePart[] = [];
    for (const [i, { key, ...section }] of stored.entries()) {
      const file = `part-${i}`;
      await layDown(join(desk.input, file), await objects.stream(key));
      parts.push({ file, name: key, ...section });
    }
    return { desk, channel, parts, masked, limits };
  }

  async #evict(): Promise<void> {
    let total = [...this.#files.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [name, oldest] of this.#files) {
      if (total <= DISK_BYTES) return;
      if (oldest.uses > 0) continue;
      total -= oldest.bytes;
      this.#files.delete(name);
      await rm(oldest.path, { force: true }); // who reads it has it open
    }
  }
}
