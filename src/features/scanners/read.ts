import { type Actor, mayAdminister, scopeOf } from '../../core/access.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { Page } from '../../core/page.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { TimedRecords } from '../../core/ports/stores.ts';
import type { Standing } from '../../core/rules/version.ts';
import { proposalIn, type StoredRegister } from '../../core/scanner/register.ts';
import { type ClockState, clockOf, type ScannerDay, type ScannerRow } from '../../core/scanner/scanner.ts';
import { registerDocument } from '../../stored/document-kinds.ts';

/** What is in force, and what waits for another person. */
export interface RegisteredScanner extends ScannerRow {
  readonly proposal?: StoredRegister;
}

export interface ScannerView {
  readonly scanner: RegisteredScanner;
  readonly days: readonly ScannerDay[];
  readonly clock: ClockState;
}

/** So far back the days are counted. */
const DAYS = 90;

export async function listScanners(
  { records, clock }: TimedRecords<Tx<'scanners' | 'scannerDays' | 'documentStanding' | 'audit'>>,
  actor: Actor,
  limit: number,
  cursor?: string,
): Promise<Page<ScannerView>> {
  return records.transaction(async (tx) => {
    const page = await tx.scanners(scopeOf(actor), limit, cursor);
    const rows: ScannerView[] = [];
    for (const scanner of page.rows) rows.push(await viewOf(tx, scanner, clock.now()));
    await tx.audit({ actor, action: 'view scanners', subject: '', detail: { rows: rows.length } });
    return { ...page, rows };
  });
}

export async function getScanner(
  { records, clock }: TimedRecords<Tx<'scanner' | 'scannerDays' | 'documentStanding' | 'audit'>>,
  actor: Actor,
  site: string,
  id: string,
): Promise<ScannerView> {
  return records.transaction(async (tx) => {
    const view = await viewOf(tx, await scannerFor(tx, actor, site, id), clock.now());
    await tx.audit({ actor, action: 'view scanner', subject: `${site}/${id}`, detail: {}, site });
    return view;
  });
}

export async function scannerFor(
  tx: Tx<'scanner'>,
  actor: Actor,
  site: string,
  id: string,
): Promise<ScannerRow> {
  const { administration } = actor;
  const scanner = mayAdminister(actor, { administration, site })
    ? await tx.scanner({ ...scopeOf(actor), site }, id)
    : undefined;
  if (scanner === undefined) throw new NiiError('NII_NOT_FOUND', `Unknown scanner "${id}"`);
  return scanner;
}

/**
 * Versions of the register. One that 0.2.0 wrote is not among the documents, and its time and writer were not kept: they are
 * empty.
 */
export async function standingOf(
  tx: Tx<'documentStanding'>,
  { administration, site, id, register }: ScannerRow,
): Promise<Standing<StoredRegister>> {
  const standing = await tx.documentStanding(registerDocument, [administration, site, id]);
  const { version, ...terms } = register;
  if (standing.inForce !== undefined || version === 0) return standing;
  const inForce = { administration, site, id, version, state: 'in-force', at: '', by: '', terms } as const;
  return { inForce, newest: standing.newest ?? inForce };
}

export function registered(scanner: ScannerRow, standing: Standing<StoredRegister>): RegisteredScanner {
  return { ...scanner, ...defined({ proposal: proposalIn(standing) }) };
}

/** Of what was written last, a proposal as well. */
export function versionOf({ proposal, register }: RegisteredScanner): number {
  return proposal?.version ?? register.version;
}

async function viewOf(
  tx: Tx<'scannerDays' | 'documentStanding'>,
  row: ScannerRow,
  now: Date,
): Promise<ScannerView> {
  const scanner = registered(row, await standingOf(tx, row));
  const from = new Date(now.getTime() - DAYS * 86400000).toISOString();
  const days = await tx.scannerDays(scanner.administration, scanner.site, scanner.id, from);
  return { scanner, days, clock: clockOf(days) };
}
