import { type Command, earlierAnswer, keepAnswer } from '../../commands/command.ts';
import { actingAs } from '../../core/access.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { ObjectWrites } from '../../core/ports/objects.ts';
import type { Clock } from '../../core/ports/process.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Locks, Transactions } from '../../core/ports/transactions.ts';
import { isZone } from '../../core/rules/clock.ts';
import type { ScannerRegister } from '../../core/scanner/register.ts';
import type { ScannerRow } from '../../core/scanner/scanner.ts';
import { acknowledgementDocument, registerDocument } from '../../stored/document-kinds.ts';
import { storeObjects } from '../../stored/documents.ts';
import { OBJECTS_LOCK } from '../../stored/object-row.ts';
import { joinHoldsAgain } from '../../stored/radiation-store.ts';
import { announceScanner } from '../../stored/scanner-change.ts';
import { unknownZone } from '../../triage/site-rules.ts';
import { scannerFor } from './read.ts';

export type AcknowledgeTx = Tx<
  | 'putObjects'
  | 'scanner'
  | 'lockScanner'
  | 'putScanner'
  | 'appendChange'
  | 'audit'
  | 'answered'
  | 'putAnswer'
>;

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
    if (alarm === undefined)
      throw new NiiError('NII_STATE_CONFLICT', 'This scanner has no alarm: there is nothing to acknowledge');
    const at = deps.clock.now().toISOString();
    const { administration } = scanner;
    const by = actingAs(actor);
    await storeObjects(deps, tx, acknowledgementDocument, [{ administration, site, id, at, by, why, alarm }]);
    await tx.putScanner(scanner);
    await announceScanner(tx, scanner);
    await tx.audit({
      actor,
      action: 'change scanner: acknowledge',
      subject: `${site}/${id}`,
      detail: { why, alarm },
      site,
    });
    await keepAnswer(tx, command, scanner);
    return scanner;
  });
}

export interface RegisterDeps {
  readonly records: Transactions<AcknowledgeTx & Tx<'holds' | 'enqueue'>> & Locks;
  readonly objects: ObjectWrites;
}

/**
 * Says which senders may add files to the scans of a scanner, how its clock is to be read and where cabs lie, in place of
 * what was said before. A clock that is said otherwise has the alarms of its site joined again.
 * @throws NII_NOT_FOUND; NII_BAD_REQUEST of a zone that is not known; NII_PRECONDITION_REQUIRED, NII_PRECONDITION_FAILED unless it names the version that it is of
 */
export function putRegister(
  deps: RegisterDeps,
  command: Command,
  { site, id, ...words }: { readonly site: string; readonly id: string } & RegisterWords,
): Promise<ScannerRow> {
  const { sendersAllowed, zone, clockOffsetSeconds, facts, cab } = words;
  if (zone !== undefined && !isZone(zone))
    throw new NiiError('NII_BAD_REQUEST', { detail: unknownZone(zone), field: 'zone' });
  const write = () =>
    deps.records.transaction(async (tx) => {
      const found = await scannerFor(tx, command.actor, site, id);
      const earlier = await earlierAnswer(tx, command);
      // What was kept is an answer that this service wrote; it is read back as it is.
      if (earlier !== undefined) return earlier as ScannerRow;
      const scanner = await tx.lockScanner(found);
      checkRegisterVersion(command, scanner);
      const register = {
        sendersAllowed: [...new Set(sendersAllowed)],
        ...defined({ zone, clockOffsetSeconds, facts, cab }),
        version: scanner.register.version + 1,
      };
      const changed = { ...scanner, register };
      const { administration } = scanner;
      await storeObjects(deps, tx, registerDocument, [{ administration, site, id, ...register }]);
      await tx.putScanner(changed);
      if (isOfAnotherClock(scanner.register, register))
        await joinHoldsAgain(tx, { administration, site }, `${id}-${register.version}`);
      await announceScanner(tx, changed);
      await tx.audit({
        actor: command.actor,
        action: 'change scanner: register',
        subject: `${site}/${id}`,
        detail: { ...register },
        site,
      });
      await keepAnswer(tx, command, changed);
      return changed;
    });
  return deps.records.exclusively(`scanner:${site}/${id}`, write, OBJECTS_LOCK);
}

export type RegisterWords = Omit<ScannerRegister, 'version'>;

function isOfAnotherClock(before: ScannerRegister, after: ScannerRegister): boolean {
  return before.zone !== after.zone || before.clockOffsetSeconds !== after.clockOffsetSeconds;
}

function checkRegisterVersion({ ifMatch }: Command, { register }: ScannerRow): void {
  if (ifMatch === undefined) {
    const detail = 'Missing If-Match: send the ETag of the scanner';
    throw new NiiError('NII_PRECONDITION_REQUIRED', detail);
  }
  if (ifMatch !== String(register.version))
    throw new NiiError('NII_PRECONDITION_FAILED', 'The register has changed; reload and retry');
}
