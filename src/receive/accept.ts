import type { Actor } from '../core/access.ts';
import { senderOf } from '../core/access.ts';
import { defined } from '../core/defined.ts';
import { isNiiError, NiiError } from '../core/errors.ts';
import { keys } from '../core/keys.ts';
import type { Limits } from '../core/limits.ts';
import type { ObjectReads, ObjectWrites } from '../core/ports/objects.ts';
import type { Clock, Log } from '../core/ports/process.ts';
import type { Audit } from '../core/ports/records/audit.ts';
import type { InstanceIndex, InstanceRow, ReferencedOriginals } from '../core/ports/records/instances.ts';
import type { Revisions, RevisionWrites } from '../core/ports/records/revisions.ts';
import type { JoinScope, ScanGroups, Scans, ScanWrites } from '../core/ports/records/scans.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import type { OriginalFile, RevisionRow, ScanRow } from '../core/scan/stored-scan.ts';
import type { AcceptedScan } from '../core/upload/accepted.ts';
import type { UploadMeta } from '../core/upload/fields.ts';
import { keepUnknown } from '../recognise/companions.ts';
import type { FileGroup, GroupedFile } from '../recognise/files.ts';
import { rejectUnclaimed } from '../recognise/group.ts';
import { type ConverterPackage, findConverter, storedIds } from '../recognise/registry.ts';
import { contentHash, scanIdOf } from '../stored/identity.ts';
import { indexInstances, indexNewScan, instanceRow } from '../stored/instances.ts';
import { OBJECTS_LOCK } from '../stored/object-row.ts';
import { receivedObjects } from '../stored/received/objects.ts';
import { type StoreReceivedTx, storeReceived } from '../stored/received/store.ts';
import { type AdoptedScan, earlyPictures } from './early-pictures.ts';
import { rejectWhenFull } from './full-queue.ts';
import { isOfAnotherPortal, shorterLog } from './grown-logs.ts';
import { joinStored } from './late-files.ts';
import { type JoiningGroup, joinReferenced, waitingReports } from './late-reports.ts';
import {
  type MergedFile,
  mergeOriginals,
  originalOf,
  type ReceivedFile,
  withDistinctNames,
  withSenders,
} from './merge-originals.ts';
import { siteOf } from './site-of-upload.ts';
import { type SortDeps, type SortedUpload, sortUpload } from './sort-upload.ts';
import type { StagedUpload } from './upload.ts';

export type AcceptTx = AcceptGroupTx & ReferencedOriginals;

