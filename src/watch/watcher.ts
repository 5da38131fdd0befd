import { defined } from '../core/defined.ts';
import { Backoff } from './backoff.ts';
import type { Report } from './events.ts';
import type { DoneFile, Journal } from './journal.ts';
import { moveBelow } from './move.ts';
import type { WatchClock, WatchOptions } from './options.ts';
import { type HashedFile, hashAll, partsOf, wasSent } from './outgoing.ts';
import { type PlannedScan, planScans, type Recognising, type UnreadableFile, UsualRoles } from './plan.ts';
import { setAside } from './quarantine.ts';
import type { Failure, Rejection } from './send/outcome.ts';
import type { Sender } from './send/sender.ts';
import { type Line, type WatchStatus, writeStatus } from './status.ts';
import { type SeenFile, Tracker } from './tracker.ts';

export interface WatchParts {
  readonly options: WatchOptions;
  readonly clock: WatchClock;
  readonly journal: Journal;
  readonly sender: Sender;
  readonly recognising: Recognising;
  readonly report: Report;
  /** Ends the watching, within seconds and cleanly. */
  readonly signal: AbortSignal;
  readonly random?: () => number;
}

/** With --once: this many tries before a service that is away is left for the next run. */
const ONCE_TRIES = 3;

/** What one pass over the folder came to. */
type Passed = 'through' | 'interrupted';

/**
 * Looks at the folder, sends what is whole in order of age, and remembers it. The folder is the queue: what is not
 * acknowledged stays in it, for as long as it takes.
 */
