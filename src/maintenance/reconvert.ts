import { type Command, earlierAnswer, keepAnswer } from '../commands/command.ts';
import { scopeOf } from '../core/access.ts';
import { NiiError } from '../core/errors.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Stores } from '../core/ports/stores.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import { scanStates } from '../core/scan/scan-states.ts';
import type { RevisionRow, ScanRow } from '../core/scan/stored-scan.ts';
import { moveToRevision } from '../receive/commit.ts';
import { type ConverterPackage, findConverter } from '../recognise/registry.ts';
import { relist } from '../stored/instances.ts';
import { OBJECTS_LOCK } from '../stored/object-row.ts';
import { type StoreReceivedTx, storeReceived } from '../stored/received.ts';

export interface Reconverted {
  readonly scanId: string;
  readonly revision: number;
}

/** `replayed`: this was answered before, and nothing was done now. */
export type ReconvertAnswer = Reconverted & { readonly replayed: boolean };

export interface ReconvertDeps {
  readonly records: Transactions<CommitTx & Tx<'scan' | 'answered'>> & Locks;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
  readonly converters: readonly ConverterPackage[];
}

/**
 * Converts the newest originals of a scan again, with the converter that is installed now, as a new revision.
 * @param basis - the revision that must still be the newest
 * @throws NII_NOT_FOUND, NII_STATE_CONFLICT while the newest revision is still under way, or is not `basis`
 */
export async function reconvert(
  deps: ReconvertDeps,
  command: Command,
  scanId: string,
  basis?: number,
): Promise<ReconvertAnswer> {
  return deps.records.exclusively(
    `reconvert:${scanId}`,
    async () => {
      const earlier = await deps.records.transaction((tx) => earlierAnswer(tx, command));
      // What was kept is an answer that this service wrote; it is read back as it is.
      if (earlier !== undefined) return { ...(earlier as Reconverted), replayed: true };
      const { scan, prior } = await deps.records.transaction(async (tx) => {
        const found = await tx.scan(scopeOf(command.actor), scanId);
        const row = found === undefined ? undefined : await tx.revision(scanId, found.revision);
        if (found === undefined || row === undefined)
          throw new NiiError('NII_NOT_FOUND', `Unknown scan "${scanId}"`);
        return { scan: found, prior: row };
      });
      if (scanStates[prior.state].due === 'convert')
        throw new NiiError('NII_STATE_CONFLICT', 'The newest revision is not converted yet');
      if (basis !== undefined && basis !== prior.revision)
        throw new NiiError('NII_STATE_CONFLICT', 'The scan has a newer revision; reload and retry');
      const next: ScanRow = { ...scan, state: 'received', revision: scan.revision + 1 };
      const revision = again(deps, command, prior, next);
      return { ...(await commit(deps, command, next, revision)), replayed: false };
    },
    OBJECTS_LOCK,
  );
}

function again(
  deps: { readonly clock: Clock; readonly converters: readonly ConverterPackage[] },
  command: Command,
  prior: RevisionRow,
  next: ScanRow,
): RevisionRow {
  const { scan, problem, ...kept } = prior;
  const installed = findConverter(deps.converters, prior.converter.id)?.manifest;
  const { id, version } = installed ?? prior.converter;
  return {
    ...kept,
    revision: next.revision,
    state: 'received',
    receivedAt: deps.clock.now().toISOString(),
    uploader: command.actor.keyId,
    converter: { id, version },
  };
}

export type CommitTx = StoreReceivedTx &
  Tx<
    | 'lockScan'
    | 'updateScan'
    | 'insertRevision'
    | 'revision'
    | 'instancesOfScan'
    | 'listInstances'
    | 'audit'
    | 'putAnswer'
  >;

async function commit(
  deps: Stores<CommitTx, ObjectWrites>,
  command: Command,
  scan: ScanRow,
  revision: RevisionRow,
): Promise<Reconverted> {
  const answer: Reconverted = { scanId: scan.id, revision: revision.revision };
  await deps.records.transaction(async (tx) => {
    await moveToRevision(tx, scan);
    await tx.insertRevision(revision);
    await storeReceived(deps.objects, tx, scan, revision);
    await relist(tx, scan.id);
    await tx.audit({
      actor: command.actor,
      action: 'change scan: convert again',
      subject: scan.id,
      detail: { ...answer },
    });
    await keepAnswer(tx, command, answer);
  });
  return answer;
}
