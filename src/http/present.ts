import type { Role } from '../core/access.ts';
import type { Analysis } from '../core/case/finding.ts';
import { vendorReportsOf } from '../core/case/vendor-report.ts';
import { conformanceOf } from '../core/conformance/conformance.ts';
import { defined } from '../core/defined.ts';
import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import type { ObjectKind } from '../core/rows/object-what.ts';
import { channelsOf, type NiiScan, planeKey } from '../core/scan/scan.ts';
import { instanceName, sectionsOf } from '../core/scan/sections.ts';
import type { OriginalFile, RevisionRow, ScanRow } from '../core/scan/stored-scan.ts';
import type { AcceptedScan } from '../core/upload.ts';
import type { Trial } from '../maintenance/convert-again.ts';
import type { RadiationView } from '../queries/radiation-view.ts';
import type { RevisionView, ScanView } from '../queries/read.ts';
import type { Revision, Scan, StoredFile } from './schemas/answers.ts';
import { maySeeFile, maySeeFindings, nameOf } from './visibility.ts';

/** Records as the interface shows them: field by field, so that nothing goes out that is not named here. */

export function scanHref(scanId: string): string {
  return `/v1/scans/${scanId}`;
}

export function revisionHref(scanId: string, revision: number): string {
  return `${scanHref(scanId)}/revisions/${revision}`;
}

export function presentScan(row: ScanRow): Scan {
  const {
    id,
    administration,
    site,
    converter,
    state,
    revision,
    purpose,
    receivedAt,
    acquiredAt,
    completeness,
  } = row;
  return {
    id,
    administration,
    site,
    converter,
    state,
    revision,
    purpose,
    receivedAt,
    ...defined({ acquiredAt, completeness }),
    containers: [...row.containers],
    ...defined({ visit: row.visit }),
    href: scanHref(id),
  };
}

export function presentScanDetails({ scan, revisions, radiation }: ScanView) {
  return {
    ...presentScan(scan),
    revisions: revisions.map(presentRevision),
    radiation: radiation.map(presentRadiation),
  };
}

function presentRadiation({ link, hold }: RadiationView) {
  return {
    ...link,
    ...defined({ hold: hold && { id: hold.id, state: hold.state } }),
    href: revisionHref(link.scanId, link.revision),
  };
}

export function presentRevision(row: RevisionRow): Revision {
  const { scanId, revision, state, contentHash, receivedAt, uploader, meta, converter, problem } = row;
  return {
    scanId,
    revision,
    state,
    contentHash,
    receivedAt,
    uploader,
    meta: { ...meta },
    converter: { id: converter.id, version: converter.version },
    originals: row.originals.map((file) => presentOriginal(row, file)),
    ...defined({ problem }),
    href: revisionHref(scanId, revision),
  };
}

export function presentOriginal(owner: RevisionRow, { name, role, bytes, sha256, complete }: OriginalFile) {
  return {
    name,
    role,
    bytes,
    sha256,
    complete,
    href: `${revisionHref(owner.scanId, owner.revision)}/originals/${sha256}`,
  };
}

/** One revision as this role may see it. */
export function presentRevisionDetails({ revision, objects, analyses, mask }: RevisionView, role: Role) {
  const { scan } = revision;
  const said = maySeeFindings(role) ? presentFindings(revision, analyses) : undefined;
  return {
    ...presentRevision(revision),
    ...defined({ completeness: scan?.completeness }),
    warnings: scan === undefined ? [] : [...scan.warnings],
    ...defined({ masked: mask.length === 0 ? undefined : [...mask] }),
    channels: presentChannels(revision),
    files: objects
      .filter((row) => isFetchable(row) && maySeeFile(role, row))
      .map((row) => presentFile(row, scan)),
    ...defined({ analyses: said?.analyses, vendorReports: said?.vendorReports }),
  };
}

