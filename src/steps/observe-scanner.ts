import { defined } from '../core/defined.ts';
import type { Problem } from '../core/errors.ts';
import type { Tx } from '../core/ports/records.ts';
import type { NiiScan } from '../core/scan/scan.ts';
import type { RevisionRow, ScanRow } from '../core/scan/stored-scan.ts';
import { emptyRegister } from '../core/scanner/register.ts';
import { healthOf, type Observation, type ScannerAlarm, scannerIdOf } from '../core/scanner/scanner.ts';
import { learn, nothingKnown, type StructureChange, structureOf } from '../core/scanner/structure.ts';
import { announceScanner } from '../stored/scanner-change.ts';

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
export async function observe(
  tx: Tx<'revision' | 'putObservation' | 'lockScanner' | 'putScanner' | 'appendChange'>,
  converted: Converted,
): Promise<void> {
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
    register: emptyRegister,
  });
  const isNews = scan !== undefined && !(await isConvertedAgain(tx, row));
  const learnt = isNews ? learn(before.structure, structureOf(scan)) : undefined;
  const alarm = withChange(before.alarm, learnt?.change, receivedAt, row.scanId);
  await tx.putScanner({
    ...before,
    lastSeenAt: later(receivedAt, before.lastSeenAt),
    ...defined({ software: scan?.source.software }),
    structure: learnt?.known ?? before.structure,
    ...defined({ alarm }),
  });
  if (learnt?.change !== undefined) await announceScanner(tx, before);
}

/** The same files once more, for a better converter: the scanner sent nothing, and it is out of turn. */
async function isConvertedAgain(
  tx: Tx<'revision'>,
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
    ...defined({ failed: problem?.code }),
  };
}

/** Changes add up until they are acknowledged; a part that came back is no longer a change. */
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
