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
import {
  areSameMarks,
  marksAfter,
  marksOfScan,
  type ScanMarksTerms,
  type StoredScanMarks,
  statedMarks,
  withMarks,
} from '../../core/rules/scan-marks.ts';
import type { Mark } from '../../core/rules/vehicle-hold.ts';
import type { Standing } from '../../core/rules/version.ts';
import type { ScanRow } from '../../core/scan/stored-scan.ts';
import { scanMarksDocument } from '../../stored/document-kinds.ts';
import { jobs } from '../../stored/job-ids.ts';
import { placeFor } from '../../stored/rules.ts';
import { writtenIn } from '../../stored/scan-index.ts';

/**
 * Two people correct what a scan is known by. A mark less frees a vehicle of what is open against that mark; a mark more can free
 * one, too: the image of another vehicle is then the one that it lacked. Whoever knows of a danger holds the vehicle by hand at once.
 */

type ReadScanTx = Tx<'scan' | 'newestConverted'>;
export type ScanMarksTx = DecideDocumentTx & ReadScanTx & Tx<'lockScan' | 'updateScan' | 'enqueue'>;
export type ScanMarksDeps = DecideDocumentDeps<ScanMarksTx>;

/** What a scan is known by, and what has been decided of it. */
export interface MarksOfScan {
  readonly written: readonly Mark[];
  readonly counting: readonly Mark[];
  readonly standing: Standing<StoredScanMarks>;
}

/** @throws NII_NOT_FOUND; NII_STATE_CONFLICT of a scan without an image; NII_BAD_REQUEST; NII_PRECONDITION_FAILED */
export function putScanMarks(
  deps: ScanMarksDeps,
  command: Command,
  scanId: string,
  terms: ScanMarksTerms,
): Promise<MarksOfScan> {
  return decide(deps, command, scanId, {
    action: 'correct marks',
    next: ({ scan, written }, newest, at) => {
      const { administration, site } = scan;
      const [current, marks] = [marksOfScan(scan), statedMarks(terms)];
      const isLooser = !areSameMarks(current, marks);
      const counting = isLooser ? current : marks;
      const next = writtenNext(command, newest, { ...terms, marks: [...marks] }, { isLooser, at });
      return { administration, site, scanId, written, counting, ...next };
    },
  });
}

/** Another person's word on a proposal: the scan is known by what it states, and by nothing else. @throws as `putScanMarks` */
export function confirmScanMarks(
  deps: ScanMarksDeps,
  command: Command,
  scanId: string,
): Promise<MarksOfScan> {
  return decide(deps, command, scanId, {
    action: 'correct marks: confirm',
    next: ({ written }, newest, at) => {
      const next = confirmedNext(command, newest, at);
      if (areSameMarks(written, next.written)) return { ...next, counting: next.terms.marks };
      const detail = 'New files of the scan have come since the proposal: look at them first';
      throw new NiiError('NII_STATE_CONFLICT', detail);
    },
  });
}

interface Read {
  readonly scan: ScanRow;
  readonly written: readonly Mark[];
}

interface Step {
  readonly action: string;
  readonly next: (read: Read, newest: StoredScanMarks | undefined, at: string) => StoredScanMarks;
}

async function decide(
  deps: ScanMarksDeps,
  command: Command,
  scanId: string,
  { action, next }: Step,
): Promise<MarksOfScan> {
  const {
    scan: { administration, site },
  } = await deps.records.transaction((tx) => readScan(tx, command.actor, scanId));
  placeFor(command.actor, site);
  const subject = () => scanId;
  const document: DecidedDocument<StoredScanMarks> = {
    kind: scanMarksDocument,
    path: [administration, scanId],
    title: 'What is decided of the marks',
    site,
    change: { kind: 'scan-marks.changed', subject },
    subject,
  };
  const after = async (tx: ScanMarksTx, value: StoredScanMarks) => {
    const scan = await tx.lockScan(scanId);
    if (scan === undefined) throw new NiiError('NII_INTERNAL', `no scan ${scanId} to correct`);
    await tx.updateScan(withMarks(scan, marksAfter(value.written, value)));
    const cause = `marks:${value.version}`;
    await tx.enqueue(jobs.joinRadiation(scan, cause));
    await tx.enqueue(jobs.watchPassages(scanId, cause));
    await tx.enqueue(jobs.notifyLaneOfMark(scanId, 'marks', value.version));
  };
  const step: DecisionStep<ScanMarksTx, StoredScanMarks> = {
    action,
    next: async (tx, { newest }, at) => {
      // a worker that converts new files of the scan meanwhile waits, and goes by this decision
      await tx.lockScan(scanId);
      const read = await readScan(tx, command.actor, scanId);
      const value = next(read, newest, at);
      return { value, detail: { before: marksOfScan(read.scan), ...value.terms } };
    },
  };
  return decideDocument(deps, command, document, { ...step, after }, (tx) =>
    readScanMarks(tx, command.actor, scanId),
  );
}

/** @throws NII_NOT_FOUND; NII_STATE_CONFLICT */
export async function readScanMarks(
  tx: ReadScanTx & Tx<'documentStanding'>,
  actor: Actor,
  scanId: string,
): Promise<MarksOfScan> {
  const { scan, written } = await readScan(tx, actor, scanId);
  const standing = await tx.documentStanding(scanMarksDocument, [scan.administration, scanId]);
  return { written, counting: marksOfScan(scan), standing };
}

/** @throws NII_NOT_FOUND of another site; NII_STATE_CONFLICT of a portal's record alone: officers say which vehicle that is of */
async function readScan(tx: ReadScanTx, actor: Actor, scanId: string): Promise<Read> {
  const scan = await tx.scan(scopeOf(actor), scanId);
  if (scan === undefined) throw new NiiError('NII_NOT_FOUND', `Unknown scan "${scanId}"`);
  const record = (await tx.newestConverted(scanId))?.scan;
  if (record === undefined || record.views.length === 0) {
    const detail =
      'The scan has no image: of a portal record, radiation officers state which vehicle it is of';
    throw new NiiError('NII_STATE_CONFLICT', detail);
  }
  return { scan, written: marksOfScan(writtenIn(record)) };
}
