import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defined } from '../../core/defined.ts';
import { isNiiError } from '../../core/errors.ts';
import { type Lacking, lackingIn } from '../../maintenance/lacking.ts';
import { type Restored, readBackup, restore } from '../../maintenance/restore.ts';
import { type Verification, verifyAll } from '../../maintenance/verify.ts';
import { startService } from '../../tools/bench/service.ts';
import {
  type CliContext,
  type Command,
  exitCode,
  invalidOperands,
  textOf,
  type Values,
  WrongUse,
  wholeNumber,
} from '../command.ts';
import { progressOf } from '../progress.ts';
import { json } from '../text.ts';
import { type ArchiveDrill, checkServerArchive, recoverCopy, secondsBetween } from './archive-drill.ts';

/** Minutes that a limit may have: ten years. */
const MOST_MINUTES = 5_256_000;

interface Drill {
  readonly recoveryPoint: {
    readonly backupBegun: string;
    readonly seconds: number;
    /** Absent where the installation cannot be opened. */
    readonly lacking?: Lacking;
  };
  readonly recoveryTime: {
    readonly seconds: number;
    readonly restore: number;
    readonly verify: number;
    readonly start: number;
  };
  readonly restored: Restored;
  readonly verified: Pick<Verification, 'objects' | 'bytes' | 'missing' | 'corrupt' | 'unnamed'>;
}

