import { type AuditFault, type AuditVerification, verifyAudit } from '../../audit/verify-seals.ts';
import { NiiError } from '../../core/errors.ts';
import { unreachable } from '../../core/never.ts';
import type { ObjectEncryption } from '../../core/ports/objects.ts';
import { securityEvent } from '../../core/security-event.ts';
import { reindexHolding } from '../../maintenance/reindex/reindex-holding.ts';
import { requireKeys, requireRoots } from '../../maintenance/reindex/require-roots.ts';
import { acceptRollbacks, findRollbacks, ROLLBACK_STEP, rollbackText } from '../../maintenance/rollback.ts';
import { planSweep, removePlanned, type SweepPlan } from '../../maintenance/sweep.ts';
import { type Verification, verifyAll } from '../../maintenance/verify.ts';
import { type LooseFound, verifyFolders } from '../../maintenance/verify-folders.ts';
import {
  type CliContext,
  type Command,
  exitCode,
  type Service,
  type Values,
  WrongUse,
  wholeNumber,
} from '../command.ts';
import { progressOf } from '../progress.ts';
import { json } from '../text.ts';

export const verify: Command = {
  name: 'verify',
  summary: 'check all stored objects against their hashes, and the audit log against its seals',
  options: {
    repair: {
      type: 'boolean',
      help: 'restore missing and damaged objects from the backup in NII_REPLICA, if its copies have the recorded hash',
    },
    accept: {
      type: 'boolean',
      help: 'accept the current state after the database or the store was rolled back; find the cause first',
    },
  },
  notes: [
    'The exit code is 4 if objects are missing, damaged, locked or unknown to the database, if files belong to other users',
    'of this machine or are open to them, or if an audit log row or a seal was changed, removed or added later. Locked objects are',
    'encrypted with a key that is not in the key file. Unreferenced objects come from interrupted steps: they are',
    'harmless, and nii sweep removes them.',
  ],
  async run(context, values) {
    return withService(context, async ({ deps, folders }) => {
      const progress = progressOf(context.terminal, 'objects verified');
      const replica = values.repair === true ? replicaOf(deps) : undefined;
      const found = await verifyAll({ ...deps, replica }, progress.count);
      const loose = await verifyFolders(folders);
      progress.end();
      const rows = progressOf(context.terminal, 'audit log rows verified');
      const audit = await verifyAudit(deps.records, rows.count);
      rows.end();
      const rollbacks = await findRollbacks(deps);
      if (values.accept === true) await acceptRollbacks(deps, rollbacks);
      const faults = {
        missing: found.missing.length,
        damaged: found.corrupt.length,
        locked: found.locked.length,
        unknown: found.unknown.length,
        audit: audit.faults.length + audit.more,
        open: loose.count,
        rollbacks: rollbacks.length,
      };
      const clean = Object.values(faults).every((count) => count === 0);
      if (!clean)
        await deps.records.transaction((tx) => tx.audit(securityEvent('verify found faults', '', faults)));
      const { out } = context.terminal;
      if (values.json === true)
        out(json({ clean, ...found, bucket: deps.encryption.bucket, loose, audit, rollbacks }));
      else {
        out(verifiedText(found, loose));
        out(encryptionText(found, deps.encryption));
        out(auditText(audit));
        for (const one of rollbacks) out(`${rollbackText(one)}\n`);
        if (rollbacks.length > 0) out(rollbackStep(values.accept === true));
      }
      return clean ? exitCode.done : exitCode.unclean;
    });
  },
};

function replicaOf({ replica }: Pick<Service['deps'], 'replica'>): string {
  if (replica !== undefined) return replica;
  throw new NiiError('NII_CONFIG', 'Set NII_REPLICA to a backup folder before you use nii verify --repair');
}

const LACKING_KEY =
  'Locked objects are encrypted with keys that are not in the key file (NII_OBJECT_KEY_FILE). Add the missing keys to that file';

function encryptionText(
  { encrypted, plain, locked }: Pick<Verification, 'encrypted' | 'plain' | 'locked'>,
  { bucket }: Pick<ObjectEncryption, 'bucket'>,
): string {
  const byKey = Object.entries(encrypted).map(([keyId, count]) => `${count} with the key ${keyId}, `);
  const server = bucket === undefined ? '' : `; bucket encryption by the S3 server:  ${bucket}`;
  return `encryption: ${byKey.join('')}${locked.length} locked, ${plain} plain${server}\n`;
}

