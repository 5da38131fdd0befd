import { sealAudit } from '../../../src/audit/seal.ts';
import type { Records } from '../../../src/core/ports/records.ts';
import { scope } from '../contract/sample-records.ts';

const actor = { keyId: 'k', role: 'lane', ...scope } as const;

/** Writes entries with these subjects, each in a transaction of its own. */
export async function writeAudit(records: Records, subjects: readonly string[]): Promise<void> {
  for (const subject of subjects)
    await records.transaction((tx) => tx.audit({ actor, action: 'view scan', subject, detail: { subject } }));
}

/** Takes the next number and leaves no row. */
export async function takeBackAudit(records: Records): Promise<void> {
  const taken = records.transaction(async (tx) => {
    await tx.audit({ actor, action: 'view scan', subject: 'taken back', detail: {} });
    throw new Error('taken back');
  });
  await taken.catch(() => undefined);
}

/** Seals what there is as a process did whose database had this time. */
export async function sealAuditAt(records: Records, at: Date): Promise<void> {
  const now = at.toISOString().replace('Z', '000Z');
  await sealAudit({
    transaction: (work) =>
      records.transaction((tx) =>
        work({ ...tx, sealWindow: async (seconds) => ({ ...(await tx.sealWindow(seconds)), now }) }),
      ),
  });
}
