import { type Scope, senderOf } from '../core/access.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { ObjectReads } from '../core/ports/objects.ts';
import type { JoinScope } from '../core/ports/records/scans.ts';
import type { Tx } from '../core/ports/records.ts';
import { unsetSite } from '../core/rules/site.ts';
import { hasRecord, type RevisionRow, type ScanRow } from '../core/scan/stored-scan.ts';
import type { UploadMeta } from '../core/upload.ts';
import { type ConverterPackage, storedIds } from '../recognise/registry.ts';
import { contentHash } from '../stored/identity.ts';
import { siteInForce } from '../stored/rules.ts';
import { compareBytes } from './beginnings.ts';
import type { AdoptedScan } from './early-pictures.ts';
import { findShorterLog } from './grown-logs.ts';
import { filesToCompare, type IsBeginning } from './merge-originals.ts';
import {
  firstScanId,
  type Incoming,
  mergeWith,
  originalsOf,
  type Sender,
  type Stored,
  type StoredRevision,
  type Target,
} from './plan.ts';

/** What a plan needs to know of the store. */

type ReadSentTx = Tx<'scan' | 'revision' | 'revisionsByContent' | 'documentInForce'>;
export type ReadStoredTx = ReadSentTx & Tx<'newestScans' | 'scanByGroup'>;

export interface ReadStoredDeps {
  readonly objects: ObjectReads;
  readonly limits: Pick<Limits, 'lateFileSeconds'>;
  readonly converters: readonly ConverterPackage[];
}

/** @throws NII_INTERNAL when the scan that a report refers to is gone */
export async function readStored(
  deps: ReadStoredDeps,
  tx: ReadStoredTx,
  incoming: Incoming,
): Promise<Stored> {
  const { sender, group } = incoming;
  if (group.joins !== undefined) {
    const found = await newestRevision(tx, sender, group.joins);
    if (found === undefined) throw new NiiError('NII_INTERNAL', `no scan ${group.joins} to join`);
    const target: Target = { ...found, by: 'reference' };
    const isBeginning = await compareWith(deps, incoming, target);
    return { target, sent: new Map(), isIdTaken: false, isSentOtherwise: false, site: {}, isBeginning };
  }
  const stored = await readSent(tx, incoming);
  const found =
    stored.sent.size > 0 || stored.isSentOtherwise ? undefined : await findOfGroup(deps, tx, incoming);
  if (found === undefined) return stored;
  const target: Target = { ...found, by: 'group' };
  const isBeginning = await compareWith(deps, incoming, target);
  const merged = mergeWith(target, incoming, isBeginning) ?? [];
  const sent = await ofContent(tx, await sentBefore(tx, sender, merged));
  return { ...stored, target, sent, isBeginning };
}

/**
 * The same for a new scan that has got early pictures.
 * @param adopted - the scan of a picture that becomes this one
 * @throws NII_CONFLICT when that scan has changed since
 */
export async function readAdopted(
  deps: Pick<ReadStoredDeps, 'objects'>,
  tx: ReadSentTx,
  incoming: Incoming,
  adopted: AdoptedScan | undefined,
): Promise<Stored> {
  const stored = await readSent(tx, incoming);
  if (adopted === undefined) return stored;
  const found = await newestRevision(tx, incoming.sender, adopted.scan.id);
  if (found?.scan.revision !== adopted.scan.revision)
    throw new NiiError('NII_CONFLICT', 'The scan has a newer revision; reload and retry');
  const target: Target = { ...found, by: 'adoption', roles: adopted.roles };
  return { ...stored, target, isBeginning: await compareWith(deps, incoming, target) };
}

/** Which stored scans the files of this sender may join. */
export function joinScopeOf(
  { limits }: { readonly limits: Pick<Limits, 'lateFileSeconds'> },
  { actor, site, meta }: Sender,
  receivedAt: string,
): JoinScope {
  const { administration } = actor;
  const since = new Date(Date.parse(receivedAt) - limits.lateFileSeconds * 1000).toISOString();
  return { administration, site, since, sender: senderOf(actor), ...defined({ scanner: meta.scanner }) };
}

async function readSent(tx: ReadSentTx, { sender, group }: Incoming): Promise<Stored> {
  // First the id, then the content: an upload of the same files that takes the id meanwhile is found by its content
  const id = firstScanId(sender, group.files);
  const isIdTaken = (await tx.scan(placeOf(sender), id)) !== undefined;
  const before = await sentBefore(tx, sender, group.files);
  const same = before.find(({ revision }) => saysTheSame(sender.meta, revision));
  return {
    sent: await ofContent(tx, same === undefined ? [] : [same]),
    isIdTaken,
    isSentOtherwise: before.length > 0 && same === undefined,
    site: (await siteInForce(tx, placeOf(sender)))?.terms ?? unsetSite,
    isBeginning: () => false,
  };
}

