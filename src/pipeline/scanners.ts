import type { Actor } from '../core/access.ts';
import { ANY_SITE } from '../core/access.ts';
import { NiiError, type Problem } from '../core/errors.ts';
import { keys } from '../core/keys.ts';
import type { ObjectRow, Page, RecordsTx, RevisionRow, ScanRow } from '../core/ports.ts';
import type { NiiScan } from '../core/scan.ts';
import {
  type ClockState,
  clockOf,
  healthOf,
  type Observation,
  type ScannerAlarm,
  type ScannerDay,
  type ScannerRow,
  scannerIdOf,
} from '../core/scanner.ts';
import { learn, nothingKnown, type StructureChange, structureOf } from '../core/structure.ts';
import { type Command, earlierAnswer, keepAnswer, scopeOf } from './command.ts';
import type { Deps } from './deps.ts';
import { sha256Hex } from './identity.ts';

/** What a conversion ended with. */
export interface Converted {
  readonly owner: Pick<ScanRow, 'administration' | 'site' | 'receivedAt'>;
  readonly row: RevisionRow;
  readonly scan?: NiiScan;
  readonly problem?: Problem;
}

/**
 * Takes what one revision tells of its scanner into the records, in the transaction of the step that converted it. A
 * scan whose structure changed raises an alarm that stays until somebody acknowledges it.
 */
export async function observe(tx: RecordsTx, converted: Converted): Promise<void> {
  const observation = observationOf(converted);
  await tx.putObservation(observation);
  const { scan, row } = converted;
  const { administration, site, scanner: id } = observation;
  const { receivedAt } = row;
  const before = await tx.lockScanner({
    administration,
    site,
    id,
    converter: row.converter.id,
    firstSeenAt: receivedAt,
    lastSeenAt: receivedAt,
    structure: nothingKnown,
  });
  const isNews = scan !== undefined && !(await isConvertedAgain(tx, row));
  const learnt = isNews ? learn(before.structure, structureOf(scan)) : undefined;
  const alarm = withChange(before.alarm, learnt?.change, receivedAt, row.scanId);
  await tx.putScanner({
    ...before,
    lastSeenAt: later(receivedAt, before.lastSeenAt),
    ...(scan?.source.software === undefined ? {} : { software: scan.source.software }),
    structure: learnt?.known ?? before.structure,
    ...(alarm === undefined ? {} : { alarm }),
  });
  if (learnt?.change !== undefined) await announce(tx, before);
}

/** The same files once more, for a better converter: the scanner sent nothing, and it is out of turn. */
async function isConvertedAgain(
  tx: RecordsTx,
  { scanId, revision, contentHash }: RevisionRow,
): Promise<boolean> {
  const before = revision === 1 ? undefined : await tx.revision(scanId, revision - 1);
  return before?.scan !== undefined && before.contentHash === contentHash;
}

/** Times of this service's own clock, all in the same form. */
function later(a: string, b: string): string {
  return Date.parse(a) < Date.parse(b) ? b : a;
}

function observationOf({ owner, row, scan, problem }: Converted): Observation {
  const { scanId, revision, converter, meta } = row;
  // A revision that is made later, for a better converter, says nothing new of the scanner's clock
  const { receivedAt } = owner;
  const health =
    scan === undefined
      ? {
          containers: 0,
          badContainers: 0,
          channelMissing: false,
          incomplete: row.originals.some(({ complete }) => !complete),
        }
      : healthOf(scan, receivedAt);
  return {
    scanId,
    revision,
    administration: owner.administration,
    site: owner.site,
    scanner: scannerIdOf(converter.id, scan, meta.scanner),
    receivedAt,
    ...health,
    ...(problem === undefined ? {} : { failed: problem.code }),
  };
}

/** Changes add up until they are acknowledged; what came back again is no change any more. */
function withChange(
  alarm: ScannerAlarm | undefined,
  change: StructureChange | undefined,
  since: string,
  scanId: string,
): ScannerAlarm | undefined {
  if (change === undefined) return alarm;
  const { appeared = [], vanished = [] } = alarm ?? {};
  return {
    since: alarm?.since ?? since,
    scanId: alarm?.scanId ?? scanId,
    appeared: [...new Set([...appeared, ...change.appeared])],
    vanished: [...new Set([...vanished, ...change.vanished])],
  };
}

function announce(tx: RecordsTx, { administration, site, id }: ScannerRow): Promise<void> {
  return tx.appendChange({ administration, site, kind: 'scanner.changed', subject: `${site}/${id}` });
}

