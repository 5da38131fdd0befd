import { type Actor, senderOf } from '../core/access.ts';
import { defined } from '../core/defined.ts';
import { keys } from '../core/keys.ts';
import { nameOf } from '../core/rules/check-in.ts';
import { isNoMark, type SiteTerms } from '../core/rules/site.ts';
import { markOf } from '../core/rules/vehicle-hold.ts';
import { hasRecord, type OriginalFile, type RevisionRow, type ScanRow } from '../core/scan/stored-scan.ts';
import type { AcceptedScan, UploadMeta } from '../core/upload.ts';
import type { FileGroup } from '../recognise/files.ts';
import { contentHash, scanIdOf } from '../stored/identity.ts';
import { isOfAnotherPortal } from './grown-logs.ts';
import type { JoiningGroup } from './late-reports.ts';
import {
  type IsBeginning,
  type MergedFile,
  mergeOriginals,
  originalOf,
  withDistinctNames,
  withSenders,
} from './merge-originals.ts';

/** What an upload makes of a scan, from what is stored and what came in. Nothing here reads or writes. */

/** The sender of an upload, and what they stated about it. */
export interface Sender {
  readonly actor: Actor;
  readonly site: string;
  readonly meta: UploadMeta;
}

/** The files of one scan as they came in. */
export interface Incoming {
  readonly sender: Sender;
  readonly group: JoiningGroup;
  /** Whether a UID in each file names its scan, as in DICOM. */
  readonly isByUid: boolean;
  /** RFC 3339. */
  readonly receivedAt: string;
}

/** A stored scan and one of its revisions. */
export interface StoredRevision {
  readonly scan: ScanRow;
  readonly revision: RevisionRow;
}

/** A revision that was sent before, and the newest one of its scan. */
export interface SentBefore extends StoredRevision {
  readonly newest: RevisionRow;
}

/**
 * The stored scan to which the files may belong, with its newest revision, and how it was found: by the converter and
 * the key of the group, by a reference of a report to its images, or because an early picture began it. An adopted scan
 * gets the converter and key of the group, and `roles` has the roles of its files there, by SHA-256.
 */
export type Target = StoredRevision &
  (
    | { readonly by: 'group' }
    | { readonly by: 'reference' }
    | { readonly by: 'adoption'; readonly roles: ReadonlyMap<string, string> }
  );

/** What is stored when files come in, as far as a plan needs it. */
export interface Stored {
  readonly target?: Target;
  /** Revisions that this sender already sent to the site, by content hash: of the files, and of the target with them. */
  readonly sent: ReadonlyMap<string, SentBefore>;
  /** Whether the id that the files give a new scan belongs to a scan of another sender. */
  readonly isIdTaken: boolean;
  /** Whether this sender sent these very files before, and said another purpose, lane or visit of them. */
  readonly isSentOtherwise: boolean;
  /** What stands for a visit that nobody could read there. */
  readonly site: Pick<SiteTerms, 'noMarks'>;
  readonly isBeginning: IsBeginning;
}

/** What to store: the scan as it becomes and its next revision; or what is stored already. */
export interface Plan extends StoredRevision {
  readonly result: AcceptedScan['result'];
  /** The placeholder that a visit takes the place of. */
  readonly placeholder?: string;
}

/** Plans a new scan, a new revision of a stored one, or nothing when the content is stored already. */
export function planUpload(incoming: Incoming, stored: Stored): Plan {
  const { target } = stored;
  if (stored.isSentOtherwise && target === undefined) return newScan(incoming, stored);
  switch (target?.by) {
    case undefined:
      return sentAlready(incoming, stored) ?? newScan(incoming, stored);
    case 'group':
      return sentAlready(incoming, stored) ?? planForGroup(incoming, stored, target);
    case 'reference':
      return planJoin(incoming, stored, target);
    case 'adoption':
      return planAdoption(incoming, stored, target);
  }
}

/** The files join the scan of their group; files that cannot belong to it make a scan of their own. */
function planForGroup(incoming: Incoming, stored: Stored, target: Target): Plan {
  if (isOfAnotherPortal(incoming.sender.meta, target.revision.meta, incoming.group))
    return newScan(incoming, stored);
  const merged = mergeWith(target, incoming, stored.isBeginning);
  if (merged === undefined) return newScan(incoming, stored);
  const known = sentAlready(incoming, stored, merged);
  // what takes a correction back is one, too
  const isTakenBack =
    known?.scan.id === target.scan.id && known.revision.revision !== target.revision.revision;
  return known === undefined || isTakenBack
    ? newRevision(incoming, target.scan, target.revision.meta, merged)
    : known;
}

/** A revision of the scan with the files; none if it has them already, or other files in their place. */
function planJoin(incoming: Incoming, { isBeginning }: Stored, target: Target): Plan {
  const { scan, revision } = target;
  const merged = mergeWith(target, incoming, isBeginning);
  if (merged === undefined || contentHash(merged) === revision.contentHash)
    return { result: 'already-here', scan, revision };
  return newRevision(incoming, scan, revision.meta, merged);
}

/** The scan of the early picture becomes that of the group. */
function planAdoption(incoming: Incoming, stored: Stored, target: Target): Plan {
  const merged = mergeWith(target, incoming, stored.isBeginning);
  if (merged === undefined) return sentAlready(incoming, stored) ?? newScan(incoming, stored);
  const { converter, groupKey } = incoming.group;
  const scan = { ...target.scan, converter: converter.id, groupKey };
  return newRevision(incoming, scan, target.revision.meta, merged);
}