export interface AcceptDeps extends SortDeps {
  readonly records: Transactions<AcceptTx> & Locks;
  readonly objects: ObjectReads & ObjectWrites;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Turns the files of an upload into scans and revisions. When it returns, originals, records and the next job of
 * each are durable. Sending the same again, at any moment, answers the same and doubles nothing.
 * @param known - what `sortUpload` said of just these files
 * @throws NII_UNKNOWN_FORMAT, NII_AMBIGUOUS_FORMAT (nothing is kept), NII_QUEUE_FULL, NII_STORE_AWAY, NII_DATABASE_AWAY
 */
export async function acceptUpload(
  deps: AcceptDeps,
  actor: Actor,
  upload: StagedUpload,
  meta: UploadMeta,
  known?: SortedUpload,
): Promise<readonly AcceptedScan[]> {
  const site = siteOf(actor, meta);
  const sorted = known ?? (await sortUpload(deps, upload.files, { caller: actor.keyId }));
  const scope = joinScopeOf(deps, { actor, site, meta });
  const { grouped, waiting } = await deps.records.transaction(async (tx) => {
    const joined = keepUnknown(await joinStored(deps, tx, scope, sorted));
    const groups = await joinReferenced(deps, tx, scope, joined.groups);
    return { grouped: { ...joined, groups }, waiting: await tx.waitingShares(actor.administration) };
  });
  rejectUnclaimed(grouped);
  rejectWhenFull(deps.limits, waiting);
  const sender: Sender = { actor, site, meta, dir: upload.dir };
  const accepted: AcceptedScan[] = [];
  for (const group of grouped.groups) {
    const scan = await acceptGroup(deps, sender, group);
    accepted.push(scan, ...(await acceptReports(deps, sender, group, scan)));
  }
  return newestOfEach(accepted);
}

/** Reports that came before the images of a scan that was just accepted: each makes its next revision. */
async function acceptReports(
  deps: Omit<AcceptDeps, 'reader'>,
  sender: Sender,
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

interface Sender {
  readonly actor: Actor;
  readonly site: string;
  readonly meta: UploadMeta;
  /** Folder of the upload on this machine. */
  readonly dir: string;
}

export type AcceptGroupTx = CommitRevisionTx & Scans & ScanGroups & Revisions & InstanceIndex;

export interface AcceptGroupDeps {
  readonly records: Transactions<AcceptGroupTx> & Locks;
  readonly objects: ObjectReads & ObjectWrites;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly converters: readonly ConverterPackage[];
  readonly log: Log;
}

/** Somebody else was first with the same scan or revision: looked at again, it is there. */
async function acceptGroup(
  deps: AcceptGroupDeps,
  sender: Sender,
  group: JoiningGroup,
  tries = 3,
): Promise<AcceptedScan> {
  try {
    return await acceptAlone(deps, sender, group);
  } catch (error) {
    if (tries <= 1 || !isNiiError(error, 'NII_CONFLICT')) throw error;
    return acceptGroup(deps, sender, group, tries - 1);
  }
}

async function acceptAlone(
  deps: AcceptGroupDeps,
  sender: Sender,
  group: JoiningGroup,
): Promise<AcceptedScan> {
  const { administration } = sender.actor;
  const lock = ['accept', administration, sender.site, group.converter.id, group.groupKey].join(':');
  return deps.records.exclusively(
    lock,
    async () => {
      const { plan, copies } = await planWithPictures(deps, sender, group);
      if (plan.result === 'already-here') {
        await deps.records.transaction((tx) => tx.audit(auditOf(sender.actor, plan)));
        return answer(plan, group);
      }
      await storeOriginals(deps, plan, [...group.files, ...copies]);
      const instances = instancesReceived(plan, group);
      await deps.records.transaction(async (tx) => {
        await commitRevision(deps, tx, sender.actor, plan);
        await (plan.result === 'new-scan' ? indexNewScan : indexInstances)(tx, plan.scan.id, instances);
      });
      deps.log.info(
        { scanId: plan.scan.id, revision: plan.revision.revision, converter: group.converter.id },
        'scan received',
      );
      return answer(plan, group);
    },
    OBJECTS_LOCK,
  );
}

/** The DICOM files among the originals that have just been stored. */
function instancesReceived({ scan, revision }: Plan, { files }: FileGroup): readonly InstanceRow[] {
  const read = new Map(files.map((file) => [file.sha256, file.read?.instance]));
  return receivedObjects(scan, revision).flatMap((object) => {
    const facts = object.kind === 'original' ? read.get(object.sha256) : undefined;
    return facts === undefined ? [] : (instanceRow(scan, object, facts) ?? []);
  });
}

interface Plan {
  readonly result: AcceptedScan['result'];
  readonly scan: ScanRow;
  readonly revision: RevisionRow;
}

export interface PlanRevisionDeps {
  readonly objects: ObjectReads;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly converters: readonly ConverterPackage[];
}

/** Which stored scans the files of this sender may join. */
function joinScopeOf(
  deps: { readonly clock: Clock; readonly limits: Limits },
  { actor, site, meta }: Omit<Sender, 'dir'>,
): JoinScope {
  const { administration } = actor;
  const since = lateSince(deps);
  return { administration, site, since, sender: senderOf(actor), ...defined({ scanner: meta.scanner }) };
}

async function planRevision(
  tx: Scans & ScanGroups & Revisions,
  deps: PlanRevisionDeps,
  sender: Sender,
  group: JoiningGroup,
): Promise<Plan> {
  if (group.joins !== undefined) return planJoin(tx, deps, sender, group, group.joins);
  const sent = sentScope(sender);
  const same = await tx.revisionByContent(sent, contentHash(group.files));
  if (same !== undefined) return alreadyHere(tx, sender, same);
  const scan =
    (await storedScan(tx, deps, sender, group)) ?? (await shorterLog(tx, joinScopeOf(deps, sender), group));
  const prior = scan === undefined ? undefined : await tx.revision(scan.id, scan.revision);
  if (scan === undefined || prior === undefined || isOfAnotherPortal(sender.meta, prior.meta, group))
    return newScan(tx, deps, sender, group);
  const merged = await mergedWith(deps, withSenders(prior.originals, scan), group, sent.sender);
  if (merged === undefined) return newScan(tx, deps, sender, group);
  const known = await tx.revisionByContent(sent, contentHash(merged));
  if (known !== undefined) return alreadyHere(tx, sender, known);
  return newRevision(deps, sender, group, scan, merged, prior?.meta ?? {});
}

/** A new scan gets the pictures that came before it: the scan of one of them becomes its own, others are copied. */
async function planWithPictures(
  deps: PlanRevisionDeps & { readonly records: Transactions<Scans & ScanGroups & Revisions> },
  sender: Sender,
  group: JoiningGroup,
): Promise<{ readonly plan: Plan; readonly copies: readonly ReceivedFile[] }> {
  const plan = await deps.records.transaction((tx) => planRevision(tx, deps, sender, group));
  if (plan.result !== 'new-scan') return { plan, copies: [] };
  const { adopted, files } = await earlyPictures(deps, joinScopeOf(deps, sender), group, sender.dir);
  if (adopted === undefined && files.length === 0) return { plan, copies: [] };
  const whole = { ...group, files: [...group.files, ...files] };
  const withPictures = await deps.records.transaction((tx) =>
    adopted === undefined ? newScan(tx, deps, sender, whole) : planAdoption(tx, deps, sender, whole, adopted),
  );
  return { plan: withPictures, copies: files };
}

/** The scan of the picture becomes that of the group. */
async function planAdoption(
  tx: Scans & Revisions,
  deps: Pick<PlanRevisionDeps, 'objects' | 'clock' | 'converters'>,
  sender: Sender,
  group: JoiningGroup,
  adopted: AdoptedScan,
): Promise<Plan> {
  const { administration } = sender.actor;
  const scan = await tx.scan({ administration, site: sender.site }, adopted.scan.id);
  const prior = scan === undefined ? undefined : await tx.revision(scan.id, scan.revision);
  if (scan === undefined || prior === undefined || scan.revision !== adopted.scan.revision)
    throw new NiiError('NII_CONFLICT', 'The scan has a newer revision; reload and retry');
  const waiting = withSenders(prior.originals, scan).map((file) => ({
    ...file,
    role: adopted.roles.get(file.sha256) ?? file.role,
  }));
  const merged = await mergedWith(deps, waiting, group, senderOf(sender.actor));
  if (merged === undefined) return newScan(tx, deps, sender, group);
  const { converter, groupKey } = group;
  return newRevision(deps, sender, group, { ...scan, converter: converter.id, groupKey }, merged, prior.meta);
}

/** A revision of this scan with the files in it; none where it has them, or others in their place. */
async function planJoin(
  tx: Scans & Revisions,
  deps: Pick<PlanRevisionDeps, 'objects' | 'clock' | 'converters'>,
  sender: Sender,
  group: JoiningGroup,
  scanId: string,
): Promise<Plan> {
  const { actor, site } = sender;
  const scan = await tx.scan({ administration: actor.administration, site }, scanId);
  const prior = scan === undefined ? undefined : await tx.revision(scan.id, scan.revision);
  if (scan === undefined || prior === undefined)
    throw new NiiError('NII_INTERNAL', `no scan ${scanId} to join`);
  const merged = await mergedWith(deps, withSenders(prior.originals, scan), group, senderOf(actor));
  if (merged === undefined || contentHash(merged) === prior.contentHash)
    return { result: 'already-here', scan, revision: prior };
  return newRevision(deps, sender, group, scan, merged, prior.meta);
}

function mergedWith(
  deps: Pick<PlanRevisionDeps, 'objects' | 'converters'>,
  prior: readonly OriginalFile[],
  { files, converter }: JoiningGroup,
  sender: string,
): ReturnType<typeof mergeOriginals> {
  const group = { files, isByUid: isByUid(deps, converter.id) };
  return mergeOriginals(deps.objects, prior, group, sender);
}

function isByUid(
  { converters }: { readonly converters: readonly ConverterPackage[] },
  converter: string,
): boolean {
  return findConverter(converters, converter)?.manifest.group.by === 'dicom';
}

/** What this sender has sent to the site. */
function sentScope({ actor, site }: Sender) {
  return { administration: actor.administration, site, sender: senderOf(actor) };
}

/** The newest scan of the group, also where it was stored under a former id of its converter. */
async function storedScan(
  tx: ScanGroups,
  deps: Pick<PlanRevisionDeps, 'clock' | 'limits' | 'converters'>,
  sender: Sender,
  { converter, groupKey }: FileGroup,
): Promise<ScanRow | undefined> {
  const { scanner, ...place } = joinScopeOf(deps, sender);
  // A scan UID says by itself which scan it is; names repeat from scanner to scanner
  const scope = isByUid(deps, converter.id) ? place : { ...place, ...defined({ scanner }) };
  for (const id of storedIds(deps.converters, converter.id)) {
    const scan = await tx.scanByGroup(scope, id, groupKey);
    if (scan !== undefined) return scan;
  }
  return undefined;
}

async function alreadyHere(tx: Scans, sender: Sender, revision: RevisionRow): Promise<Plan> {
  const scope = { administration: sender.actor.administration, site: sender.site };
  const scan = await tx.scan(scope, revision.scanId);
  if (scan === undefined) throw new NiiError('NII_INTERNAL', `revision without scan ${revision.scanId}`);
  return { result: 'already-here', scan, revision };
}

function lateSince({ clock, limits }: { readonly clock: Clock; readonly limits: Limits }): string {
  return new Date(clock.now().getTime() - limits.lateFileSeconds * 1000).toISOString();
}

async function newScan(
  tx: Scans & Revisions,
  deps: { readonly clock: Clock },
  sender: Sender,
  group: JoiningGroup,
): Promise<Plan> {
  const { administration } = sender.actor;
  const hash = contentHash(group.files);
  const id = await freeScanId(tx, sender, hash);
  // Another request of this sender, under other names and so under another lock, may have brought it a moment ago
  const same = await tx.revisionByContent(sentScope(sender), hash);
  if (same !== undefined) return alreadyHere(tx, sender, same);
  const receivedAt = deps.clock.now().toISOString();
  const files = group.files.map((file) => originalOf(file, file.sentBy ?? senderOf(sender.actor)));
  const others = files.flatMap(({ sentBy }) => sentBy ?? []);
  const scan: ScanRow = {
    id,
    administration,
    site: sender.site,
    converter: group.converter.id,
    groupKey: group.groupKey,
    state: 'received',
    revision: 1,
    purpose: sender.meta.purpose ?? 'operational',
    receivedAt,
    containers: [],
    terms: [],
    senders: [...new Set([senderOf(sender.actor), ...others])],
    ...defined({ visit: sender.meta.visit }),
  };
  return {
    result: 'new-scan',
    scan,
    revision: revisionOf(sender, group, scan, files, receivedAt, {}),
  };
}

/** The same content of another sender is another scan, with an id of its own. */
async function freeScanId(tx: Scans, sender: Sender, hash: string): Promise<string> {
  const { administration } = sender.actor;
  const id = scanIdOf(administration, sender.site, hash);
  const taken = await tx.scan({ administration, site: sender.site }, id);
  return taken === undefined ? id : scanIdOf(administration, sender.site, hash, senderOf(sender.actor));
}

function newRevision(
  deps: { readonly clock: Clock },
  sender: Sender,
  group: FileGroup,
  prior: ScanRow,
  files: readonly MergedFile[],
  priorMeta: RevisionRow['meta'],
): Plan {
  const joined = files.flatMap(({ key, sentBy }) => (key === undefined ? (sentBy ?? []) : []));
  const senders = [...new Set([...prior.senders, ...joined])];
  const scan: ScanRow = { ...prior, state: 'received', revision: prior.revision + 1, senders };
  const receivedAt = deps.clock.now().toISOString();
  const revision = revisionOf(sender, group, scan, files, receivedAt, priorMeta);
  return { result: 'new-revision', scan, revision };
}

function revisionOf(
  sender: Sender,
  group: FileGroup,
  scan: ScanRow,
  files: readonly MergedFile[],
  receivedAt: string,
  priorMeta: RevisionRow['meta'],
): RevisionRow {
  const { id, revision } = scan;
  return {
    scanId: id,
    revision,
    state: 'received',
    contentHash: contentHash(files),
    originals: withDistinctNames(files).map((file) => ({
      ...file,
      key: file.key ?? keys.original(id, revision, file.sha256),
    })),
    receivedAt,
    uploader: sender.actor.keyId,
    // What was said with the first files holds until something else is said
    meta: { ...priorMeta, ...metaFields(sender.meta) },
    converter: group.converter,
  };
}

function metaFields({ scanner, lane, visit, purpose }: UploadMeta): Readonly<Record<string, string>> {
  return {
    ...defined({ scanner, lane, visit, purpose }),
  };
}

/** Files that are stored at the same time. */
const STORED_AT_ONCE = 4;

async function storeOriginals(
  deps: { readonly objects: ObjectWrites },
  plan: Plan,
  files: readonly GroupedFile[],
): Promise<void> {
  const staged = new Map(files.map((file) => [file.sha256, file]));
  const arrived = plan.revision.originals.flatMap(({ sha256, key }) => {
    const file = staged.get(sha256);
    const isNew = key === keys.original(plan.scan.id, plan.revision.revision, sha256);
    return file !== undefined && isNew ? [{ key, file }] : [];
  });
  const put = ({ key, file: { path, bytes, archive } }: (typeof arrived)[number]) => {
    // the process that unpacked a member may still have it open for writing: the object is a copy of it
    const given = archive === undefined ? ({ isGiven: true } as const) : {};
    return deps.objects.put(key, { path, bytes, ...given }, 'application/octet-stream');
  };
  // a disk that is asked for several at once writes them in one go
  for (let from = 0; from < arrived.length; from += STORED_AT_ONCE)
    await Promise.all(arrived.slice(from, from + STORED_AT_ONCE).map(put));
}

export type CommitRevisionTx = ScanWrites & RevisionWrites & StoreReceivedTx & Audit;

async function commitRevision(
  deps: { readonly objects: ObjectWrites },
  tx: CommitRevisionTx,
  actor: Actor,
  plan: Plan,
): Promise<void> {
  const { scan, revision } = plan;
  if (plan.result === 'new-scan') await tx.insertScan(scan);
  else await moveToRevision(tx, scan);
  await tx.insertRevision(revision);
  await storeReceived(deps.objects, tx, scan, revision);
  await tx.audit(auditOf(actor, plan));
}

/**
 * Moves the scan on to its next revision with these senders, converter and group key, and changes nothing else of it.
 * @throws NII_CONFLICT when it has moved since the revision was planned
 */
export async function moveToRevision(
  tx: ScanWrites,
  { id, revision, senders, converter, groupKey }: ScanRow,
): Promise<void> {
  const scan = await tx.lockScan(id);
  if (scan?.revision !== revision - 1)
    throw new NiiError('NII_CONFLICT', 'The scan has a newer revision; reload and retry');
  await tx.updateScan({ ...scan, state: 'received', revision, senders, converter, groupKey });
}

function auditOf(actor: Actor, plan: Plan) {
  return {
    actor,
    action: 'change upload',
    subject: plan.scan.id,
    detail: { revision: plan.revision.revision, result: plan.result },
  };
}

function answer(plan: Plan, group: FileGroup): AcceptedScan {
  return {
    scanId: plan.scan.id,
    revision: plan.revision.revision,
    state: plan.revision.state,
    result: plan.result,
    converter: group.converter.id,
    files: group.files.map(({ name, role, complete }) => ({ name, role, complete })),
  };
}
