import type { Command } from '../../commands/command.ts';
import {
  confirmedNext,
  type DecideDocumentDeps,
  type DecideDocumentTx,
  type DecidedDocument,
  type DecisionStep,
  decideDocument,
  writtenNext,
} from '../../commands/decide-document.ts';
import { type Actor, scopeOf } from '../../core/access.ts';
import { NiiError } from '../../core/errors.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { SetAsideTerms, StoredSetAside } from '../../core/rules/set-aside.ts';
import type { Standing } from '../../core/rules/version.ts';
import { scanStates } from '../../core/scan/scan-states.ts';
import type { ScanRow } from '../../core/scan/stored-scan.ts';
import { setAsideDocument } from '../../stored/document-kinds.ts';
import { jobs } from '../../stored/job-ids.ts';
import { placeFor } from '../../stored/rules.ts';

/** Scans that are set aside: one person proposes it, and another confirms it. */

export type SetAsideTx = DecideDocumentTx & Tx<'scan' | 'enqueue'>;
export type SetAsideDeps = DecideDocumentDeps<SetAsideTx>;

/** @throws NII_NOT_FOUND; NII_STATE_CONFLICT of a scan whose newest files can be read; NII_PRECONDITION_FAILED */
export function putSetAside(
  deps: SetAsideDeps,
  command: Command,
  scanId: string,
  terms: SetAsideTerms,
): Promise<Standing<StoredSetAside>> {
  return decide(deps, command, scanId, {
    action: 'set scan aside',
    next: (scan, newest, at) => {
      rejectReadable(scan);
      const { administration, site, revision } = scan;
      const next = writtenNext(command, newest, terms, { isLooser: terms.isSetAside, at });
      return { administration, site, scanId, revision, ...next };
    },
  });
}

/** Another person's word on a proposal: it is in force. @throws as `putSetAside` */
export function confirmSetAside(
  deps: SetAsideDeps,
  command: Command,
  scanId: string,
): Promise<Standing<StoredSetAside>> {
  return decide(deps, command, scanId, {
    action: 'set scan aside: confirm',
    next: (scan, newest, at) => {
      const next = confirmedNext(command, newest, at);
      if (next.revision === scan.revision) return next;
      const detail = 'New files of the scan have come since the proposal: look at them first';
      throw new NiiError('NII_STATE_CONFLICT', detail);
    },
  });
}

interface Step {
  readonly action: string;
  readonly next: (scan: ScanRow, newest: StoredSetAside | undefined, at: string) => StoredSetAside;
}

async function decide(
  deps: SetAsideDeps,
  command: Command,
  scanId: string,
  { action, next }: Step,
): Promise<Standing<StoredSetAside>> {
  const find = (tx: Tx<'scan'>) => requireScan(tx, command.actor, scanId);
  const { administration, site } = await deps.records.transaction(find);
  placeFor(command.actor, site);
  const subject = () => scanId;
  const document: DecidedDocument<StoredSetAside> = {
    kind: setAsideDocument,
    path: [administration, scanId],
    title: 'What is decided of the scan',
    site,
    change: { kind: 'set-aside.changed', subject },
    subject,
  };
  const after = async (tx: Tx<'enqueue'>, { version }: StoredSetAside) => {
    await tx.enqueue(jobs.notifyLaneOfMark(scanId, 'set aside', version));
  };
  const step: DecisionStep<SetAsideTx, StoredSetAside> = {
    action,
    next: async (tx, { newest }, at) => {
      const value = next(await find(tx), newest, at);
      return { value, detail: { revision: value.revision, ...value.terms } };
    },
  };
  return decideDocument(deps, command, document, { ...step, after }, (tx) =>
    tx.documentStanding(document.kind, document.path),
  );
}

/** @throws NII_NOT_FOUND of another site */
export async function requireScan(tx: Tx<'scan'>, actor: Actor, scanId: string): Promise<ScanRow> {
  const scan = await tx.scan(scopeOf(actor), scanId);
  if (scan === undefined) throw new NiiError('NII_NOT_FOUND', `Unknown scan "${scanId}"`);
  return scan;
}

/** What can be read is decided on. */
function rejectReadable({ state }: ScanRow): void {
  if (scanStates[state].hasFailed) return;
  const detail = 'Only a scan whose newest files cannot be read is set aside: decide on its image';
  throw new NiiError('NII_STATE_CONFLICT', detail);
}
