import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { Channel } from '../core/scan/scan.ts';
import { ThreadCalls } from '../runtime/thread-calls.ts';
import type { SectionToPlace, StoredPart } from './planes.ts';
import { makeSpoolFolder } from './staging.ts';

export type SectionTask =
  | (SectionToPlace & { readonly kind: 'place' })
  | { readonly kind: 'verify'; readonly path: string; readonly channel: Channel; readonly name: string };

interface Assembled {
  readonly path: string;
  readonly bytes: number;
}

/** On the machine's own disk; beyond this the plane used longest ago is removed. */
const DISK_BYTES = 2 * 1024 * 1024 * 1024;

/** Puts the sections of a channel together in a file, on a thread of its own, and keeps the files used last. */
export class SectionFiles {
  readonly #limits: Limits;
  readonly #spoolDir: string;
  readonly #thread: ThreadCalls<SectionTask, void>;
  readonly #files = new Map<string, Promise<Assembled>>();
  readonly #sizes = new Map<string, Assembled>();
  #folder: Promise<string> | undefined;
  #made = 0;

  constructor(limits: Limits, spoolDir: string) {
    this.#limits = limits;
    this.#spoolDir = spoolDir;
    this.#thread = new ThreadCalls('../stored/sections-worker', { seconds: limits.convertSeconds });
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
    await this.#thread.close();
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
        await this.#thread.call({ kind: 'place', bytes, channel, section, name: key, limits, path });
      }
      await this.#thread.call({ kind: 'verify', path, channel, name });
      return { path, bytes: channel.bytes };
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
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