/* ---- What people look at ------------------------------------------------------------------------------------ */

export interface ScannerView {
  readonly scanner: ScannerRow;
  readonly days: readonly ScannerDay[];
  readonly clock: ClockState;
}

/** So far back the days are counted. */
const DAYS = 90;

export async function listScanners(
  { records, clock }: Pick<Deps, 'records' | 'clock'>,
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
  { records, clock }: Pick<Deps, 'records' | 'clock'>,
  actor: Actor,
  site: string,
  id: string,
): Promise<ScannerView> {
  return records.transaction(async (tx) => {
    const view = await viewOf(tx, await scannerFor(tx, actor, site, id), clock.now());
    await tx.audit({ actor, action: 'view scanner', subject: `${site}/${id}`, detail: {} });
    return view;
  });
}

async function scannerFor(tx: RecordsTx, actor: Actor, site: string, id: string): Promise<ScannerRow> {
  const isSeen = actor.site === ANY_SITE || actor.site === site;
  const scanner = isSeen ? await tx.scanner(actor.administration, site, id) : undefined;
  if (scanner === undefined) throw new NiiError('NII_NOT_FOUND', 'There is no such scanner');
  return scanner;
}

async function viewOf(tx: RecordsTx, scanner: ScannerRow, now: Date): Promise<ScannerView> {
  const from = new Date(now.getTime() - DAYS * 86_400_000).toISOString();
  const days = await tx.scannerDays(scanner.administration, scanner.site, scanner.id, from);
  return { scanner, days, clock: clockOf(days) };
}

/* ---- Acknowledging ------------------------------------------------------------------------------------------- */

/** Kept as an object, so that a rebuilt database knows what was acknowledged. */
export interface Acknowledgement {
  readonly administration: string;
  readonly site: string;
  readonly id: string;
  readonly at: string;
  readonly by: string;
  readonly why: string;
  readonly alarm: ScannerAlarm;
}

/** @throws NII_NOT_FOUND, NII_STATE_CONFLICT where there is no alarm */
export async function acknowledge(
  deps: Pick<Deps, 'records' | 'objects' | 'clock'>,
  command: Command,
  { site, id, why }: { readonly site: string; readonly id: string; readonly why: string },
): Promise<ScannerRow> {
  const { actor } = command;
  return deps.records.transaction(async (tx) => {
    const earlier = await earlierAnswer(tx, command);
    // What was kept is an answer that this service wrote; it is read back as it is.
    if (earlier !== undefined) return earlier as ScannerRow;
    const { alarm, ...scanner } = await tx.lockScanner(await scannerFor(tx, actor, site, id));
    if (alarm === undefined) throw new NiiError('NII_STATE_CONFLICT', 'This scanner has no alarm');
    const at = deps.clock.now().toISOString();
    const { administration } = scanner;
    const object = acknowledgementObject({ administration, site, id, at, by: actor.keyId, why, alarm });
    await deps.objects.put(object.row.key, object.body, object.row.contentType);
    await tx.putObjects([object.row]);
    await tx.putScanner(scanner);
    await announce(tx, scanner);
    await tx.audit({
      actor,
      action: 'change scanner: acknowledge',
      subject: `${site}/${id}`,
      detail: { why, alarm },
    });
    await keepAnswer(tx, command, scanner);
    return scanner;
  });
}

/** The same once more, for a database that is rebuilt. */
export async function acknowledgeAgain(tx: RecordsTx, value: Acknowledgement): Promise<void> {
  const { administration, site, id } = value;
  await tx.putObjects([acknowledgementObject(value).row]);
  const found = await tx.scanner(administration, site, id);
  if (found === undefined) return;
  const { alarm: _, ...scanner } = found;
  await tx.putScanner(scanner);
}

/** Bytes and row of an acknowledgement; they belong to no scan. */
export function acknowledgementObject(value: Acknowledgement): {
  readonly row: ObjectRow;
  readonly body: Uint8Array;
} {
  const body = new TextEncoder().encode(JSON.stringify(value));
  const row: ObjectRow = {
    key: keys.acknowledgement(value.administration, value.site, value.id, value.at),
    scanId: '',
    revision: 0,
    kind: 'acknowledgement',
    bytes: body.byteLength,
    sha256: sha256Hex(body),
    contentType: 'application/json',
    producer: 'scanners',
  };
  return { row, body };
}