/**
 * Whether an upload says of the same bytes what an earlier one said. What was sent as training, and then as operational, is
 * another fact; so is a record of a portal with a lane or a visit that was not said before. An image is one scan, of one vehicle,
 * whatever is said of it: its readings count, and are not drawn again.
 */
function saysTheSame(
  { purpose = 'operational', lane, visit }: UploadMeta,
  { meta: before, originals }: Pick<RevisionRow, 'meta' | 'originals'>,
): boolean {
  const { purpose: earlier = 'operational' } = before;
  if (!hasRecord(originals)) return purpose === earlier || purpose !== 'operational';
  const isSaid = (now: string | undefined, then: string | undefined) => now === undefined || now === then;
  return purpose === earlier && isSaid(lane, before.lane) && isSaid(visit, before.visit);
}

/** Revisions with exactly these files that this sender sent to the site, the newest first. */
async function sentBefore(
  tx: Tx<'scan' | 'revisionsByContent'>,
  sender: Sender,
  files: readonly { readonly sha256: string }[],
): Promise<readonly StoredRevision[]> {
  const hash = contentHash(files);
  const by = { ...placeOf(sender), sender: senderOf(sender.actor) };
  const sent: StoredRevision[] = [];
  for (const revision of await tx.revisionsByContent(by, hash)) {
    const scan = await tx.scan(placeOf(sender), revision.scanId);
    if (scan === undefined) throw new NiiError('NII_INTERNAL', `revision without scan ${revision.scanId}`);
    sent.push({ scan, revision });
  }
  return sent;
}

async function ofContent(tx: Tx<'revision'>, [last]: readonly StoredRevision[]): Promise<Stored['sent']> {
  if (last === undefined) return new Map();
  const { scan, revision } = last;
  const newest = scan.revision === revision.revision ? revision : await tx.revision(scan.id, scan.revision);
  if (newest === undefined) throw new NiiError('NII_INTERNAL', `scan without its revision ${scan.id}`);
  return new Map([[revision.contentHash, { ...last, newest }]]);
}

async function newestRevision(
  tx: Tx<'scan' | 'revision'>,
  sender: Sender,
  scanId: string,
): Promise<StoredRevision | undefined> {
  const scan = await tx.scan(placeOf(sender), scanId);
  return scan === undefined ? undefined : withRevision(tx, scan);
}

async function withRevision(tx: Tx<'revision'>, scan: ScanRow): Promise<StoredRevision | undefined> {
  const revision = await tx.revision(scan.id, scan.revision);
  return revision === undefined ? undefined : { scan, revision };
}

/** The newest scan of the group, else the scan of a log that has grown. */
async function findOfGroup(
  deps: ReadStoredDeps,
  tx: Tx<'newestScans' | 'scanByGroup' | 'revision'>,
  incoming: Incoming,
): Promise<StoredRevision | undefined> {
  const scope = joinScopeOf(deps, incoming.sender, incoming.receivedAt);
  const scan =
    (await findByKey(tx, deps, scope, incoming)) ??
    (await findShorterLog(tx, deps.objects, scope, incoming.group));
  return scan === undefined ? undefined : withRevision(tx, scan);
}

/** The newest scan with the key of the group, also if it was stored under a former id of its converter. */
async function findByKey(
  tx: Tx<'scanByGroup'>,
  { converters }: Pick<ReadStoredDeps, 'converters'>,
  { scanner, ...place }: JoinScope,
  { group: { converter, groupKey }, isByUid }: Incoming,
): Promise<ScanRow | undefined> {
  // A scan UID identifies a scan; names repeat from scanner to scanner
  const scope = isByUid ? place : { ...place, ...defined({ scanner }) };
  for (const id of storedIds(converters, converter.id)) {
    const scan = await tx.scanByGroup(scope, id, groupKey);
    if (scan !== undefined) return scan;
  }
  return undefined;
}

function compareWith(
  { objects }: Pick<ReadStoredDeps, 'objects'>,
  { group, isByUid }: Incoming,
  target: Target,
): Promise<IsBeginning> {
  const pairs = filesToCompare(originalsOf(target), { files: group.files, isByUid });
  return compareBytes(objects, pairs);
}

function placeOf({ actor, site }: Sender): Scope {
  return { administration: actor.administration, site };
}