function verifiedText(found: Verification, loose: LooseFound): string {
  const lines = [
    ...found.repaired.map((key) => `repaired ${key}`),
    ...found.missing.map((key) => `missing  ${key}`),
    ...(found.missing.length > 0 ? [OLDER_STORE] : []),
    ...found.corrupt.map((key) => `damaged  ${key}`),
    ...found.locked.map((key) => `locked   ${key}`),
    ...(found.locked.length > 0 ? [LACKING_KEY] : []),
    ...listed('unknown to the database', found.unknown),
    ...(found.unknown.length > 0 ? [OLDER_DATABASE] : []),
    ...loose.entries.map(
      ({ why, mode, path }) =>
        `${why === 'open' ? `open to other users (${mode})` : 'of another user'}  ${path}`,
    ),
    `${found.objects} objects, ${found.bytes} bytes: ${found.missing.length} missing, ` +
      `${found.corrupt.length} damaged, ${found.unknown.length} unknown to the database; ` +
      `${found.unnamed.length} unreferenced; ` +
      `${loose.count} files or folders open to other users`,
  ];
  return `${lines.join('\n')}\n`;
}

function rollbackStep(isAccepted: boolean): string {
  return isAccepted
    ? 'The current state is accepted; this is recorded in the audit log\n'
    : `${ROLLBACK_STEP}\n`;
}

const DEFAULT_HOURS = 24;
const HOUR_MS = 3_600_000;
/** Keys that are printed; --json has them all. */
const SHOWN_KEYS = 10;

export const sweep: Command = {
  name: 'sweep',
  summary: 'remove stored objects that nothing refers to',
  options: {
    'older-than': {
      type: 'string',
      help: '<HOURS> keep younger objects',
      default: String(DEFAULT_HOURS),
    },
    yes: { type: 'boolean', help: 'remove without asking; required if no terminal is attached' },
  },
  notes: [
    'Never removes objects that nii reindex reads, or objects to which they refer. Lists the objects and asks before it',
    'removes them. If the store holds acknowledged data that the database lacks, it removes nothing (exit code 4): the database',
    'is older than the store; run nii reindex. You can use this command while the service runs.',
  ],
  async run(context, values) {
    const hours = wholeNumber(values, 'older-than', 1_000_000) ?? DEFAULT_HOURS;
    return withService(context, async ({ deps }) => {
      const before = new Date(deps.clock.now().getTime() - hours * HOUR_MS);
      const plan = await planSweep(deps, before);
      const { terminal } = context;
      if (values.json !== true) terminal.out(planText(plan, hours));
      const answer = plan.removable.length === 0 ? 'no' : await confirmRemoval(context, values, plan);
      const removed = answer === 'yes' ? await removePlanned(deps, plan) : [];
      if (values.json === true) terminal.out(json({ removed, ...plan }));
      else if (answer === 'yes') terminal.out(`${removed.length} objects removed\n`);
      if (answer === 'nobody to ask')
        throw new WrongUse('Missing option --yes: no terminal is attached to confirm the removal');
      return plan.unknown.length === 0 ? exitCode.done : exitCode.unclean;
    });
  },
};

async function confirmRemoval(
  { terminal }: CliContext,
  values: Values,
  { removable }: SweepPlan,
): Promise<'yes' | 'no' | 'nobody to ask'> {
  if (values.yes === true) return 'yes';
  if (terminal.confirm === undefined) return 'nobody to ask';
  return (await terminal.confirm(`Remove ${removable.length} objects?`)) ? 'yes' : 'no';
}

function planText({ unknown, removable, young }: SweepPlan, hours: number): string {
  if (unknown.length > 0)
    return `${listText('unknown to the database', unknown)}${OLDER_DATABASE}; nothing is removed\n`;
  const bytes = removable.reduce((sum, object) => sum + object.bytes, 0);
  const keys = removable.map(({ key }) => key);
  return (
    listText('unreferenced', keys) +
    `${removable.length} objects, ${bytes} bytes: nothing refers to them; ` +
    `${young} more are kept, because they are younger than ${hours} hours or of unknown age\n`
  );
}

export const OLDER_DATABASE =
  'The database is older than the object store: stop the service and run nii reindex --yes';