/** What our models said, and apart from it what algorithms of the vendor did. */
function presentFindings({ scan }: RevisionRow, analyses: readonly Analysis[]) {
  const reports = scan === undefined ? [] : vendorReportsOf(scan);
  const vendorReports = reports.length === 0 ? undefined : [...reports];
  return { analyses: [...analyses], ...defined({ vendorReports }) };
}

export function presentFindingList({ revision, analyses }: Pick<RevisionView, 'revision' | 'analyses'>) {
  const { analyses: items, ...apart } = presentFindings(revision, analyses);
  return { items, ...apart };
}

function presentChannels({ scan, scanId, revision }: RevisionRow) {
  if (scan === undefined) return [];
  const home = revisionHref(scanId, revision);
  return channelsOf(scan).map(({ view, channel }) => ({
    view: view.id,
    channel: channel.id,
    kind: channel.kind,
    rows: channel.rows,
    columns: channel.columns,
    bitsStored: channel.bitsStored,
    samples: `${home}/channels/${view.id}/${channel.id}/samples`,
    dicos: sectionsOf(channel).length === 0 ? `${home}/dicos/${view.id}/${channel.id}` : `${home}/dicos`,
  }));
}

/** Kinds of object that have an address of their own. */
const fetchable: ReadonlySet<ObjectKind> = new Set([
  'scan-json',
  'dicos',
  'preview',
  'thumbnail',
  'map',
  'tdr',
]);

function isFetchable({ kind }: ObjectRow): boolean {
  return fetchable.has(kind);
}

export function presentFile(row: ObjectRow, scan: NiiScan | undefined): StoredFile {
  const { kind, bytes, sha256, contentType, producer, parentSha256 } = row;
  return {
    name: nameOf(row),
    kind,
    bytes,
    sha256,
    contentType,
    producer,
    ...defined({ parentSha256 }),
    href: fileHref(row, scan),
  };
}

function fileHref(row: ObjectRow, scan: NiiScan | undefined): string {
  const home = revisionHref(row.scanId, row.revision);
  switch (row.kind) {
    case 'scan-json':
      return `${home}/scan.json`;
    case 'tdr':
      return `${home}/tdr/${nameOf(row)}`;
    case 'dicos':
      return `${home}/dicos${channelPath(row.instance, scan)}`;
    default:
      return `${home}/${row.kind}`;
  }
}

/** View and channel, of a section `<channel>-s<number>`. */
function channelPath(stored: string, scan: NiiScan | undefined): string {
  for (const { view, channel } of scan === undefined ? [] : channelsOf(scan)) {
    for (const section of [undefined, ...sectionsOf(channel)]) {
      const instance = instanceName(channel.id, section);
      if (planeKey(view.id, instance) === stored) return `/${view.id}/${instance}`;
    }
  }
  return '';
}

export function presentTrial({ scanId, revision, converter, difference }: Trial) {
  const { same, before, after, fields, omitted, channels } = difference;
  return {
    scanId,
    revision,
    converter: { ...converter },
    same,
    before,
    after,
    fields: fields.map((field) => ({ ...field })),
    omitted,
    channels: channels.map((channel) => ({
      ...channel,
      fields: channel.fields.map((field) => ({ ...field })),
    })),
  };
}

export function presentAccepted(accepted: AcceptedScan, now: RevisionRow | undefined) {
  const { scanId, revision, state, result, converter, files } = accepted;
  return {
    scanId,
    revision,
    state: now?.state ?? state,
    result,
    converter,
    files: files.map(({ name, role, complete }) => ({ name, role, complete })),
    href: scanHref(scanId),
    revisionHref: revisionHref(scanId, revision),
    laneInstructionHref: `${scanHref(scanId)}/lane-instruction`,
    conformanceHref: `${revisionHref(scanId, revision)}/conformance`,
    ...defined({ conformance: now && conformanceOf(now).verdict, problem: now?.problem }),
  };
}
