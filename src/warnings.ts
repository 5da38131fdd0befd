import type { Config } from './config.ts';
import type { Log } from './core/ports/process.ts';
import type { AuditProtection } from './core/ports/records/audit.ts';
import { type ReportRollbackDeps, reportRollbacks } from './maintenance/rollback.ts';
import { findContainment } from './runtime/contain/containment.ts';

/** Whoever takes over a process of root has the machine. */
export function warnOfRoot({ allowRoot }: Config, log: Log): void {
  if (process.getuid?.() === 0 && !allowRoot)
    log.warn({}, 'the service runs as root; run it as a separate user, or set NII_ALLOW_ROOT=1');
}

/** The audit is worth as much as the rights of the service allow. */
export async function warnOfRights(
  protection: AuditProtection,
  { records }: Config,
  log: Log,
): Promise<void> {
  if (await protection.mayRewriteAudit())
    log.warn(
      {},
      'the role in NII_DATABASE_URL can change the audit; use a role with fewer rights (nii migrate)',
    );
  if (records.kind === 'server' && records.ownerUrl !== undefined)
    log.warn(
      {},
      'NII_DATABASE_OWNER_URL is only for nii migrate; remove it from the settings of the service',
    );
}

/** Says how well this machine lets us contain the processes that read files of strangers. */
export async function logContainment(log: Log): Promise<void> {
  const { kind, missing } = await findContainment();
  if (kind === 'none') log.warn({ missing }, 'not contained');
  else log.info({ way: kind, missing }, 'contained');
}

/** Reports what went back since the last run. @throws NII_ROLLED_BACK after closing, if the settings say stop */
export async function reportRollbacksAtStart(
  { deps, close }: { readonly deps: ReportRollbackDeps; close(): Promise<void> },
  { onRollback }: Config,
): Promise<void> {
  try {
    await reportRollbacks(deps, onRollback);
  } catch (error) {
    await close();
    throw error;
  }
}