/** What follows from a database that is older than what was said. */
export function heldText(recoveryPoint: string): string {
  return (
    `Recovery point: ${recoveryPoint}. Vehicles that were scanned before now are on hold until two people at each site end ` +
    'the hold: GET /v1/service-holds, then PUT and POST …/confirmation\n'
  );
}

export const OLDER_STORE =
  'The object store is missing objects or is older than the database: restore the objects from a backup before you run nii reindex';

function listed(what: string, keys: readonly string[]): readonly string[] {
  const lines = keys.slice(0, SHOWN_KEYS).map((key) => `${what}  ${key}`);
  return keys.length > SHOWN_KEYS ? [...lines, `${what}  ${keys.length - SHOWN_KEYS} more`] : lines;
}

/** The first keys, each in a line, and how many more there are. */
export function listText(what: string, keys: readonly string[]): string {
  return listed(what, keys)
    .map((line) => `${line}\n`)
    .join('');
}

export const reindex: Command = {
  name: 'reindex',
  summary: 'rebuild the database from the object store alone',
  options: {
    yes: { type: 'boolean', help: 'confirm; without this option nothing changes' },
    'forget-missing': {
      type: 'boolean',
      help: 'also forget scans, cases and documents whose objects are missing or locked',
    },
  },
  notes: [
    'Rebuilt: scans, revisions, findings and declarations; also cases and radiation holds, with their history. Keys are kept.',
    'Lost: leases of claimed cases and jobs, change-feed cursors, idempotency keys, and the audit log if the',
    'database itself was lost. Stop the service and its workers first.',
    'Changes nothing if the object store lost scans, cases or documents that are in the database, or if the key file lacks',
    'a key for one of them: restore the objects or the key first.',
    'Unreadable objects are listed and skipped (exit code 4); interrupted steps are repeated.',
  ],
  async run(context, values) {
    if (values.yes !== true) {
      throw new WrongUse(
        'Missing option --yes: this empties the database and rebuilds it from the objects; leases, cursors and ' +
          'idempotency keys are lost',
      );
    }
    return withService(context, async ({ deps }) => {
      if (values['forget-missing'] !== true) {
        await requireKeys(deps);
        await requireRoots(deps);
      }
      const progress = progressOf(context.terminal, 'scans rebuilt');
      const rebuilt = await reindexHolding(deps, progress.count);
      progress.end();
      const { scans, revisions, cases, holds, declarations, damaged } = rebuilt;
      context.terminal.out(
        values.json === true
          ? json(rebuilt)
          : `${scans} scans, ${revisions} revisions, ${cases} cases, ${holds} holds, ${declarations} declarations rebuilt\n`,
      );
      if (values.json !== true) {
        for (const what of damaged) context.terminal.err(`damaged: ${what}\n`);
        if (rebuilt.isHeld) context.terminal.out(heldText('unknown'));
      }
      return damaged.length === 0 ? exitCode.done : exitCode.unclean;
    });
  },
};

function auditText({ rows, sealed, unsealed, newest, faults, more }: AuditVerification): string {
  const lines = faults.map((fault) => `audit    ${faultText(fault)}\n`);
  if (more > 0) lines.push(`audit    ${more} more faults not shown\n`);
  const last = newest === undefined ? 'no seal yet' : `newest seal ${newest.number} ${newest.sha256}`;
  const count = `${rows} audit rows: ${sealed} sealed, ${unsealed} not sealed yet, ${faults.length + more} faults`;
  return `${lines.join('')}${count}; ${last}\n`;
}

function faultText({ what, seal, first, last }: AuditFault): string {
  const numbers = first === last ? `${first}` : `${first} to ${last}`;
  switch (what) {
    case 'row removed':
      return `seal ${seal}: row ${numbers} was removed`;
    case 'row added later':
      return `seal ${seal}: row ${numbers} was added later`;
    case 'row changed':
      return `seal ${seal}: a row was changed, one of ${numbers}`;
    case 'seal changed':
      return `seal ${seal} was changed; it covers rows ${numbers}`;
    case 'row or seal changed':
      return `seal ${seal}, or one of its rows ${numbers}, was changed`;
    case 'seal removed':
      return `seal ${numbers} was removed`;
    default:
      return unreachable(what);
  }
}

/** Opens stores and records for one command, and closes them whatever happens. */
export async function withService(
  context: CliContext,
  work: (service: Service) => Promise<number>,
): Promise<number> {
  const service = await context.open();
  try {
    return await work(service);
  } finally {
    await service.close();
  }
}
