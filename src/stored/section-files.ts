import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { Channel } from '../core/scan/scan.ts';
import type { ThreadPool } from '../runtime/threads/thread-pool.ts';
import type { StoredPart } from './planes.ts';
import { type SectionTask, sectionTask } from './section-task.ts';
import { makeSpoolFolder } from './staging.ts';

interface Assembled {
  readonly path: string;
  readonly bytes: number;
}

/** On the machine's own disk; beyond this the plane used longest ago is removed. */
const DISK_BYTES = 2 * 1024 * 1024 * 1024;

/** Puts the sections of a channel together in a file, on a thread, and keeps the files used last. */
export class SectionFiles {
  readonly #threads: ThreadPool;
  readonly #limits: Limits;
  readonly #spoolDir: string;
  readonly #files = new Map<string, Promise<Assembled>>();
  readonly #sizes = new Map<string, Assembled>();
  #folder: Promise<string> | undefined;
  #made = 0;

  constructor(threads: ThreadPool, limits: Limits, spoolDir: string) {
    this.#threads = threads;
    this.#limits = limits;
    this.#spoolDir = spoolDir;
  }

  /** Path of the file with all samples of the channel, checked. @throws NII_CORRUPT, NII_DISK_FULL */
  async assemble(
    channel: Channel,
    parts: readonly StoredPart[],
    fetch: (key: string) => Promise<Uint8Array>,
  ): Promise<string> {
    const name = parts[0]?.key ?? channel.id;
    const known = this.#files.get(name);
    const file = known ?? this.#make(name, channel, parts, fetch);
    this.#files.delete(name);
    this.#files.set(name, file); // last, as the one used last
    try {
      const assembled = await file;
      this.#sizes.set(name, assembled);
      await this.#evict(name);
      return assembled.path;
    } catch (error) {
      this.#files.delete(name);
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#folder !== undefined) await rm(await this.#folder, { recursive: true, force: true });
  }

  async #make(
    name: string,
    channel: Channel,
    parts: readonly StoredPart[],
    fetch: (key: string) => Promise<Uint8Array>,
  ): Promise<Assembled> {
    this.#folder ??= makeSpoolFolder(this.#spoolDir, 'samples');
    const path = join(await this.#folder, String(this.#made++));
    await writeFile(path, '', { flag: 'wx' });
    try {
      for (const { key, section } of parts) {
        if (section === undefined) throw new NiiError('NII_INTERNAL', 'a part that is no section');
        const limits = this.#limits;
        const bytes = await fetch(key);
        await this.#run({ kind: 'place', bytes, channel, section, name: key, limits, path });
      }
      await this.#run({ kind: 'verify', path, channel, name });
      return { path, bytes: channel.bytes };
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  #run(task: SectionTask): Promise<void> {
    return this.#threads.call(sectionTask, task, { seconds: this.#limits.convertSeconds });
  }

  async #evict(newest: string): Promise<void> {
    let total = [...this.#sizes.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const name of this.#files.keys()) {
      if (total <= DISK_BYTES || name === newest) return;
      const oldest = this.#sizes.get(name);
      if (oldest === undefined) continue; // still being made
      total -= oldest.bytes;
      this.#files.delete(name);
      this.#sizes.delete(name);
      await rm(oldest.path, { force: true }); // who reads it has it open
    }
  }
}
