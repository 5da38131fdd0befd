import { NiiError } from '../core/errors.ts';
import { keys } from '../core/keys.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Answers } from '../core/ports/records/answers.ts';
import type { Audit } from '../core/ports/records/audit.ts';
import type { ChangeWrites } from '../core/ports/records/changes.ts';
import type { ObjectRow, ObjectRowWrites } from '../core/ports/records/object-rows.ts';
import type { Scanners, ScannerWrites } from '../core/ports/records/scanners.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import type { Acknowledgement } from '../core/scanner/acknowledgement.ts';
import type { ScannerRow } from '../core/scanner/scanner.ts';

import { scannerFor } from '../look/scanners.ts';
import { sha256Hex } from '../stored/identity.ts';
import { type Command, earlierAnswer, keepAnswer } from './command.ts';

export function announce(tx: ChangeWrites, { administration, site, id }: ScannerRow): Promise<void> {
  return tx.appendChange({ administration, site, kind: 'scanner.changed', subject: `${site}/${id}` });
}

export type AcknowledgeTx = ObjectRowWrites & Scanners & ScannerWrites & ChangeWrites & Audit & Answers;

export interface AcknowledgeDeps {
  readonly records: Transactions<AcknowledgeTx>;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
}

/** @throws NII_NOT_FOUND, NII_STATE_CONFLICT where there is no alarm */
export async function acknowledge(
  deps: AcknowledgeDeps,
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
export async function acknowledgeAgain(
  tx: Scanners & ScannerWrites,
  { administration, site, id }: Acknowledgement,
): Promise<void> {
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
