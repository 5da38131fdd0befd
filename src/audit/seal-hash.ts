import { createHash } from 'node:crypto';
import type { AuditSeal, StoredAuditRow } from '../core/ports/records/seals.ts';
import { canonicalJson } from '../format/canonical-json.ts';

/** What the first seal follows. */
export const NO_SEAL = '0'.repeat(64);

/**
 * SHA-256 of the hash of the seal before, a line with what the seal says, and a line for each row that it covers, in the
 * order of their numbers: canonical JSON, each ended by a line feed.
 */
export class SealHash {
  readonly #hash = createHash('sha256');

  constructor({ number, covers, rows, highest, previous, madeAt }: Omit<AuditSeal, 'sha256'>) {
    this.#hash.update(previous);
    this.#addLine({ number, covers, rows, highest, madeAt });
  }

  /** Every column, also one that a later version adds. */
  addRow(row: StoredAuditRow): void {
    this.#addLine(row);
  }

  end(): string {
    return this.#hash.digest('hex');
  }

  #addLine(value: object): void {
    this.#hash.update(`${canonicalJson(value)}\n`);
  }
}
