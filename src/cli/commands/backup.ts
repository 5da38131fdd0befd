import { backup as copyAll } from '../../maintenance/backup.ts';
import { restore as fillFrom } from '../../maintenance/restore.ts';
import { type Command, exitCode, invalidOperands, requiredText, WrongUse } from '../command.ts';
import { progressOf } from '../progress.ts';
import { json } from '../text.ts';
import { withService } from './maintenance.ts';

export const backup: Command = {
  name: 'backup',
  summary: 'back up objects, keys and the audit into a folder',
  options: {
    out: {
      type: 'string',
      short: 'o',
      help: '<DIR> backup folder; repeat with the same folder to copy only new objects',
    },
  },
  notes: [
    'Copies every referenced object, checked against its hash, the keys (secrets only as hashes) and the audit.',
    'Can be used while the service runs. backup.json is written last: without it the backup is incomplete.',
  ],
  async run(context, values) {
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
  summary: 'fill an empty installation from a backup',
  operands: 'DIR',
  options: {},
  notes: [
    'Restores objects, records and keys, but not leases, cursors and idempotency keys. The old audit stays in the backup',
    '(audit.jsonl, audit-seals.jsonl), because rows of the append-only table have the time at which they were written.',
    'If it was interrupted, run it again.',
  ],
  async run(context, values, operands) {
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
              `${holds} holds, ${declarations} declarations and ${keys} keys restored\n`,
      );
      return exitCode.done;
    });
  },
};
