import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NiiError } from '../../../../core/errors.ts';
import type { Recovered, RecoveryTarget } from '../../../../core/ports/base-backups.ts';
import { exists } from '../../../../runtime/exists.ts';
import { type Cluster, closeButToPass, clusterIn } from '../cluster.ts';
import { isReady, livingServer, lockLines, serverLock } from '../lock-files.ts';
import { findPostgresPrograms } from '../programs.ts';
import { stopServer } from '../start.ts';
import { type BaseManifest, listBases, type NamedBase, readManifest, unpackBase } from './base-list.ts';
import {
  type Archive,
  archiveIn,
  FETCH_COMMAND,
  fetchScript,
  giveWal,
  systemOfArchive,
  writeScript,
} from './folder.ts';
import {
  findGap,
  findTimeline,
  formatSegment,
  lastSegment,
  parseSegment,
  passesThrough,
  positionOf,
  segmentAt,
  segmentsIn,
  type Timeline,
} from './timelines.ts';

const START_MS = 60_000;
const LOOK_MS = 100;

export interface RecoveryOptions {
  /** Folders of the service that the database's lies in. */
  readonly parents?: readonly string[];
  readonly mayAddUser?: boolean;
}

/**
 * Makes the database in an empty folder as it was at a time: unpacks the newest base backup before it, replays the
 * archived log to it, and begins a new timeline. Only reads the archive; the next start with this archive notes the new
 * timeline there. The folder stays empty if this fails.
 *
 * @param home - the folder of the embedded server
 * @throws NII_CONFLICT if the folder has a database, NII_RECOVERY_RANGE for a time before the first base backup or after the
 *   end of the archive, NII_ARCHIVE_DAMAGED
 */
export async function recoverDatabase(
  home: string,
  archiveFolder: string,
  target: RecoveryTarget,
  log: (line: string) => void,
  { parents = [], mayAddUser = false }: RecoveryOptions = {},
): Promise<Recovered> {
  const archive = archiveIn(archiveFolder);
  await mkdir(home, { recursive: true, mode: 0o700 });
  const programs = await findPostgresPrograms(home, mayAddUser);
  const { folder } = clusterIn(home, programs, log);
  if (await exists(folder))
    throw new NiiError(
      'NII_CONFLICT',
      `The data folder already has a database: move ${folder} away, or set NII_DATA to another folder`,
    );
  const plan = await planRecovery(archive, target);
  await closeButToPass({ programs, log }, [...parents, home, archive.folder]);
  await giveWal(archive, programs);
  const draft = join(home, `.new-${randomBytes(6).toString('hex')}`);
  const cluster = {
    folder: draft,
    data: join(draft, 'pgdata'),
    logFile: join(draft, 'postgres.log'),
    programs,
    log,
  };
  try {
    const lastTransactionAt = await replay(cluster, archive, plan);
    await rename(draft, folder);
    return {
      base: plan.base.name,
      baseEndedAt: plan.base.endedAt,
      lastTransactionAt,
      timeline: plan.timeline.number,
    };
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

interface Plan {
  readonly at: RecoveryTarget['at'];
  readonly base: NamedBase;
  readonly manifest: BaseManifest;
  readonly timeline: Timeline;
}

/** Chooses the timeline, and the newest base backup on it that ended before the time. */
async function planRecovery(archive: Archive, { at, timeline: wanted }: RecoveryTarget): Promise<Plan> {
  if ((await systemOfArchive(archive)) === undefined)
    throw new NiiError('NII_CONFIG', 'The folder in NII_DATABASE_ARCHIVE is not the archive of a database');
  if (at !== 'latest' && at.getTime() > Date.now()) throw outOfRange(`${at.toISOString()} is in the future`);
  const timeline = await findTimeline(archive, wanted);
  if (timeline === undefined) throw outOfRange(`The archive has no timeline ${wanted}`);
  const bases = await listBases(archive);
  for (const base of bases.filter(({ endedAt }) => at === 'latest' || endedAt <= at).toReversed()) {
    const manifest = await readManifest(archive, base.name);
    const end = { timeline: manifest.timeline, at: positionOf(manifest.stop) };
    if (!passesThrough(timeline, end)) continue;
    await rejectUnusable(archive, base, manifest);
    return { at, base, manifest, timeline };
  }
  const [first] = bases;
  if (first === undefined)
    throw outOfRange(
      'The archive has no base backup: run nii backup --database while the service is running',
    );
  throw outOfRange(
    `Timeline ${timeline.number} has no base backup before this time; the earliest one ended at ${first.endedAt.toISOString()}`,
  );
}

/** @throws NII_ARCHIVE_DAMAGED if a segment is missing from the time of the base backup itself */
async function rejectUnusable(
  archive: Archive,
  { name }: NamedBase,
  { firstSegment, timeline, stop }: BaseManifest,
): Promise<void> {
  const there = new Set((await segmentsIn(archive)).map(formatSegment));
  const last = segmentAt(positionOf(stop) - 1n);
  for (let number = parseSegment(firstSegment)?.number ?? last; number <= last; number += 1) {
    const segment = formatSegment({ timeline, number });
    if (there.has(segment)) continue;
    throw damaged(
      `Segment ${segment} is missing, and base backup ${name} needs it. To use an earlier base backup, move the folder base/${name} out of the archive`,
    );
  }
}

function outOfRange(detail: string): NiiError {
  return new NiiError('NII_RECOVERY_RANGE', detail);
}

/* ---- Replay ----------------------------------------------------------------------------------------------- */

/** @returns the time of the last transaction that was replayed, if there was one */
async function replay(cluster: Cluster, archive: Archive, plan: Plan): Promise<Date | undefined> {
  const { folder, data, logFile, programs } = cluster;
  await mkdir(folder, { mode: 0o700 });
  await unpackBase(archive, plan.base.name, plan.manifest, folder);
  await writeScript(cluster, 'fetch.sh', fetchScript(archive));
  await writeFile(join(data, 'recovery.signal'), '', { mode: 0o600 });
  if (programs.owner !== undefined) await giveAll(folder, programs.owner);
  const isComplete = await runRecovery(cluster, recoveryOptions(plan));
  const done = await replayed(logFile);
  if (!isComplete) throw await failureOf(done, archive, plan);
  const damage = plan.at === 'latest' ? await damageAfter(done, archive, plan) : undefined;
  if (damage !== undefined) throw damage;
  return done.lastTransactionAt;
}

/** Runs the server until it has reached its target or failed. pg_ctl does not wait for that, only for the begin. */
async function runRecovery(cluster: Cluster, options: string): Promise<boolean> {
  const { data, logFile, programs } = cluster;
  const args = ['start', '-D', data, '-l', logFile, '-w', '-s', '-t', '55', '-o', options];
  try {
    // the server says itself why it does not start
    await programs.run('pg_ctl', args, START_MS).catch(() => undefined);
    while ((await livingServer(cluster)) !== undefined) {
      if (isReady(await lockLines(serverLock(cluster)))) return true;
      await sleep(LOOK_MS);
    }
    return false;
  } finally {
    await stopServer(cluster);
  }
}

/** Nobody can connect before the end, and nothing is archived. */
function recoveryOptions({ at, timeline }: Plan): string {
  // PostgreSQL reads this before it knows the letter of a zone
  const time = at === 'latest' ? '' : at.toISOString().replace('T', ' ').replace('Z', '+00');
  const target = time === '' ? [] : [`-c 'recovery_target_time=${time}'`];
  return [
    '-p 5432 -c listen_addresses= -c unix_socket_directories=.. -c unix_socket_permissions=0700',
    '-c hot_standby=off -c archive_mode=off -c max_connections=200',
    '-c timezone=UTC -c log_timezone=UTC -c log_min_messages=warning -c lc_messages=C',
    `-c recovery_target_timeline=${timeline.number} -c recovery_target_action=promote`,
    `-c 'restore_command=${FETCH_COMMAND}'`,
    ...target,
  ].join(' ');
}

async function giveAll(
  folder: string,
  { uid, gid }: { readonly uid: number; readonly gid: number },
): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) await chown(join(folder, name), uid, gid);
  await chown(folder, uid, gid);
}

