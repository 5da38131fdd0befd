import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defined } from '../../core/defined.ts';
import { isNiiError } from '../../core/errors.ts';
import type { Recovered } from '../../core/ports/base-backups.ts';
import type { ArchiverState } from '../../core/ports/records/archiver.ts';
import { failureOf } from '../../maintenance/keep-archive.ts';
import { type Lacking, lackingInRecovered } from '../../maintenance/lacking.ts';
import { type Verification, verifyAll } from '../../maintenance/verify.ts';
import { startService } from '../../tools/bench/service.ts';
import type { CliContext, Service } from '../command.ts';
import { progressOf } from '../progress.ts';

/** A recovery of the database from its archive into a copy, to the end of the archive. */
export interface ArchiveDrill {
  readonly recoveryPoint: {
    /** From the last recoverable transaction, or the end of the base backup, to the start of the drill. */
    readonly seconds: number;
    readonly lastTransactionAt: Date;
    /** Absent where the installation cannot be opened. */
    readonly lacking?: Lacking;
  };
  readonly recoveryTime: {
    readonly seconds: number;
    readonly restore: number;
    readonly verify: number;
    readonly start: number;
  };
  readonly recovered: Recovered;
  /** Of the objects of the installation that the copy names; absent where it cannot be opened. */
  readonly verified?: Pick<Verification, 'objects' | 'bytes' | 'missing' | 'corrupt'>;
  readonly faults: readonly string[];
}

/** Recovers into the folder and measures; the archive and the installation are only read. */
export async function recoverCopy(context: CliContext, dir: string): Promise<ArchiveDrill> {
  const data = join(dir, 'data');
  await mkdir(data, { mode: 0o700 });
  const began = Date.now();
  const recovered = await context.recover({ at: 'latest' }, data);
  const restoredAt = Date.now();
  const settings = { NII_DATA: data, NII_PORT: '0', NII_WORKERS: '0', NII_LOG_LEVEL: 'fatal' };
  const found = await compare(context, settings);
  const verifiedAt = Date.now();
  const running = await startService(context.processes, settings, data);
  const ready = Date.now();
  await running.stop();
  context.signal.throwIfAborted();
  const { lacking, verified, archiver } = found;
  const lastTransactionAt = recovered.lastTransactionAt ?? recovered.baseEndedAt;
  const failure = archiver === undefined ? undefined : failureOf(archiver);
  return {
    recoveryPoint: {
      seconds: secondsBetween(lastTransactionAt.getTime(), began),
      lastTransactionAt,
      ...defined({ lacking }),
    },
    recoveryTime: {
      seconds: secondsBetween(began, ready),
      restore: secondsBetween(began, restoredAt),
      verify: secondsBetween(restoredAt, verifiedAt),
      start: secondsBetween(verifiedAt, ready),
    },
    recovered,
    ...defined({ verified }),
    faults: failure === undefined ? [] : [failure.message],
  };
}

interface Comparison {
  readonly lacking?: Lacking;
  readonly verified?: ArchiveDrill['verified'];
  readonly archiver?: ArchiverState;
}

/** The copy with the installation: nothing where that is lost. */
async function compare(context: CliContext, settings: Readonly<Record<string, string>>): Promise<Comparison> {
  const copy = await context.open(settings);
  let live: Service | undefined;
  try {
    live = await context.open();
    const { records } = copy.deps;
    const progress = progressOf(context.terminal, 'objects verified');
    const { objects, bytes, missing, corrupt } = await verifyAll(
      { ...live.deps, records, replica: undefined },
      progress.count,
    );
    progress.end();
    const lacking = await lackingInRecovered(records, live.deps.records);
    const archiver = await live.deps.records.transaction((tx) => tx.archiver());
    return { lacking, verified: { objects, bytes, missing, corrupt }, archiver };
  } catch (error) {
    if (!isNiiError(error)) throw error;
    context.terminal.err(
      `The installation cannot be opened, so its objects and the data that the archive lacks are unknown: ${error.message}\n`,
    );
    return {};
  } finally {
    await live?.close();
    await copy.close();
  }
}

/** In seconds with one decimal. */
export function secondsBetween(from: number, to: number): number {
  return Math.max(0, Math.round((to - from) / 100) / 10);
}

/* ---- A server of the administration's own ------------------------------------------------------------------ */

const MOST_TIMEOUT_SECONDS = 60;

/** What a database server lacks for a point-in-time recovery to the last minute. */
export async function checkServerArchive({ open }: CliContext): Promise<readonly string[]> {
  const { deps, close } = await open();
  try {
    return serverFaults(await deps.records.transaction((tx) => tx.archiver()));
  } finally {
    await close();
  }
}

export function serverFaults({
  isOn,
  hasCommand,
  timeoutSeconds,
  lastArchivedAt,
  lastFailedAt,
}: ArchiverState): readonly string[] {
  if (!isOn) return ['archive_mode is off: set it to on, and restart the server'];
  const faults: string[] = [];
  if (!hasCommand) faults.push('archive_command and archive_library are empty: set one of them');
  if (timeoutSeconds === 0 || timeoutSeconds > MOST_TIMEOUT_SECONDS)
    faults.push(`archive_timeout is ${timeoutSeconds} s: set it to 60 s or less, and more than 0`);
  if (lastFailedAt !== undefined)
    faults.push(`archiving failed at ${lastFailedAt} and has not worked since: read the server log`);
  else if (lastArchivedAt === undefined) faults.push('nothing has been archived yet');
  return faults;
}
