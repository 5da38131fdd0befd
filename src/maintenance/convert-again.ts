import type { Command } from '../commands/command.ts';
import type { ConverterChildren } from '../convert/convert-in-child.ts';
import type { Scope } from '../core/access.ts';
import { scopeOf } from '../core/access.ts';
import { isNiiError, NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { ObjectReads, ObjectWrites } from '../core/ports/objects.ts';
import type { Log } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import { differenceOf, type Ending, type ScanDifference } from '../core/scan/difference.ts';
import { scanStates } from '../core/scan/scan-states.ts';
import type { RevisionRow, ScanRow } from '../core/scan/stored-scan.ts';
import type { CodeLists } from '../core/trade/codes.ts';
import { type ConverterPackage, findConverter, storedIds } from '../recognise/registry.ts';
import { converterOf, convertOriginals } from '../steps/convert-originals.ts';
import { type CommitTx, type ReconvertDeps, reconvert } from './reconvert.ts';

/** What converting the newest originals of a scan again would change, and nothing is written. */
export interface Trial {
  readonly scanId: string;
  readonly revision: number;
  readonly converter: { readonly id: string; readonly was: string; readonly now: string };
  readonly difference: ScanDifference;
}

export interface TryAgainDeps {
  readonly records: Transactions<Tx<'scan' | 'revision' | 'scanById' | 'documentInForce' | 'scanner'>>;
  readonly codeLists: CodeLists;
  readonly objects: ObjectReads;
  readonly limits: Limits;
  readonly converters: readonly ConverterPackage[];
  readonly converterChildren: ConverterChildren;
  readonly stagingDir: string;
  readonly log: Log;
}

/**
 * Converts the newest originals with the converter that is installed now and compares the record and the samples with
 * those of the newest revision. @throws NII_NOT_FOUND, NII_STATE_CONFLICT while that is still under way
 */
export async function tryAgain(deps: TryAgainDeps, scope: Scope, scanId: string): Promise<Trial> {
  const row = await deps.records.transaction((tx) => newestOf(tx, scope, scanId));
  const converter = converterOf(deps, row);
  const now = await endingOf(() => convertOriginals(deps, row, converter, async ({ scan }) => scan));
  return {
    scanId,
    revision: row.revision,
    converter: { id: converter.manifest.id, was: row.converter.version, now: converter.manifest.version },
    difference: differenceOf(toEnding(row), now),
  };
}

async function newestOf(tx: Tx<'scan' | 'revision'>, scope: Scope, scanId: string): Promise<RevisionRow> {
  const scan = await tx.scan(scope, scanId);
  const row = scan === undefined ? undefined : await tx.revision(scanId, scan.revision);
  if (row === undefined) throw new NiiError('NII_NOT_FOUND', `Unknown scan "${scanId}"`);
  if (scanStates[row.state].due === 'convert')
    throw new NiiError('NII_STATE_CONFLICT', 'The newest revision is not converted yet');
  return row;
}

function toEnding({ scan, problem }: RevisionRow): Ending {
  if (scan !== undefined) return { scan };
  if (problem !== undefined) return { problem };
  throw new NiiError('NII_INTERNAL', 'the revision has neither a record nor a problem');
}

/** A file that is rejected is an ending, too; a service that cannot work is not. */
async function endingOf(work: () => Promise<Extract<Ending, { scan: unknown }>['scan']>): Promise<Ending> {
  try {
    return { scan: await work() };
  } catch (error) {
    if (!isNiiError(error) || error.status >= 500) throw error;
    return { problem: error.toProblem() };
  }
}

/** Which scans are converted again. */
export interface Selection {
  readonly scanId?: string;
  readonly converter?: string;
  /** Only what an older version of its converter made. */
  readonly outdated?: boolean;
}

const PAGE = 200;

/**
 * Scans that the selection names, newest first; of several, those still under way are left out.
 * @throws NII_NOT_FOUND for a scan or converter that is not there
 */
export async function* selected(
  deps: {
    readonly records: Transactions<Tx<'scan' | 'scans' | 'revision'>>;
    readonly converters: readonly ConverterPackage[];
  },
  scope: Scope,
  selection: Selection,
): AsyncGenerator<ScanRow> {
  requireInstalled(deps, selection);
  for await (const scan of candidates(deps, scope, selection)) {
    if (await isWanted(deps, scan, selection)) yield scan;
  }
}

function requireInstalled(
  { converters }: { readonly converters: readonly ConverterPackage[] },
  { converter }: Selection,
): void {
  if (converter === undefined || findConverter(converters, converter) !== undefined) return;
  throw new NiiError('NII_NOT_FOUND', `Unknown converter "${converter}": nii formats list shows all`);
}

async function* candidates(
  { records }: { readonly records: Transactions<Tx<'scan' | 'scans'>> },
  scope: Scope,
  { scanId }: Selection,
): AsyncGenerator<ScanRow> {
  if (scanId !== undefined) {
    const scan = await records.transaction((tx) => tx.scan(scope, scanId));
    if (scan === undefined)
      throw new NiiError(
        'NII_NOT_FOUND',
        `Unknown scan "${scanId}" of the administration "${scope.administration}"`,
      );
    yield scan;
    return;
  }
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const page = await records.transaction((tx) => tx.scans(scope, {}, PAGE, cursor));
    yield* page.rows;
    cursor = page.next;
  }
}

async function isWanted(
  deps: {
    readonly records: Transactions<Tx<'revision'>>;
    readonly converters: readonly ConverterPackage[];
  },
  scan: ScanRow,
  { scanId, converter, outdated = false }: Selection,
): Promise<boolean> {
  if (converter !== undefined && !storedIds(deps.converters, converter).includes(scan.converter))
    return false;
  if (scanStates[scan.state].due === 'convert') return scanId !== undefined; // named, it is answered as under way
  if (!outdated) return true;
  const row = await deps.records.transaction((tx) => tx.revision(scan.id, scan.revision));
  if (row === undefined) return false;
  // A converter that is gone is told with its scan, and stops none of the others
  const installed = findConverter(deps.converters, row.converter.id);
  return installed?.manifest.version !== row.converter.version;
}

export interface Again extends Trial {
  /** The new revision, where one was made. */
  readonly madeRevision?: number;
}

export interface ConvertAgainDeps extends ReconvertDeps {
  readonly records: Transactions<
    CommitTx & Tx<'scan' | 'answered' | 'scanById' | 'documentInForce' | 'scanner'>
  > &
    Locks;
  readonly codeLists: CodeLists;
  readonly objects: ObjectReads & ObjectWrites;
  readonly limits: Limits;
  readonly converterChildren: ConverterChildren;
  readonly stagingDir: string;
  readonly log: Log;
}

/** Converts again where something would change, or always with `force`, as a new revision. */
export async function convertAgain(
  deps: ConvertAgainDeps,
  command: Command,
  scanId: string,
  { dryRun, force }: { readonly dryRun: boolean; readonly force: boolean },
): Promise<Again> {
  const trial = await tryAgain(deps, scopeOf(command.actor), scanId);
  if (dryRun || (trial.difference.same && !force)) return trial;
  const { revision } = await reconvert(deps, command, scanId, trial.revision);
  return { ...trial, madeRevision: revision };
}
