import { NiiError } from '../../core/errors.ts';
import type { Recovered, RecoveryTarget } from '../../core/ports/base-backups.ts';
import { type AfterRecovery, checkRecovered, holdAfterRecovery } from '../../maintenance/after-recovery.ts';
import { type CliContext, exitCode, textOf, type Values, WrongUse, wholeNumber } from '../command.ts';
import { progressOf } from '../progress.ts';
import { json } from '../text.ts';
import { heldText, listText, OLDER_DATABASE, OLDER_STORE, withService } from './maintenance.ts';

/** `nii backup --database` */
export function takeBase(context: CliContext, values: Values): Promise<number> {
  return withService(context, async ({ deps: { baseBackups, clock } }) => {
    if (baseBackups === undefined)
      throw new NiiError(
        'NII_CONFIG',
        'Set NII_DATABASE_ARCHIVE first. For a database on a server, use the tools of that server, such as pg_basebackup',
      );
    const taken = await baseBackups.take(clock.now());
    const { name, files, bytes } = taken;
    context.terminal.out(
      values.json === true ? json(taken) : `Base backup ${name}: ${files} files, ${bytes} bytes\n`,
    );
    return exitCode.done;
  });
}

/** `nii restore --at` */
export async function restoreAt(context: CliContext, values: Values): Promise<number> {
  const began = performance.now();
  const recovered = await context.recover(targetOf(values));
  const recoverySeconds = Math.round((performance.now() - began) / 100) / 10;
  return withService(context, async ({ deps }) => {
    const recoveryPoint = await holdAfterRecovery(deps, recovered);
    const progress = progressOf(context.terminal, 'objects verified');
    const checked = await checkRecovered(deps, progress.count);
    progress.end();
    context.terminal.out(
      values.json === true
        ? json({ ...recovered, recoverySeconds, ...checked })
        : `${recoveredText(recovered, recoverySeconds)}${heldText(recoveryPoint)}${checkedText(checked)}`,
    );
    const { missing, corrupt, locked, unknown } = checked;
    return [missing, corrupt, locked, unknown].every(({ length }) => length === 0)
      ? exitCode.done
      : exitCode.unclean;
  });
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;
const MOST_TIMELINES = 0x7fffffff;

function targetOf(values: Values): RecoveryTarget {
  const text = textOf(values, 'at') ?? '';
  const timeline = wholeNumber(values, 'timeline', MOST_TIMELINES);
  const time = ISO_TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (text !== 'latest' && Number.isNaN(time))
    throw new WrongUse(
      `Invalid --at "${text}": use a time with its zone, such as 2026-11-30T13:52:40Z, or latest`,
    );
  const at = text === 'latest' ? text : new Date(time);
  return timeline === undefined ? { at } : { at, timeline };
}

function recoveredText(
  { base, baseEndedAt, lastTransactionAt, timeline }: Recovered,
  seconds: number,
): string {
  const last =
    lastTransactionAt === undefined
      ? `no transaction after the base backup, which ended at ${baseEndedAt.toISOString()}`
      : `the last transaction was at ${lastTransactionAt.toISOString()}`;
  return `Database recovered in ${seconds} s from base backup ${base}, timeline ${timeline}: ${last}\n`;
}

function checkedText({
  objects,
  bytes,
  missing,
  corrupt,
  locked,
  unknown,
  endedUploads,
}: AfterRecovery): string {
  const steps = [
    ...(missing.length === 0 ? [] : [OLDER_STORE]),
    ...(unknown.length === 0 ? [] : [`${OLDER_DATABASE}, which brings them back`]),
    'The audit log was rolled back too. At the end, accept the new state with nii verify --accept',
  ];
  return [
    listText('missing', missing),
    listText('damaged', corrupt),
    listText('locked', locked),
    listText('unknown to the database', unknown),
    `${objects} objects, ${bytes} bytes: ${missing.length} missing, ${corrupt.length} damaged, ${locked.length} locked, `,
    `${unknown.length} unknown to the database; ${endedUploads} open uploads must start again\n`,
    ...steps.map((step) => `${step}\n`),
  ].join('');
}
