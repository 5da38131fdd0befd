import type { Actor } from '../core/access.ts';
import { isNiiError, NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { WaitingShares } from '../core/ports/jobs.ts';
import type { ObjectReads, ObjectWrites } from '../core/ports/objects.ts';
import type { Clock, Log } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import type { UploadQueue } from '../core/rows/job.ts';
import { hasRecord } from '../core/scan/stored-scan.ts';
import type { AcceptedScan, UploadMeta } from '../core/upload.ts';
import { keepUnknown } from '../recognise/companions.ts';
import type { FileGroup, Grouped } from '../recognise/files.ts';
import { rejectUnclaimed } from '../recognise/group.ts';
import { OBJECTS_LOCK } from '../stored/object-row.ts';
import { type CommitPlanTx, commitPlan } from './commit.ts';
import { earlyPictures } from './early-pictures.ts';
import { joinStored } from './late-files.ts';
import {
  isOfDicom,
  type JoiningGroup,
  joinReferenced,
  type WaitingReportsDeps,
  waitingReports,
} from './late-reports.ts';
import type { ReceivedFile } from './merge-originals.ts';
import { acceptedScan, type Incoming, type Plan, planUpload, type Sender } from './plan.ts';
import {
  joinScopeOf,
  type ReadStoredDeps,
  type ReadStoredTx,
  readAdopted,
  readStored,
} from './read-stored.ts';
import { siteOf } from './site-of-upload.ts';
import { type SortDeps, type SortedUpload, sortUpload } from './sort-upload.ts';
import type { StagedUpload } from './upload.ts';

export type AcceptTx = CommitPlanTx &
  ReadStoredTx &
  Tx<'mayJoin' | 'waitingShares' | 'originalsNamed' | 'reportsOn' | 'scanNaming'>;

export interface AcceptDeps extends AcceptGroupDeps, SortDeps {
  readonly records: Transactions<AcceptTx> & Locks;
}

interface AcceptGroupDeps extends Omit<SortDeps, 'reader'> {
  readonly records: Transactions<CommitPlanTx & ReadStoredTx> & Locks;
  readonly objects: ObjectReads & ObjectWrites;
  readonly clock: Clock;
  readonly log: Log;
}

/** An upload whose files lie in a folder on this machine. */
interface StagedSender extends Sender {
  readonly dir: string;
}

/**
 * Turns the files of an upload into scans and revisions. When it returns, originals, records and the next job of
 * each are durable. Sending the same again, at any moment, answers the same and doubles nothing.
 * @param known - what `sortUpload` said of just these files
 * @throws NII_UNKNOWN_FORMAT, NII_AMBIGUOUS_FORMAT (nothing is kept), NII_QUEUE_FULL, NII_STORE_UNREACHABLE, NII_DATABASE_UNREACHABLE
 */
export async function acceptUpload(
  deps: AcceptDeps,
  actor: Actor,
  upload: StagedUpload,
  meta: UploadMeta,
  known?: SortedUpload,
): Promise<readonly AcceptedScan[]> {
  const sender: StagedSender = { actor, site: siteOf(actor, meta), meta, dir: upload.dir };
  const sorted = known ?? (await sortUpload(deps, upload.files, { caller: actor.keyId }));
  const accepted: AcceptedScan[] = [];
  for (const group of await joinGroups(deps, sender, sorted)) {
    const scan = await acceptGroup(deps, sender, group);
    accepted.push(scan, ...(await acceptReports(deps, sender, group, scan)));
  }
  return newestOfEach(accepted);
}

interface JoinGroupsDeps extends Pick<AcceptDeps, 'clock' | 'limits' | 'converters'> {
  readonly records: Transactions<
    Tx<'scan' | 'scanByGroup' | 'scanNaming' | 'mayJoin' | 'originalsNamed' | 'waitingShares'>
  >;
}

/** The scans of the upload, and the stored scans that its late files and reports join. */
async function joinGroups(
  deps: JoinGroupsDeps,
  sender: Sender,
  sorted: Grouped,
): Promise<readonly JoiningGroup[]> {
  const scope = joinScopeOf(deps, sender, nowOf(deps));
  const { joined, groups, waiting } = await deps.records.transaction(async (tx) => {
    const joined = keepUnknown(await joinStored(deps, tx, scope, sorted));
    const groups = await joinReferenced(deps, tx, scope, joined.groups);
    const queues = new Set(groups.map(queueOfGroup));
    const waiting = [];
    for (const queue of queues) waiting.push(await tx.waitingShares(sender.actor.administration, queue));
    return { joined, groups, waiting };
  });
  rejectUnclaimed(joined);
  for (const shares of waiting) rejectWhenFull(deps.limits, shares);
  return groups;
}

/** Reports that came before the images of a scan that was just accepted: each makes its next revision. */
async function acceptReports(
  deps: AcceptGroupDeps & WaitingReportsDeps,
  sender: StagedSender,
  group: FileGroup,
  { scanId }: AcceptedScan,
): Promise<readonly AcceptedScan[]> {
  const scan = { administration: sender.actor.administration, site: sender.site, id: scanId };
  const accepted: AcceptedScan[] = [];
  for (const waiting of await waitingReports(deps, scan, group, sender.dir)) {
    accepted.push({ ...(await acceptGroup(deps, sender, waiting)), files: [] });
  }
  return accepted;
}

/** One entry a scan: what became of it first, and what it is now. */
function newestOfEach(accepted: readonly AcceptedScan[]): readonly AcceptedScan[] {
  const byScan = new Map<string, AcceptedScan>();
  for (const { revision, state, ...one } of accepted) {
    const known = byScan.get(one.scanId) ?? { ...one, revision, state, files: [] };
    const result = known.result === 'already-here' ? one.result : known.result;
    byScan.set(one.scanId, { ...known, result, revision, state, files: [...known.files, ...one.files] });
  }
  return [...byScan.values()];
}

/** When another request stored the same scan or revision first, the next try finds it. */
async function acceptGroup(
  deps: AcceptGroupDeps,
  sender: StagedSender,
  group: JoiningGroup,
  tries = 3,
): Promise<AcceptedScan> {
  try {
    return await acceptOnce(deps, sender, group);
  } catch (error) {
    if (tries <= 1 || !isNiiError(error, 'NII_CONFLICT')) throw error;
    return acceptGroup(deps, sender, group, tries - 1);
  }
}

/** Reads what is stored, plans, and commits the plan, while no other request does the same for this group. */
function acceptOnce(deps: AcceptGroupDeps, sender: StagedSender, group: JoiningGroup): Promise<AcceptedScan> {
  const { actor, site, dir } = sender;
  const lock = ['accept', actor.administration, site, group.converter.id, group.groupKey].join(':');
  return deps.records.exclusively(
    lock,
    async () => {
      const isByUid = isOfDicom(group, deps.converters);
      const incoming: Incoming = { sender, group, isByUid, receivedAt: nowOf(deps) };
      const stored = await deps.records.transaction((tx) => readStored(deps, tx, incoming));
      const { plan, copies } = await withEarlyPictures(deps, incoming, planUpload(incoming, stored), dir);
      await commitPlan(deps, actor, plan, [...group.files, ...copies]);
      return acceptedScan(plan, group);
    },
    OBJECTS_LOCK,
  );
}

/** A new scan gets the pictures that came before it: the scan of one of them becomes its own, others are copied. */
async function withEarlyPictures(
  deps: ReadStoredDeps & {
    readonly records: Transactions<
      Tx<'scan' | 'newestScans' | 'revision' | 'revisionsByContent' | 'documentInForce'>
    >;
  },
  incoming: Incoming,
  plan: Plan,
  dir: string,
): Promise<{ readonly plan: Plan; readonly copies: readonly ReceivedFile[] }> {
  const { sender, group, receivedAt } = incoming;
  if (plan.result !== 'new-scan') return { plan, copies: [] };
  const scope = joinScopeOf(deps, sender, receivedAt);
  const { adopted, files: copies } = await earlyPictures(deps, scope, group, dir);
  if (adopted === undefined && copies.length === 0) return { plan, copies };
  const whole = { ...incoming, group: { ...group, files: [...group.files, ...copies] } };
  const stored = await deps.records.transaction((tx) => readAdopted(deps, tx, whole, adopted));
  return { plan: planUpload(whole, stored), copies };
}

/** A full queue of images rejects no portal record. */
function queueOfGroup({ files }: FileGroup): UploadQueue {
  return hasRecord(files) ? 'radiation' : 'images';
}

function nowOf({ clock }: { readonly clock: Clock }): string {
  return clock.now().toISOString();
}

/** A full queue still takes what is within the fair share of an administration: no other can fill it up for it. */
function rejectWhenFull({ queuedJobs }: Limits, { all, own, administrations }: WaitingShares): void {
  if (all < queuedJobs || own < Math.floor(queuedJobs / administrations)) return;
  throw new NiiError(
    'NII_QUEUE_FULL',
    `The job queue is full (${all} jobs, ${own} from this administration): retry later`,
  );
}
