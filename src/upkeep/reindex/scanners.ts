import { defined } from '../../core/defined.ts';
import type { ObjectReads } from '../../core/ports/objects.ts';
import type { ChangeWrites } from '../../core/ports/records/changes.ts';
import type { ObjectRowWrites } from '../../core/ports/records/object-rows.ts';
import type { Revisions } from '../../core/ports/records/revisions.ts';
import type { Scanners, ScannerWrites } from '../../core/ports/records/scanners.ts';
import type { AllScans } from '../../core/ports/records/scans.ts';
import type { Stores } from '../../core/ports/stores.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import {
  acknowledgeAgain,
  acknowledgementObject,
  registerAgain,
  registerObject,
} from '../../decide/scanners.ts';
import { observe } from '../../steps/observe-scanner.ts';
import { asStored } from '../../stored/object-row.ts';
import { readAcknowledgement, readRegister } from '../../stored/read-object.ts';

interface ReindexEvent {
  readonly at: string;
  readonly what: string;
  readonly step: () => Promise<void>;
}

/** A revision that a converter has ended with. */
export interface EndedRevision {
  readonly scanId: string;
  readonly revision: number;
  readonly receivedAt: string;
}

/**
 * What is known of scanners, learnt again: revisions and acknowledgements in order of their time.
 * @param orDamaged - runs a step and notes it when what it reads is damaged
 */
export async function rebuildScanners(
  { objects, records }: Stores<ObserveAgainTx & ObjectRowWrites & Scanners>,
  ended: readonly EndedRevision[],
  orDamaged: (what: string, step: () => Promise<void>) => Promise<unknown>,
): Promise<void> {
  const events = [
    ...ended.map((one) => ({ at: one.receivedAt, what: one.scanId, step: () => observeAgain(records, one) })),
    ...(await acknowledgements(objects, records)),
  ];
  for (const { what, step } of events.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)))
    await orDamaged(what, step);
  for (const { step, what } of await registers(objects, records)) await orDamaged(what, step);
}

export type ObserveAgainTx = AllScans & Revisions & ScannerWrites & ChangeWrites;

function observeAgain(
  records: Transactions<ObserveAgainTx>,
  { scanId, revision }: EndedRevision,
): Promise<void> {
  return records.transaction(async (tx) => {
    const owner = await tx.scanById(scanId);
    const row = await tx.revision(scanId, revision);
    if (owner === undefined || row === undefined) return;
    const { scan, problem } = row;
    await observe(tx, {
      owner,
      row,
      ...defined({ scan, problem }),
    });
  });
}

async function acknowledgements(
  objects: ObjectReads,
  records: Transactions<ObjectRowWrites & Scanners & ScannerWrites>,
) {
  const events: ReindexEvent[] = [];
  for await (const { key } of objects.list('scanners/')) {
    if (isRegister(key)) continue;
    const step = async () => {
      const body = await objects.get(key);
      const value = readAcknowledgement(body, key);
      const row = asStored(acknowledgementObject(value).row, key, body);
      await records.transaction(async (tx) => {
        await tx.putObjects([row]);
        await acknowledgeAgain(tx, value);
      });
    };
    events.push({ at: timeOf(key), what: key, step });
  }
  return events;
}

/** Registers in rising order of version, so that the newest stays. */
async function registers(
  objects: ObjectReads,
  records: Transactions<ObjectRowWrites & Scanners & ScannerWrites>,
): Promise<readonly ReindexEvent[]> {
  const events: ReindexEvent[] = [];
  for await (const { key } of objects.list('scanners/')) {
    if (!isRegister(key)) continue;
    const step = async () => {
      const body = await objects.get(key);
      const value = readRegister(body, key);
      const row = asStored(registerObject(value).row, key, body);
      await records.transaction(async (tx) => {
        await tx.putObjects([row]);
        await registerAgain(tx, value);
      });
    };
    events.push({ at: '', what: key, step });
  }
  return events;
}

function isRegister(key: string): boolean {
  return /\/register-\d+\.json$/.test(key);
}

/** The time stands in the name, with `-` for `:`. */
function timeOf(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1, -'.json'.length).toUpperCase();
  return name.replace(/T(\d\d)-(\d\d)-/, 'T$1:$2:');
}
