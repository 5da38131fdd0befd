import { defined } from '../../core/defined.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Stores } from '../../core/ports/stores.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import type { Acknowledgement } from '../../core/scanner/acknowledgement.ts';
import { type AnyRegister, registerIn } from '../../core/scanner/register.ts';
import { observe } from '../../steps/observe-scanner.ts';
import {
  acknowledgementDocument,
  anyRegisterDocument,
  registerDocument,
} from '../../stored/document-kinds.ts';
import { documentKeys, type OrDamaged, rebuildDocument, rebuildDocuments } from '../../stored/documents.ts';

interface ReindexEvent {
  readonly at: string;
  readonly what: string;
  readonly step: () => Promise<unknown>;
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
  stores: Stores<ObserveAgainTx & AcknowledgeAgainTx & RegisterAgainTx>,
  ended: readonly EndedRevision[],
  orDamaged: OrDamaged,
): Promise<void> {
  const events = [
    ...ended.map((one) => ({
      at: one.receivedAt,
      what: one.scanId,
      step: () => observeAgain(stores.records, one),
    })),
    ...(await acknowledgements(stores)),
  ];
  for (const { what, step } of events.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)))
    await orDamaged(what, step);
  await rebuildDocuments(stores, anyRegisterDocument, orDamaged, registerAgain);
}

type AcknowledgeAgainTx = Tx<'putObjects' | 'scanner' | 'putScanner'>;
type RegisterAgainTx = Tx<'scanner' | 'putScanner' | 'putDocuments'>;
export type ObserveAgainTx = Tx<
  'scanById' | 'revision' | 'putObservation' | 'lockScanner' | 'putScanner' | 'appendChange'
>;

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

/** Each acknowledgement, at the time of it. */
async function acknowledgements(stores: Stores<AcknowledgeAgainTx>): Promise<readonly ReindexEvent[]> {
  const events: ReindexEvent[] = [];
  for await (const key of documentKeys(stores.objects, acknowledgementDocument)) {
    const step = () => rebuildDocument(stores, acknowledgementDocument, key, acknowledgeAgain);
    events.push({ at: timeOf(key), what: key, step });
  }
  return events;
}

/** The time is in the key, with `-` for `:`. */
function timeOf(key: string): string {
  const name = key.split('/').at(-2)?.toUpperCase() ?? '';
  return name.replace(/T(\d\d)-(\d\d)-/, 'T$1:$2:');
}

/** A version of the register, and what it puts in force for a scanner that is known. */
async function registerAgain(tx: RegisterAgainTx, stored: AnyRegister): Promise<void> {
  if ('terms' in stored) await tx.putDocuments(registerDocument, [stored]);
  const register = registerIn(stored);
  const { administration, site, id } = stored;
  const found = await tx.scanner({ administration, site }, id);
  if (found !== undefined && register !== undefined) await tx.putScanner({ ...found, register });
}

/** Ends the alarm of a scanner that is known. */
async function acknowledgeAgain(
  tx: Tx<'scanner' | 'putScanner'>,
  { administration, site, id }: Acknowledgement,
): Promise<void> {
  const found = await tx.scanner({ administration, site }, id);
  if (found === undefined) return;
  const { alarm: _, ...scanner } = found;
  await tx.putScanner(scanner);
}
