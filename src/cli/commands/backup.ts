import { backup as copyAll } from '../../maintenance/backup.ts';
import { restore as fillFrom } from '../../maintenance/restore.ts';
import { type Command, exitCode, invalidOperands, requiredText, textOf, WrongUse } from '../command.ts';
import { progressOf } from '../progress.ts';
import { json } from '../text.ts';
import { heldText, withService } from './maintenance.ts';
import { restoreAt, takeBase } from './point-in-time.ts';

export const backup: Command = {
  name: 'backup',
  summary: 'back up objects, keys and the audit log to a folder',
  options: {
    out: {
      type: 'string',
      short: 'o',
      help: '<DIR> backup folder; repeat with the same folder to copy only new objects',
    },
    database: {
      type: 'boolean',
      help: 'take a base backup of the embedded database into NII_DATABASE_ARCHIVE instead',
    },
  },
  notes: [
    'Copies the keys (secrets only as hashes), the audit log, and every referenced object. Checks the hash of each object before copying it.',
    'You can use this command while the service runs. backup.json is written last: without it, the backup is incomplete.',
    'The workers take a base backup every day. nii restore --at starts from one of these backups.',
  ],
  async run(context, values) {
    if (values.database === true) {
      if (textOf(values, 'out') !== undefined)
        throw new WrongUse(
          '--out cannot be used with --database, because base backups go to NII_DATABASE_ARCHIVE',
        );
      return takeBase(context, values);
    }
    const out = requiredText(values, 'out');
    return withService(context, async ({ deps }) => {
      const progress = progressOf(context.terminal, 'objects copied');
      const manifest = await copyAll(deps, out, deps.clock.now(), progress.count);
      progress.end();
      const { objects, bytes, keys, audit, seals } = manifest;
      context.terminal.out(
        values.json === true
          ? json(manifest)
          : `${objects} objects (${bytes} bytes), ${keys} keys and ${audit} audit rows with ${seals} seals are in ${out}\n`,
      );
      return exitCode.done;
    });
  },
};

export const restore: Command = {
  name: 'restore',
  summary: 'fill an empty installation from a backup, or recover the database to a point in time',
  operands: '[DIR]',
  options: {
    at: {
      type: 'string',
      help: '<TIME> recover the embedded database from NII_DATABASE_ARCHIVE to this time, or to latest',
    },
    timeline: { type: 'string', help: '<NUMBER> with --at: a timeline earlier than the newest one' },
  },
  notes: [
    'Restores objects, records and keys, but not leases, cursors or idempotency keys. The earlier audit log is not restored:',
    'it stays in the backup (audit.jsonl, audit-seals.jsonl), because each row of the append-only table keeps the time at',
    'which it was written.',
    'If a restore is interrupted, run it again.',
    'What happened after the recovery point is unknown, so vehicles that were scanned before the restore are on hold until',
    'two people at each site end the hold (docs/reference/lane.md).',
    'With --at, the objects are not changed, and the data folder must not contain a database. Objects newer than that time',
    'are listed (exit code 4), and nii reindex brings them back. Keys and the audit log are restored with the database.',
  ],
  async run(context, values, operands) {
    if (textOf(values, 'at') !== undefined) {
      if (operands.length > 0) throw new WrongUse('DIR cannot be used with --at');
      return restoreAt(context, values);
    }
    if (textOf(values, 'timeline') !== undefined) throw new WrongUse('--timeline can be used only with --at');
    const [dir, ...more] = operands;
    if (dir === undefined || more.length > 0)
      throw new WrongUse(invalidOperands(operands, ['the folder of one backup']));
    return withService(context, async ({ deps }) => {
      const progress = progressOf(context.terminal, 'objects restored');
      const done = await fillFrom(deps, dir, progress.count);
      progress.end();
      const { objects, keys, scans, revisions, cases, holds, declarations } = done;
      context.terminal.out(
        values.json === true
          ? json(done)
          : `${objects} objects, ${scans} scans with ${revisions} revisions, ${cases} cases, ` +
              `${holds} holds, ${declarations} declarations and ${keys} keys restored\n${heldText(done.recoveryPoint)}`,
      );
      return exitCode.done;
    });
  },
};
