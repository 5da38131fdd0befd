import { planeKey } from './scan/scan.ts';
import { instanceName } from './scan/sections.ts';

/**
 * Where everything lies in the object store. The store holds all that matters, so these names are a contract:
 * `nii reindex` rebuilds the database from them.
 */

export function revisionPrefix(scanId: string, revision: number): string {
  return `scans/${scanId}/r${revision}/`;
}

/** The revision that an object came with; undefined for what belongs to none. */
export function revisionOfKey(key: string): number | undefined {
  const { revision } = /^scans\/[^/]+\/r(?<revision>[0-9]+)\//.exec(key)?.groups ?? {};
  return revision === undefined ? undefined : Number(revision);
}

/**
 * Everything that this service keeps lies under one of these; what is not accepted yet, under UPLOADS_PREFIX. A backup
 * holds nothing else.
 */
export const OWN_PREFIXES = [
  'annotations/',
  'cases/',
  'declarations/',
  'holds/',
  'models/',
  'passages/',
  'persons/',
  'photographs/',
  'policies/',
  'scanners/',
  'scans/',
  'sites/',
  'stations/',
] as const;

/** What is not accepted yet: of no scan, and not part of a backup. */
export const UPLOADS_PREFIX = 'uploads/';

/** What the objects of one resumable upload begin with. */
export function uploadChunkPrefix(uploadId: string): string {
  return `${UPLOADS_PREFIX}${uploadId}.`;
}

/** The upload that the object belongs to; undefined for other objects. */
export function uploadOfChunk(key: string): string | undefined {
  return /^uploads\/(?<id>[0-9a-f]{16}\.[0-9a-f]{32})\./.exec(key)?.groups?.id;
}

export const keys = {
  /** By content: a file that a later revision keeps is not stored twice. */
  original: (scanId: string, revision: number, sha256: string) =>
    `${revisionPrefix(scanId, revision)}originals/${sha256}`,
  /** The manifest of a revision, in the part that each step writes. */
  received: (scanId: string, revision: number) => `${revisionPrefix(scanId, revision)}received.json`,
  converted: (scanId: string, revision: number) => `${revisionPrefix(scanId, revision)}converted.json`,
  analysed: (scanId: string, revision: number) => `${revisionPrefix(scanId, revision)}analysed.json`,
  scanJson: (scanId: string, revision: number) => `${revisionPrefix(scanId, revision)}scan.json`,
  /** A channel that is too long for one instance has one object a section, `-s1`, `-s2`, … */
  dicos: (scanId: string, revision: number, view: string, channel: string, section?: { number: number }) =>
    `${revisionPrefix(scanId, revision)}dicos/${instanceName(planeKey(view, channel), section)}.dcs`,
  preview: (scanId: string, revision: number) => `${revisionPrefix(scanId, revision)}preview.png`,
  thumbnail: (scanId: string, revision: number) => `${revisionPrefix(scanId, revision)}thumbnail.png`,
  map: (scanId: string, revision: number, model: string, version: string) =>
    `${revisionPrefix(scanId, revision)}maps/${model}-${version}.png`,
  machineTdr: (scanId: string, revision: number, model: string, version: string) =>
    `${revisionPrefix(scanId, revision)}tdr/machine-${model}-${version}.dcs`,
  /** Reports that came with the scan, from 1 in the record's order. */
  importedTdr: (scanId: string, revision: number, number: number) =>
    `${revisionPrefix(scanId, revision)}tdr/imported-${number}.dcs`,
  /** One report for each verdict or outcome, by the place of its event in the history of the case. */
  caseTdr: (scanId: string, revision: number, caseId: string, seq: number) =>
    `${revisionPrefix(scanId, revision)}tdr/${caseId}-${padded(seq)}.dcs`,
  /** The case as it was after its n-th event. */
  case: (scanId: string, caseId: string, seq: number) => `cases/${scanId}/${caseId}/${padded(seq)}.json`,
  /** The hold as it was after its n-th event; `scanId` is that of the radiation record. */
  hold: (scanId: string, holdId: string, seq: number) => `holds/${scanId}/${holdId}/${padded(seq)}.json`,
  /** What a reader drew on the picture of a case, one object a version; a removal is a version. */
  annotation: (administration: string, site: string, caseId: string, annotationId: string, version: number) =>
    `annotations/${administration}/${site}/${caseId}/${annotationId}/${padded(version)}.json`,
  /** What a searcher photographed, one object a version; a removal is a version. */
  photograph: (administration: string, site: string, caseId: string, photographId: string, version: number) =>
    `${photographFolder(administration, site, caseId, photographId)}${padded(version)}.json`,
  /** Its bytes: as the camera wrote them, and as they are shown. */
  photographBytes: (
    administration: string,
    site: string,
    caseId: string,
    photographId: string,
    what: 'original' | 'shown',
  ) => `${photographFolder(administration, site, caseId, photographId)}${what}`,
  declaration: (administration: string, refSha256: string, version: number) =>
    `declarations/${administration}/${refSha256}/${padded(version)}.json`,
  /** Who somebody is, and what he does not read; one object a version. */
  person: (administration: string, personId: string, version: number) =>
    `persons/${administration}/${personId}/${padded(version)}.json`,
  /** Why the alarm of a scanner was put out, by the time of it. */
  acknowledgement: (administration: string, site: string, scanner: string, at: string) =>
    `scanners/${administration}/${site}/${scanner}/${at.toLowerCase().replaceAll(':', '-')}.json`,
  /** What an administrator said of a scanner, one object a version. */
  register: (administration: string, site: string, scanner: string, version: number) =>
    `scanners/${administration}/${site}/${scanner}/register-${padded(version)}.json`,
  /** What an administration decided for itself and for a site, one object a version. */
  policy: (administration: string, version: number) => `policies/${administration}/${padded(version)}.json`,
  /** What an administration chose of one model, one object a version. */
  modelChoice: (administration: string, model: string, version: number) =>
    `models/${administration}/${model}/${padded(version)}.json`,
  site: (administration: string, site: string, version: number) =>
    `sites/${administration}/${site}/${padded(version)}.json`,
  /** What a station decided, one object a file of it. */
  station: (administration: string, site: string, sha256: string) =>
    `stations/${administration}/${site}/${sha256}.json`,
  /** A passage as it was reported, and as it was settled, one object a version. */
  passage: (administration: string, site: string, passageId: string, version: number) =>
    `passages/${administration}/${site}/${passageId}/${padded(version)}.json`,
  /** Bytes of a resumable upload from this one on; two that write the same bytes have different objects. */
  uploadChunk: (uploadId: string, first: number, unique: string) =>
    `${uploadChunkPrefix(uploadId)}${String(first).padStart(15, '0')}.${unique}`,
} as const;

function photographFolder(
  administration: string,
  site: string,
  caseId: string,
  photographId: string,
): string {
  return `photographs/${administration}/${site}/${caseId}/${photographId}/`;
}

function padded(count: number): string {
  return String(count).padStart(6, '0');
}

/** Administrations and sites appear in keys and addresses: lower case letters, digits, hyphens. */
export const siteName = /^[a-z0-9][a-z0-9-]{0,62}$/;