export class Watcher {
  readonly #parts: WatchParts;
  readonly #tracker: Tracker;
  readonly #usual = new UsualRoles();
  readonly #backoff: Backoff;
  /** Scans that are put off, by converter and group. */
  readonly #putOff = new Map<string, { readonly backoff: Backoff; readonly until: number }>();
  #line: Line = { state: 'unused' };
  #tryAt = 0;
  #beatAt = 0;
  #waiting: readonly SeenFile[] = [];
  #folderIsAway = false;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    const { folder, stateDir, quarantineDir, moveTo } = parts.options;
    const skip = [stateDir, quarantineDir, ...(moveTo === undefined ? [] : [moveTo])];
    this.#tracker = new Tracker(folder, skip, (file) => parts.journal.isDone(file));
    this.#backoff = new Backoff(parts.random);
  }

  /** Until the signal, or with `once` until nothing is left to do. */
  async run(): Promise<WatchStatus> {
    const { options, clock, signal, report } = this.#parts;
    report({ event: 'started', folder: options.folder, stateDir: options.stateDir });
    while (!signal.aborted) {
      await this.#lookAndSend();
      if (options.once && this.#isOver()) break;
      await this.#beat();
      await clock.sleep(options.pollMs, signal);
    }
    const status = this.#status(false);
    await writeStatus(options.stateDir, status);
    report({ event: 'stopped', status });
    return status;
  }

  #isOver(): boolean {
    const gaveUp = this.#line.state === 'blocked' || this.#backoff.tries >= ONCE_TRIES;
    return this.#folderIsAway || gaveUp || this.#waiting.length === 0;
  }

  async #lookAndSend(): Promise<void> {
    const now = this.#parts.clock.now();
    const seen = await this.#look(now);
    this.#waiting = seen;
    if (seen.length === 0 || now < this.#tryAt) return;
    try {
      await this.#pass(seen, now);
    } catch (error) {
      if (!this.#parts.signal.aborted) throw error;
    }
    this.#waiting = seen.filter((file) => !this.#parts.journal.isDone(file));
  }

  /** A share that is away for a while is no reason to end. */
  async #look(now: number): Promise<readonly SeenFile[]> {
    try {
      const seen = await this.#tracker.look(now);
      this.#folderIsAway = false;
      return seen;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      if (!this.#folderIsAway) this.#parts.report({ event: 'folder-away', reason: error.message });
      this.#folderIsAway = true;
      return [];
    }
  }

  async #pass(seen: readonly SeenFile[], now: number): Promise<Passed> {
    const { options, recognising, signal } = this.#parts;
    const planning = {
      ...recognising,
      options,
      usual: this.#usual,
      doneIn: (folder: string) => this.#tracker.doneIn(folder),
    };
    const { scans, unreadable } = await planScans(planning, seen, now);
    for (const file of unreadable.filter(({ waitsFor }) => waitsFor === undefined))
      if (!signal.aborted) await this.#unrecognised(file);
    for (const scan of scans.filter(({ waitsFor }) => waitsFor === undefined)) {
      if (signal.aborted || (await this.#scan(scan)) === 'interrupted') return 'interrupted';
    }
    return 'through';
  }

  async #unrecognised({ seen, claimedBy }: UnreadableFile): Promise<void> {
    const staged = {
      name: seen.name,
      path: seen.path,
      bytes: seen.bytes,
      sha256: seen.name,
      head: new Uint8Array(),
    };
    const scan = {
      converter: 'unknown',
      group: seen.name,
      files: [{ seen, role: 'unknown', staged }],
      waitsFor: undefined,
    };
    if (claimedBy.length === 0 && this.#parts.options.sendUnknown) {
      await this.#scan(scan);
      return;
    }
    const files = await hashAll(scan);
    if (files !== undefined) await this.#quarantine(files, unreadable(seen, claimedBy));
  }

  async #scan(scan: PlannedScan): Promise<Passed> {
    const key = `${scan.converter} ${scan.group}`;
    const { clock, journal, sender, recognising } = this.#parts;
    if ((this.#putOff.get(key)?.until ?? 0) > clock.now()) return 'through';
    const files = await hashAll(scan);
    if (files === undefined) return 'through';
    if (wasSent(journal, scan, files)) {
      await this.#same(scan, files);
      return 'through';
    }
    const parts = await partsOf(recognising, scan, files, sender.isThin);
    for (const [i, part] of parts.entries()) {
      const failure = await this.#sendPart(scan, part, i < parts.length - 1);
      if (failure !== undefined) return this.#failed(key, scan, part, failure);
    }
    this.#putOff.delete(key);
    this.#usual.note(
      scan.converter,
      files.map(({ role }) => role),
    );
    return 'through';
  }

  async #same(scan: PlannedScan, files: readonly HashedFile[]): Promise<void> {
    const { journal, report } = this.#parts;
    await journal.append({ kind: 'same', at: this.#now(), files: files.map(doneFile) });
    report({ event: 'same', group: scan.group, files: names(files) });
    await this.#moveAway(files);
  }

  async #sendPart(
    scan: PlannedScan,
    part: readonly HashedFile[],
    ahead: boolean,
  ): Promise<Failure | undefined> {
    const { clock, journal, report, sender, signal } = this.#parts;
    const startedAt = clock.now();
    const outcome = await sender.send(
      part.map(({ outgoing }) => outgoing),
      signal,
    );
    if (outcome.kind !== 'sent') return outcome;
    const { scans } = outcome;
    const { converter, group } = scan;
    await journal.append({
      kind: 'sent',
      at: this.#now(),
      converter,
      group,
      scans,
      files: part.map(doneFile),
    });
    this.#isBack();
    const bytes = part.reduce((total, { seen }) => total + seen.bytes, 0);
    const ms = clock.now() - startedAt;
    report({ event: 'sent', group, files: names(part), bytes, ms, scans, ahead });
    await this.#moveAway(part);
    return undefined;
  }

  async #failed(
    key: string,
    scan: PlannedScan,
    files: readonly HashedFile[],
    failure: Failure,
  ): Promise<Passed> {
    const { clock, report } = this.#parts;
    switch (failure.kind) {
      case 'rejected':
        this.#isBack();
        await this.#quarantine(files, failure.rejection);
        return 'through';
      case 'again': {
        const backoff = this.#putOff.get(key)?.backoff ?? new Backoff(this.#parts.random);
        const retryInMs = backoff.next(failure.afterMs);
        this.#putOff.set(key, { backoff, until: clock.now() + retryInMs });
        report({ event: 'put-off', group: scan.group, reason: failure.reason, retryInMs });
        return 'through';
      }
      case 'away':
      case 'blocked':
        this.#isAway(failure);
        return 'interrupted';
    }
  }

  #isAway({ kind, reason, ...more }: Extract<Failure, { kind: 'away' | 'blocked' }>): void {
    const { clock, report } = this.#parts;
    const retryInMs = this.#backoff.next('afterMs' in more ? more.afterMs : undefined);
    this.#tryAt = clock.now() + retryInMs;
    const since = 'since' in this.#line ? this.#line.since : this.#now();
    this.#line = { state: kind, since, reason, nextTry: new Date(clock.wall() + retryInMs).toISOString() };
    report({ event: kind, reason, retryInMs });
  }

  #isBack(): void {
    if ('since' in this.#line) this.#parts.report({ event: 'back' });
    this.#line = { state: 'up' };
    this.#backoff.reset();
    this.#tryAt = 0;
  }

  async #quarantine(files: readonly HashedFile[], rejection: Rejection): Promise<void> {
    const { journal, options, report } = this.#parts;
    for (const file of files) {
      const at = this.#now();
      const { code, title, detail, field } = rejection;
      const words = { code, title, detail, ...defined({ field }) };
      const reason = await setAside(options, file.seen, { ...words, sha256: file.outgoing.sha256, at });
      if (reason === undefined) continue;
      await journal.append({ kind: 'quarantined', at, code, files: [doneFile(file)] });
      report({ event: 'quarantined', file: file.seen.name, code, detail, reason });
    }
  }

  /** After it is remembered: a file that cannot be moved is not sent again. */
  async #moveAway(files: readonly HashedFile[]): Promise<void> {
    const { options, report } = this.#parts;
    if (options.moveTo === undefined || options.keep) return;
    for (const { seen } of files) {
      try {
        await moveBelow(options.moveTo, seen);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        report({ event: 'not-moved', file: seen.name, reason: error.message });
      }
    }
  }

  async #beat(): Promise<void> {
    const { clock, options, report } = this.#parts;
    if (clock.now() < this.#beatAt) return;
    this.#beatAt = clock.now() + options.heartbeatMs;
    const status = this.#status(true);
    await writeStatus(options.stateDir, status);
    report({ event: 'heartbeat', status });
  }

  #status(running: boolean): WatchStatus {
    const { options, journal } = this.#parts;
    const oldest = Math.min(...this.#waiting.map(({ mtimeMs }) => mtimeMs));
    const bytes = this.#waiting.reduce((total, file) => total + file.bytes, 0);
    return {
      folder: options.folder,
      at: this.#now(),
      running,
      waiting: {
        files: this.#waiting.length,
        bytes,
        ...defined({ oldest: Number.isFinite(oldest) ? new Date(oldest).toISOString() : undefined }),
      },
      line: this.#line,
      ...journal.totals,
    };
  }

  #now(): string {
    return new Date(this.#parts.clock.wall()).toISOString();
  }
}

function unreadable({ name }: SeenFile, claimedBy: readonly string[]): Rejection {
  if (claimedBy.length > 0)
    return {
      code: 'NII_AMBIGUOUS_FORMAT',
      title: 'More than one converter claims this file',
      detail: `${name} is claimed by ${claimedBy.join(' and ')}`,
    };
  return {
    code: 'NII_UNKNOWN_FORMAT',
    title: 'No converter recognises this file',
    detail: `${name}: no installed format matches its content`,
  };
}

function doneFile({ seen: { name, bytes, mtimeMs }, outgoing: { sha256 } }: HashedFile): DoneFile {
  return { name, bytes, mtimeMs, sha256 };
}

function names(files: readonly HashedFile[]): readonly string[] {
  return files.map(({ seen }) => seen.name);
}
