import { documentFolders } from './documents.ts';
import { planeKey } from './scan/scan.ts';
import { instanceName } from './scan/sections.ts';

/**
 * Where everything lies in the object store. The store holds all that matters, so these names are a contract:
 * `nii reindex` rebuilds the database from them.
 */

export function revisionPrefix(scanId: string, revision: number): string {
  return `scans/${scanId}/r${revision}/`;
}

/** The verdict or outcome that a report under `tdr/` is of; undefined for one of a model or of the scan itself. */
export function eventOfReport(key: string): { readonly caseId: string; readonly seq: number } | undefined {
  const { caseId, seq } = /\/tdr\/(?<caseId>[^/-]+)-(?<seq>[0-9]{6,})\.dcs$/.exec(key)?.groups ?? {};
  return caseId === undefined ? undefined : { caseId, seq: Number(seq) };
}

/** The revision that an object came with; undefined for what belongs to none. */
export function revisionOfKey(key: string): number | undefined {
  const { revision } = /^scans\/[^/]+\/r(?<revision>[0-9]+)\//.exec(key)?.groups ?? {};
  return revision === undefined ? undefined : Number(revision);
}

/** The scan that an object belongs to; undefined for documents. */
export function scanOfKey(key: string): string | undefined {
  return /^(?:scans|cases|holds)\/(?<id>[^/]+)\//.exec(key)?.groups?.id;
}

/**
 * Everything that this service keeps lies under one of these; what is not accepted yet, under UPLOADS_PREFIX. A backup
 * holds nothing else.
 */
export const OWN_PREFIXES: readonly string[] = [
  'cases',
  'holds',
  'scans',
  ...Object.values(documentFolders),
].map((folder) => `${folder}/`);

/** The note of the newest seal of the audit. It is about this installation, so no backup holds it. */
export const NEWEST_SEAL_KEY = 'audit/newest.json';

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
  /** The bytes of a photograph: as the camera wrote them, and as they are shown. */
  photographBytes: (
    administration: string,
    site: string,
    caseId: string,
    photographId: string,
    what: 'original' | 'shown',
  ) => `${documentFolders.photograph}/${administration}/${site}/${caseId}/${photographId}/${what}`,
  /** Bytes of a resumable upload from this one on; two that write the same bytes have different objects. */
  uploadChunk: (uploadId: string, first: number, unique: string) =>
    `${uploadChunkPrefix(uploadId)}${String(first).padStart(15, '0')}.${unique}`,
} as const;

function padded(count: number): string {
  return String(count).padStart(6, '0');
}

/** Administrations and sites appear in keys and addresses: lower case letters, digits, hyphens. */
export const siteName = /^[a-z0-9][a-z0-9-]{0,62}$/;