export const drill: Command = {
  name: 'drill',
  summary: 'test-restore a backup or the database archive; report recovery point and recovery time',
  operands: '[DIR]',
  options: {
    at: { type: 'string', help: '<DIR> folder for the copy; it needs as much space as the backup' },
    'max-point': { type: 'string', help: '<MINUTES> exit with code 4 if the backup is older' },
    'max-time': { type: 'string', help: '<MINUTES> exit with code 4 if the recovery takes longer' },
  },
  notes: [
    'Recovery point: the age of the backup, and any newer data that is missing from it. Recovery time: the time to restore into a folder',
    'with an embedded PostgreSQL, check all hashes, and start a service. The drill only reads the installation,',
    'and removes the copy at the end. The exit code is 4 if a part of the backup is damaged or missing.',
    'Without DIR: recovers the embedded database from NII_DATABASE_ARCHIVE, and compares it with the objects of the',
    'installation. For a database on a server: checks that the server archives its changes.',
  ],
  async run(context, values, operands) {
    const [backupDir, ...more] = operands;
    if (more.length > 0)
      throw new WrongUse(invalidOperands(operands, ['the folder of one backup', 'no operand']));
    const limits = {
      point: wholeNumber(values, 'max-point', MOST_MINUTES),
      time: wholeNumber(values, 'max-time', MOST_MINUTES),
    };
    if (backupDir === undefined && context.place().records.kind === 'server')
      return checkServer(context, values);
    const dir = await mkdtemp(join(textOf(values, 'at') ?? tmpdir(), 'nii-drill-'));
    try {
      if (backupDir === undefined)
        return reportArchive(context, values, await recoverCopy(context, dir), limits);
      const done = await recover(context, backupDir, dir);
      const faults = faultsOf(done, limits);
      context.terminal.out(values.json === true ? json({ ...done, faults }) : report(done, faults));
      return faults.length === 0 ? exitCode.done : exitCode.unclean;
    } catch (error) {
      if (!context.signal.aborted) throw error;
      context.terminal.err('The drill was stopped, and its copy was removed.\n');
      return exitCode.failed;
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  },
};

async function recover(context: CliContext, backupDir: string, dir: string): Promise<Drill> {
  const { createdAt } = await readBackup(backupDir);
  const seconds = secondsBetween(Date.parse(createdAt), Date.now());
  const lacking = await lackingNow(context, backupDir);
  const { encryption } = context.place();
  const settings = {
    NII_DATA: dir,
    NII_PORT: '0',
    NII_WORKERS: '0',
    NII_LOG_LEVEL: 'error',
    ...defined({ NII_OBJECT_KEY_FILE: encryption?.keyFile, NII_OBJECT_PLAIN: encryption?.plain }),
  };
  const began = Date.now();
  const { restored, restoredAt, verified, verifiedAt } = await restoreAt(context, backupDir, settings);
  const running = await startService(context.processes, settings, dir);
  const ready = Date.now();
  await running.stop();
  context.signal.throwIfAborted();
  return {
    recoveryPoint: { backupBegun: createdAt, seconds, ...defined({ lacking }) },
    recoveryTime: {
      seconds: secondsBetween(began, ready),
      restore: secondsBetween(began, restoredAt),
      verify: secondsBetween(restoredAt, verifiedAt),
      start: secondsBetween(verifiedAt, ready),
    },
    restored,
    verified,
  };
}

async function restoreAt(
  { open, terminal, signal }: CliContext,
  backupDir: string,
  settings: Readonly<Record<string, string>>,
) {
  const { deps, close } = await open(settings);
  try {
    const restoring = progressOf(terminal, 'objects restored');
    const orStop = (count: (done: number) => void) => (done: number) => {
      signal.throwIfAborted();
      count(done);
    };
    const restored = await restore(deps, backupDir, orStop(restoring.count));
    restoring.end();
    const restoredAt = Date.now();
    const verifying = progressOf(terminal, 'objects verified');
    const verified = await verifyAll({ ...deps, replica: undefined }, orStop(verifying.count));
    verifying.end();
    return { restored, restoredAt, verified, verifiedAt: Date.now() };
  } finally {
    await close();
  }
}

/** Undefined where the installation is lost or unreachable: then a backup is all there is. */
async function lackingNow({ open, terminal }: CliContext, backupDir: string): Promise<Lacking | undefined> {
  try {
    const { deps, close } = await open();
    try {
      return await lackingIn(backupDir, deps.records);
    } finally {
      await close();
    }
  } catch (error) {
    if (!isNiiError(error) || error.code === 'NII_CORRUPT') throw error;
    terminal.err(
      `The installation cannot be opened, so the data that the backup lacks is unknown: ${error.message}\n`,
    );
    return undefined;
  }
}

interface DrillLimits {
  readonly point: number | undefined;
  readonly time: number | undefined;
}

function faultsOf({ recoveryPoint, recoveryTime, restored, verified }: Drill, limits: DrillLimits): string[] {
  const damaged = [...restored.damaged, ...verified.missing, ...verified.corrupt];
  return [
    ...damaged.map((what) => `damaged or missing: ${what}`),
    ...faultsOfLimits({ recoveryPoint, recoveryTime }, limits),
  ];
}

interface Figures {
  readonly recoveryPoint: { readonly seconds: number };
  readonly recoveryTime: { readonly seconds: number };
}

function faultsOfLimits({ recoveryPoint, recoveryTime }: Figures, limits: DrillLimits): readonly string[] {
  const over = (what: string, seconds: number, most: number | undefined) =>
    most !== undefined && seconds > most * 60
      ? [`the recovery ${what} is ${Math.round(seconds / 6) / 10} min; at most ${most} min are allowed`]
      : [];
  return [
    ...over('point', recoveryPoint.seconds, limits.point),
    ...over('time', recoveryTime.seconds, limits.time),
  ];
}

/* ---- The archive of the database -------------------------------------------------------------------------- */

async function checkServer(context: CliContext, values: Values): Promise<number> {
  const faults = await checkServerArchive(context);
  context.terminal.out(values.json === true ? json({ faults }) : faults.map(faultLine).join(''));
  if (values.json !== true && faults.length === 0) context.terminal.out('The server archives its changes\n');
  return faults.length === 0 ? exitCode.done : exitCode.unclean;
}

function faultLine(fault: string): string {
  return `fault           ${fault}\n`;
}

function reportArchive(context: CliContext, values: Values, done: ArchiveDrill, limits: DrillLimits): number {
  const { verified } = done;
  const damaged = [...(verified?.missing ?? []), ...(verified?.corrupt ?? [])];
  const faults = [
    ...damaged.map((key) => `damaged or missing: ${key}`),
    ...done.faults,
    ...faultsOfLimits(done, limits),
  ];
  context.terminal.out(values.json === true ? json({ ...done, faults }) : archiveText(done, faults));
  return faults.length === 0 ? exitCode.done : exitCode.unclean;
}

function archiveText(
  { recoveryPoint, recoveryTime, recovered, verified }: ArchiveDrill,
  faults: readonly string[],
): string {
  const objects =
    verified === undefined
      ? 'the objects are not checked'
      : `${verified.objects} objects (${verified.bytes} bytes) checked`;
  return [
    `recovery point  ${recoveryPoint.seconds} s: the last transaction was at ${recoveryPoint.lastTransactionAt.toISOString()}; ${lackingText(recoveryPoint.lacking)}\n`,
    `recovery time   ${recoveryTime.seconds} s: recovered in ${recoveryTime.restore} s, verified in ` +
      `${recoveryTime.verify} s, ready after ${recoveryTime.start} s more\n`,
    `recovered       from base backup ${recovered.base}, timeline ${recovered.timeline}; ${objects}\n`,
    ...faults.map(faultLine),
  ].join('');
}

function lackingText(lacking: Lacking | undefined): string {
  return lacking === undefined
    ? 'the data that it lacks is unknown'
    : `it lacks ${lacking.revisions} scan revisions, ${lacking.decisions} decisions, ` +
        `${lacking.declarations} declarations, ${lacking.scanners} scanner entries, ${lacking.persons} person entries`;
}

function report(
  { recoveryPoint, recoveryTime, restored, verified }: Drill,
  faults: readonly string[],
): string {
  const { backupBegun, seconds, lacking } = recoveryPoint;
  return [
    `recovery point  ${Math.round(seconds / 6) / 10} min: the backup started at ${backupBegun}; ${lackingText(lacking)}\n`,
    `recovery time   ${recoveryTime.seconds} s: restored in ${recoveryTime.restore} s, verified in ` +
      `${recoveryTime.verify} s, ready after ${recoveryTime.start} s more\n`,
    `restored        ${restored.scans} scans with ${restored.revisions} revisions, ${restored.cases} cases, ` +
      `${restored.holds} holds, ${restored.declarations} declarations, ${restored.keys} keys; ` +
      `${verified.objects} objects (${verified.bytes} bytes) match their hashes\n`,
    ...faults.map(faultLine),
  ].join('');
}
