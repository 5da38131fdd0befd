import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ConverterChildren, containedPlan } from '../../convert/convert-in-child.ts';
import type { Conversion } from '../../convert/in-process.ts';
import { runConverter } from '../../convert/run.ts';
import { defined } from '../../core/defined.ts';
import type { ScanWithPlanes } from '../../core/scan/scan.ts';
import type { ConverterPackage } from '../../recognise/registry.ts';
import { type RunningChild, startChild } from '../../runtime/children/running-child.ts';

/**
 * Converts in one process beside this one, which is ended and started anew for another converter, and when a reader
 * crashes, hangs or takes too much memory: what one leaves behind harms no other. What it answers is checked here.
 * One conversion at a time.
 */
export class ScoreProcess implements ConverterChildren {
  readonly #folder: string;
  readonly #signal: AbortSignal | undefined;
  #child: RunningChild | undefined;
  /** Folder of the one converter that the child has loaded. */
  #converter: string | undefined;

  /**
   * @param folder - a folder of its own, removed by its owner
   * @param signal - ends the conversion under way
   */
  constructor(folder: string, signal?: AbortSignal) {
    this.#folder = folder;
    this.#signal = signal;
  }

  /**
   * @throws NII_LIMIT_TIME, NII_LIMIT_MEMORY, NII_CONVERTER_CRASHED, every code the converter rejects with, and the
   *   signal's reason
   */
  async convert(conversion: Conversion): Promise<ScanWithPlanes> {
    const workDir = await mkdtemp(join(this.#folder, 'c-'));
    const signal = defined({ signal: this.#signal });
    try {
      return await runConverter({ ...conversion, workDir, children: this, ...signal });
    } finally {
      await rm(workDir, { recursive: true, force: true });
    }
  }

  /** Only the converter's own process, and only while it is there. */
  async take({ folder }: ConverterPackage): Promise<RunningChild> {
    if (this.#child?.isAlive === true && this.#converter === folder) return this.#child;
    await this.close();
    this.#converter = folder;
    this.#child = await startChild(containedPlan([folder]));
    return this.#child;
  }

  /** It stays for the next one. */
  async release(): Promise<void> {
    if (this.#child?.isAlive === false) await this.close();
  }

  async close(): Promise<void> {
    await this.#child?.end();
    this.#child = undefined;
  }
}
