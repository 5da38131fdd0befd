import type { DocumentName } from '../documents.ts';

/** Signs documents with a key of the administration. No adapter yet: exchange between administrations brings keys. */
export interface Signer {
  /** @returns a detached JWS over exactly these bytes (RFC 7515, appendix F) */
  sign(kind: DocumentName, body: Uint8Array): Promise<Uint8Array>;
}
