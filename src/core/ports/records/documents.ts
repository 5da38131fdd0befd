import type { Scope } from '../../access.ts';
import type { DocumentName, DocumentPath, ListedDocumentKind } from '../../documents.ts';
import type { Page } from '../../page.ts';
import type { Standing } from '../../rules/version.ts';

export interface DocumentFilter {
  readonly state: string;
  readonly site?: string;
  /** Of the time of the document, both included; ISO 8601. */
  readonly from?: string;
  readonly to?: string;
}

export interface Documents {
  // What people state, kind by kind (core/documents.ts).
  /** The newest version in force; undefined where nothing is. */
  documentInForce<Value>(kind: ListedDocumentKind<Value>, path: DocumentPath): Promise<Value | undefined>;
  /** The same of each of these documents that has one, in order of path. */
  documentsInForceAt<Value>(
    kind: ListedDocumentKind<Value>,
    paths: readonly DocumentPath[],
  ): Promise<readonly Value[]>;
  /** The newest version in force, and the newest one. */
  documentStanding<Value>(kind: ListedDocumentKind<Value>, path: DocumentPath): Promise<Standing<Value>>;
  documentVersion<Value>(
    kind: ListedDocumentKind<Value>,
    path: DocumentPath,
    version: number,
  ): Promise<Value | undefined>;
  /** Every version, by path and in rising order; of one document, or of all of an administration. */
  documentHistory<Value>(kind: ListedDocumentKind<Value>, path: DocumentPath): Promise<readonly Value[]>;
  /**
   * The newest version in force of every document, or of those of one site, in order of path. Without an administration only for the service itself,
   * never for a request.
   */
  documentsInForce<Value>(
    kind: ListedDocumentKind<Value>,
    administration?: string,
    site?: string,
  ): Promise<readonly Value[]>;
  /** Documents about a subject, in order of their time. */
  documentsAbout<Value>(kind: ListedDocumentKind<Value>, subject: string): Promise<readonly Value[]>;
  /** The newest documents of exactly this site, from this time on, that any of these marks finds; the newest first. */
  documentsMarked<Value>(
    kind: ListedDocumentKind<Value>,
    scope: Scope,
    marks: readonly string[],
    from: string,
    limit: number,
  ): Promise<readonly Value[]>;
  /** Documents in a state that the scope reaches, in order of their time. @throws NII_BAD_REQUEST for a bad cursor */
  listDocuments<Value>(
    kind: ListedDocumentKind<Value>,
    scope: Scope,
    filter: DocumentFilter,
    limit: number,
    cursor?: string,
  ): Promise<Page<Value>>;
  /** Newest versions that wait for another person and that the scope reaches, oldest first. */
  proposedDocuments<Value>(
    kind: ListedDocumentKind<Value>,
    scope: Scope,
    limit: number,
  ): Promise<readonly Value[]>;
  /** Sites with a document of this kind that the scope reaches, in rising order. @throws as `listDocuments` */
  sitesWithDocument<Value>(
    kind: ListedDocumentKind<Value>,
    scope: Scope,
    limit: number,
    cursor?: string,
  ): Promise<Page<string>>;

  /** Those of these that are there, in any order; nobody else changes them until this transaction ends. */
  lockDocuments<Value>(
    kind: ListedDocumentKind<Value>,
    paths: readonly DocumentPath[],
  ): Promise<readonly Value[]>;
  /** @throws NII_CONFLICT where the version is there */
  putDocuments<Value>(kind: ListedDocumentKind<Value>, values: readonly Value[]): Promise<void>;
}

/** Signs documents with a key of the administration. No adapter yet: exchange between administrations brings keys. */
export interface Signer {
  /** @returns a detached JWS over exactly these bytes (RFC 7515, appendix F) */
  sign(kind: DocumentName, body: Uint8Array): Promise<Uint8Array>;
}
