import { type Actor, mayAdminister, scopeOf } from '../../core/access.ts';
import { NiiError } from '../../core/errors.ts';
import type { Page } from '../../core/page.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { TimedRecords } from '../../core/ports/stores.ts';
import { type ClockState, clockOf, type ScannerDay, type ScannerRow } from '../../core/scanner/scanner.ts';

export interface ScannerView {
  readonly scanner: ScannerRow;
  readonly days: readonly ScannerDay[];
  readonly clock: ClockState;
}

/** So far back the days are counted. */
const DAYS = 90;

export async function listScanners(
  { records, clock }: TimedRecords<Tx<'scanners' | 'scannerDays' | 'audit'>>,
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
  { records, clock }: TimedRecords<Tx<'scanner' | 'scannerDays' | 'audit'>>,
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

async function viewOf(tx: Tx<'scannerDays'>, scanner: ScannerRow, now: Date): Promise<ScannerView> {
  const from = new Date(now.getTime() - DAYS * 86400000).toISOString();
  const days = await tx.scannerDays(scanner.administration, scanner.site, scanner.id, from);
  return { scanner, days, clock: clockOf(days) };
}
