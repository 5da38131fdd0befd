import { setTimeout as delay } from 'node:timers/promises';
import { isNiiError, NiiError, problemOf } from '../core/errors.ts';
import type { BaseBackups } from '../core/ports/base-backups.ts';
import type { Clock, Log } from '../core/ports/process.ts';
import type { ArchiverState } from '../core/ports/records/archiver.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Transactions, Turns } from '../core/ports/transactions.ts';

export interface KeepArchiveDeps {
  readonly records: Transactions<Tx<'archiver'>> & Turns;
  readonly baseBackups: BaseBackups | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

const LOOK_MS = 60_000;
/** Between base backups: a recovery replays at most the log of this time. */
const BASE_EVERY_MS = 24 * 3_600_000;
/** After a base backup that failed. */
const RETRY_MS = 3_600_000;

/**
 * Takes a base backup of the embedded database every day, and reports to the log when changes do not reach the archive, until
 * the signal. Of several processes one does so at a time. Does nothing without an archive.
 */
export async function keepArchive(deps: KeepArchiveDeps, signal: AbortSignal): Promise<void> {
  const { baseBackups } = deps;
  if (baseBackups === undefined) return;
  const keeper = new ArchiveKeeper({ ...deps, baseBackups });
  while (!signal.aborted) {
    await keeper.look();
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined); // it ends early
  }
}

/** Remembers what it reported, so that a failure is two lines in the log and not one each minute. */
export class ArchiveKeeper {
  readonly #deps: KeepArchiveDeps & { readonly baseBackups: BaseBackups };
  #isFailing = false;
  #notBefore = 0;

  constructor(deps: KeepArchiveDeps & { readonly baseBackups: BaseBackups }) {
    this.#deps = deps;
  }

  async look(): Promise<void> {
    const { records, log } = this.#deps;
    try {
      const turn = await records.takeTurn('archive', { waitMs: 0 });
      try {
        this.#report(await records.transaction((tx) => tx.archiver()));
        if (!this.#isFailing) await this.#takeIfDue();
      } finally {
        await turn.end();
      }
    } catch (err) {
      if (isNiiError(err, 'NII_BUSY')) return; // another process does it
      log.warn({ code: problemOf(err).code, err }, 'archive of the database not checked');
    }
  }

  #report(state: ArchiverState): void {
    const { log } = this.#deps;
    const failure = failureOf(state);
    if (failure !== undefined && !this.#isFailing) log.error({ ...failure.toProblem() }, failure.message);
    if (failure === undefined && this.#isFailing) log.info({}, 'database changes reach the archive again');
    this.#isFailing = failure !== undefined;
  }

  async #takeIfDue(): Promise<void> {
    const { baseBackups, clock, log } = this.#deps;
    const now = clock.now();
    if (now.getTime() < this.#notBefore) return;
    const newest = await baseBackups.newest();
    if (newest !== undefined && now.getTime() - newest.getTime() < BASE_EVERY_MS) return;
    this.#notBefore = now.getTime() + RETRY_MS;
    log.info({ ...(await baseBackups.take(now)) }, 'base backup of the database taken');
    this.#notBefore = 0;
  }
}

/** Why changes do not reach the archive, if they do not. */
export function failureOf({ isOn, lastFailedAt }: ArchiverState): NiiError | undefined {
  if (!isOn)
    return new NiiError(
      'NII_ARCHIVE_FAILING',
      'The database was started without its archive: end all processes that use it, and start with NII_DATABASE_ARCHIVE',
    );
  if (lastFailedAt === undefined) return undefined;
  return new NiiError(
    'NII_ARCHIVE_FAILING',
    `The write-ahead log is not reaching the archive and is filling the disk of the data folder; the last attempt failed at ${lastFailedAt}`,
  );
}