/** Nothing is stored, unless the sender states now the visit that nobody stated before: the next revision has it. */
function sentAlready(
  incoming: Incoming,
  { sent, site }: Stored,
  files: readonly { readonly sha256: string }[] = incoming.group.files,
): Plan | undefined {
  const same = sent.get(contentHash(files));
  if (same === undefined) return undefined;
  return (
    withVisit(incoming, site, same) ?? { result: 'already-here', scan: same.scan, revision: same.revision }
  );
}

/**
 * The next revision of an image, of the visit that nobody stated before: what is open against that visit holds the scan as well, and a
 * verdict that let it go was given without that. Nothing else of it changes. A mark that stands for none at the site states no visit.
 * Another visit than the stated one moves nothing, as it would free the vehicle of the first; nor does a lane, which only narrows what an
 * alarm may be of, or what is sent for another purpose.
 */
function withVisit(
  { sender, receivedAt }: Incoming,
  site: Stored['site'],
  { scan, newest }: SentBefore,
): Plan | undefined {
  const { purpose = 'operational', visit } = sender.meta;
  const { meta, originals, converter, scan: record } = newest;
  const isReal = (one: string | undefined) => one !== undefined && !isNoMark(site, one);
  if (visit === undefined || !isReal(visit)) return undefined;
  // one that people took off does not come back
  const isSame = (one: string | undefined) =>
    one !== undefined && nameOf(markOf('visit', one)) === nameOf(markOf('visit', visit));
  const isKnown = isReal(scan.visit) || [meta.visit, record?.source.visit].some(isSame);
  if (isKnown || hasRecord(originals) || purpose !== (meta.purpose ?? 'operational')) return undefined;
  const revision = scan.revision + 1;
  return {
    result: 'new-revision',
    scan: { ...scan, state: 'received', revision, visit },
    revision: {
      ...{ scanId: scan.id, revision, state: 'received', contentHash: newest.contentHash },
      ...{ originals: withSenders(originals, scan), receivedAt, uploader: sender.actor.keyId },
      meta: { ...meta, visit },
      converter,
    },
    ...defined({ placeholder: scan.visit }),
  };
}

/** The files of the target with the new ones joined in; undefined if they cannot belong to the same scan. */
export function mergeWith(
  target: Target,
  { sender, group, isByUid }: Incoming,
  isBeginning: IsBeginning,
): readonly MergedFile[] | undefined {
  const joining = { files: group.files, isByUid };
  return mergeOriginals(originalsOf(target), joining, senderOf(sender.actor), isBeginning);
}

/** The originals of the target, with their senders and the roles that they get. */
export function originalsOf(target: Target): readonly OriginalFile[] {
  const originals = withSenders(target.revision.originals, target.scan);
  if (target.by !== 'adoption') return originals;
  return originals.map((file) => ({ ...file, role: target.roles.get(file.sha256) ?? file.role }));
}

/** The id of a new scan of these files; with their sender in `by` if another one sent the same before. */
export function firstScanId(
  { actor, site }: Sender,
  files: readonly { readonly sha256: string }[],
  ...by: readonly string[]
): string {
  return scanIdOf(actor.administration, site, contentHash(files), ...by);
}

function newScan(incoming: Incoming, { isIdTaken, isSentOtherwise }: Stored): Plan {
  const { sender, group, receivedAt } = incoming;
  const by = senderOf(sender.actor);
  const { purpose = 'operational', lane = '', visit = '' } = sender.meta;
  const files = group.files.map((file) => originalOf(file, file.sentBy ?? by));
  const others = files.flatMap(({ sentBy }) => sentBy ?? []);
  const scan: ScanRow = {
    // The same content from another sender, or with other facts, is another scan, with an id of its own
    id: firstScanId(
      sender,
      group.files,
      ...(isIdTaken || isSentOtherwise ? [by] : []),
      ...(isSentOtherwise ? [purpose, lane, visit] : []),
    ),
    administration: sender.actor.administration,
    site: sender.site,
    converter: group.converter.id,
    groupKey: group.groupKey,
    state: 'received',
    revision: 1,
    purpose: sender.meta.purpose ?? 'operational',
    receivedAt,
    containers: [],
    terms: [],
    senders: [...new Set([by, ...others])],
    ...defined({ visit: sender.meta.visit }),
  };
  return { result: 'new-scan', scan, revision: revisionOf(incoming, scan, {}, files) };
}

function newRevision(
  incoming: Incoming,
  prior: ScanRow,
  priorMeta: RevisionRow['meta'],
  files: readonly MergedFile[],
): Plan {
  const joined = files.flatMap(({ key, sentBy }) => (key === undefined ? (sentBy ?? []) : []));
  const senders = [...new Set([...prior.senders, ...joined])];
  const scan: ScanRow = { ...prior, state: 'received', revision: prior.revision + 1, senders };
  return { result: 'new-revision', scan, revision: revisionOf(incoming, scan, priorMeta, files) };
}

function revisionOf(
  { sender, group, receivedAt }: Incoming,
  { id, revision }: ScanRow,
  priorMeta: RevisionRow['meta'],
  files: readonly MergedFile[],
): RevisionRow {
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
    // Fields of an earlier upload hold until a later one changes them
    meta: { ...priorMeta, ...metaFields(sender.meta) },
    converter: group.converter,
  };
}

function metaFields({ scanner, lane, visit, purpose }: UploadMeta): Readonly<Record<string, string>> {
  return { ...defined({ scanner, lane, visit, purpose }) };
}

/** The entry of the answer to the upload. */
export function acceptedScan(
  { result, scan, revision }: Plan,
  { converter, files }: FileGroup,
): AcceptedScan {
  return {
    scanId: scan.id,
    revision: revision.revision,
    state: revision.state,
    result,
    converter: converter.id,
    files: files.map(({ name, role, complete }) => ({ name, role, complete })),
  };
}