/** What the log of a recovery says. */
interface Replayed {
  readonly lastTransactionAt: Date | undefined;
  /** Segment of the last record. */
  readonly segment: number | undefined;
  readonly fatal: string;
}

async function replayed(logFile: string): Promise<Replayed> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  const time = /last completed transaction was at log time (\S+ [0-9:.]+)/.exec(text)?.[1];
  const position = /redo done at ([0-9A-F]+\/[0-9A-F]+)/.exec(text)?.[1];
  return {
    lastTransactionAt: time === undefined ? undefined : new Date(`${time.replace(' ', 'T')}Z`),
    segment: position === undefined ? undefined : segmentAt(positionOf(position)),
    fatal: /(?:FATAL|PANIC): {2}(.*)/.exec(text)?.[1] ?? '',
  };
}

async function failureOf(done: Replayed, archive: Archive, plan: Plan): Promise<NiiError> {
  if (!done.fatal.startsWith('recovery ended before configured recovery target'))
    return damaged(`The recovery failed: ${done.fatal || 'PostgreSQL does not start'}`);
  const damage = await damageAfter(done, archive, plan);
  if (damage !== undefined) return damage;
  const end = done.lastTransactionAt ?? plan.base.endedAt;
  return outOfRange(
    `Timeline ${plan.timeline.number} ends at ${end.toISOString()}: use --at latest or an earlier time`,
  );
}

/** PostgreSQL takes a missing or damaged segment for the end of the log. The archive has later ones only after damage. */
async function damageAfter(
  { segment, lastTransactionAt }: Replayed,
  archive: Archive,
  { manifest, base, timeline }: Plan,
): Promise<NiiError | undefined> {
  const segments = await segmentsIn(archive);
  const first = parseSegment(manifest.firstSegment)?.number ?? 0;
  const gap = findGap(timeline, segments, first);
  const until = `a recovery is possible until ${(lastTransactionAt ?? base.endedAt).toISOString()}`;
  if (gap !== undefined) return damaged(`Segment ${formatSegment(gap)} is missing: ${until}`);
  if (segment === undefined || segment >= lastSegment(timeline, segments)) return undefined;
  const name = formatSegment({ timeline: timeline.number, number: segment });
  return damaged(`Segment ${name} or the next one is damaged: ${until}`);
}

function damaged(detail: string): NiiError {
  return new NiiError('NII_ARCHIVE_DAMAGED', detail);
}
