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
  marksOfScan,
  marksWithout,
  marksWritten,
  type ScanMarksTerms,
  type StoredScanMarks,
  statedMarks,
  withMarks,
} from '../../core/rules/scan-marks.ts';
import type { Mark } from '../../core/rules/vehicle-hold.ts';
import type { Standing } from '../../core/rules/version.ts';
import { scanStates } from '../../core/scan/scan-states.ts';
import type { ScanRow } from '../../core/scan/stored-scan.ts';
import { scanMarksDocument } from '../../stored/document-kinds.ts';
import { jobs } from '../../stored/job-ids.ts';
import { placeFor, type RulesTx, rulesAt } from '../../stored/rules.ts';
import { recordsOf, writtenIn } from '../../stored/scan-index.ts';
import { type AlongTx, scansAlong } from '../../stored/vehicle-scans.ts';
import type { TriagePolicy } from '../../triage/policy.ts';

/**
 * Two people correct what a scan is known by. A mark that is taken off no longer holds the vehicle. A mark that is added can release
 * one, too: the vehicle then has the image that it lacked. Whoever knows of a danger holds the vehicle by hand, which takes effect at once.
 */

type ReadScanTx = Tx<'scan' | 'newestConverted' | 'revisions'>;
export type ReadScanMarksTx = ReadScanTx & Tx<'documentStanding'>;
type CorrectScanTx = AlongTx & RulesTx & Tx<'lockScan' | 'updateScan' | 'enqueue'>;
export type ScanMarksTx = DecideDocumentTx & ReadScanTx & CorrectScanTx;
export interface ScanMarksDeps extends DecideDocumentDeps<ScanMarksTx> {
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
}

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
    next: ({ scan, written, content }, newest, at) => {
      const { administration, site } = scan;
      const [before, marks] = [marksOfScan(scan), statedMarks(terms)];
      const changed = [...marksWithout(before, marks), ...marksWithout(marks, before)];
      if (changed.length === 0) throw conflict('The scan is known by these marks already');
      const next = writtenNext(command, newest, { ...terms, marks: [...marks] }, { isLooser: true, at });
      return { administration, site, scanId, content, written, before, ...next };
    },
  });
}

/**
 * Another person's word on a proposal: the scan is known by what it states, and by nothing else. Marks that came after the
 * proposal were seen by nobody who agreed to it, so they prevent the confirmation. @throws as `putScanMarks`
 */
export function confirmScanMarks(
  deps: ScanMarksDeps,
  command: Command,
  scanId: string,
): Promise<MarksOfScan> {
  return decide(deps, command, scanId, {
    action: 'correct marks: confirm',
    next: ({ scan, content, written }, newest, at) => {
      const next = confirmedNext(command, newest, at);
      const isAsProposed = isSame(next.written, written) && isSame(next.before, marksOfScan(scan));
      if (next.content === content && isAsProposed) return next;
      const detail =
        'The scan has received new files or marks since the proposal: check them and propose the correction again';
      throw conflict(detail);
    },
  });
}

function isSame(marks: readonly Mark[], others: readonly Mark[]): boolean {
  return marksWithout(marks, others).length === 0 && marksWithout(others, marks).length === 0;
}

function conflict(detail: string): NiiError {
  return new NiiError('NII_STATE_CONFLICT', detail);
}

interface Read {
  readonly scan: ScanRow;
  readonly written: readonly Mark[];
  /** SHA-256 of its files. */
  readonly content: string;
  /** Its newest files are in its record. */
  readonly isRead: boolean;
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
  const after = async (tx: CorrectScanTx, value: StoredScanMarks) => {
    if (value.state !== 'in-force') return;
    const scan = await tx.lockScan(scanId);
    if (scan === undefined) throw new NiiError('NII_INTERNAL', `no scan ${scanId} to correct`);
    const rules = await rulesAt(tx, scan, deps.policy);
    const after = withMarks(scan, value.terms.marks, rules.site);
    const before = await scansAlong(tx, scan, rules);
    await tx.updateScan(after);
    // those along are told with the scan; those of the vehicle that lacks its image now are not along any more
    const along = new Set((await scansAlong(tx, after, rules)).map(({ id }) => id));
    const left = before.map(({ id }) => id).filter((id) => !along.has(id));
    const cause = `marks of ${scanId}`;
    for (const id of [scanId, ...left]) {
      await tx.enqueue(jobs.watchPassages(id, `${cause}:${value.version}`));
      await tx.enqueue(jobs.notifyLaneOfMark(id, cause, value.version));
    }
    await tx.enqueue(jobs.joinRadiation(scan, `${cause}:${value.version}`));
    // what is declared of the new number may require another reader
    if (scanStates[scan.state].due === 'triage')
      await tx.enqueue(jobs.triage(scan, `${cause}:${value.version}`));
  };
  const step: DecisionStep<ScanMarksTx, StoredScanMarks> = {
    action,
    next: async (tx, { newest }, at) => {
      // a worker that converts new files of the scan meanwhile waits, and goes by this decision
      await tx.lockScan(scanId);
      const read = await readScan(tx, command.actor, scanId);
      if (!read.isRead)
        throw conflict('Its newest files are not converted: wait for them, or mend them first');
      const value = next(read, newest, at);
      return { value, detail: { before: value.before, ...value.terms } };
    },
  };
  return decideDocument(deps, command, document, { ...step, after }, (tx) =>
    readScanMarks(tx, command.actor, scanId),
  );
}

/** @throws NII_NOT_FOUND; NII_STATE_CONFLICT */
export async function readScanMarks(tx: ReadScanMarksTx, actor: Actor, scanId: string): Promise<MarksOfScan> {
  const { scan, written } = await readScan(tx, actor, scanId);
  const standing = await tx.documentStanding(scanMarksDocument, [scan.administration, scanId]);
  return { written, counting: marksOfScan(scan), standing };
}

/** @throws NII_NOT_FOUND of another site; NII_STATE_CONFLICT of a portal's record alone: officers say which vehicle that is of */
async function readScan(tx: ReadScanTx, actor: Actor, scanId: string): Promise<Read> {
  const scan = await tx.scan(scopeOf(actor), scanId);
  if (scan === undefined) throw new NiiError('NII_NOT_FOUND', `Unknown scan "${scanId}"`);
  const converted = await tx.newestConverted(scanId);
  const record = converted?.scan;
  if (converted === undefined || record === undefined || record.views.length === 0) {
    const detail =
      'The scan has no image: of a portal record, radiation officers state which vehicle it is of';
    throw new NiiError('NII_STATE_CONFLICT', detail);
  }
  const { revision, contentHash: content } = converted;
  const written = marksWritten(writtenIn(await recordsOf(tx, scanId)));
  return { scan, written, content, isRead: revision === scan.revision };
}
