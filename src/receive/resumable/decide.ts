import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { Tx } from '../../core/ports/records.ts';
import type {
  DecidedFile,
  LateCopy,
  ResumableUpload,
  UploadEnding,
  UploadOutcome,
} from '../../core/upload.ts';
import { hashMismatch } from '../upload.ts';
import { decidedLike } from './begin.ts';
import { declaredHashOf, fileNameOf, isWhole, setKeyOf, setOf, wholeSet } from './metadata.ts';

/** What an upload needs before it has an outcome. */
export type NextStep =
  /** Without an outcome, its sender removed it. */
  | { readonly kind: 'ended'; readonly outcome: UploadOutcome | undefined }
  /** For its own bytes or other files of its set. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'hash'; readonly upload: ResumableUpload }
  | { readonly kind: 'accept'; readonly whole: readonly ResumableUpload[] };

type DecisionRecords = Tx<
  | 'uploadsOf'
  | 'upload'
  | 'setUploadCopy'
  | 'removeUpload'
  | 'putOutcome'
  | 'uploadOutcome'
  | 'putDecidedFile'
  | 'decidedFiles'
>;

const wait: NextStep = { kind: 'wait' };

/**
 * Decisions about the uploads of one key, in one transaction of the records. Ended uploads have no rows; their
 * objects are to be removed after the transaction.
 */
export class Decisions {
  readonly #tx: DecisionRecords;
  readonly #keyId: string;
  readonly #at: string;
  readonly #ended: ResumableUpload[] = [];

  private constructor(tx: DecisionRecords, keyId: string, at: string) {
    this.#tx = tx;
    this.#keyId = keyId;
    this.#at = at;
  }

  /** Nobody else decides about uploads of this key until the transaction ends. */
  static async open(tx: DecisionRecords & Tx<'lockUploads'>, keyId: string, at: string): Promise<Decisions> {
    await tx.lockUploads(keyId);
    return new Decisions(tx, keyId, at);
  }

  get ended(): readonly ResumableUpload[] {
    return this.#ended;
  }

  /** Decides what can be decided without reading the bytes. */
  async next(id: string): Promise<NextStep> {
    const outcome = await this.#tx.uploadOutcome(id);
    const open = await this.#tx.uploadsOf(this.#keyId);
    const upload = open.find((one) => one.id === id);
    if (outcome !== undefined || upload === undefined) return { kind: 'ended', outcome };
    if (!isWhole(upload)) return wait;
    return (await this.#nextOf(upload)) ?? this.#nextOfSet(upload, setOf(upload, open));
  }

  /** Ends the upload if its hash is wrong or it is a copy of a decided file; undefined if it is neither. */
  async #nextOf(upload: ResumableUpload): Promise<NextStep | undefined> {
    const { sha256, copy } = upload;
    if (sha256 !== undefined && (declaredHashOf(upload.metadata) ?? sha256) !== sha256) {
      const problem = hashMismatch(fileNameOf(upload.metadata), sha256).toProblem();
      return { kind: 'ended', outcome: await this.end(upload, { problem }) };
    }
    const decided = copy === undefined ? await decidedLike(this.#tx, upload) : [];
    if (copy === undefined && decided.length === 0) return undefined;
    if (sha256 === undefined) return { kind: 'hash', upload };
    const found = copy ?? decided.find((file) => file.sha256 === sha256);
    return found && { kind: 'ended', outcome: await this.#endCopy(upload, found) };
  }

  async #nextOfSet(upload: ResumableUpload, members: readonly ResumableUpload[]): Promise<NextStep> {
    const whole = wholeSet(members);
    if (whole === undefined) return this.#nextOfWaiting(upload);
    for (const member of members.filter(isWhole)) {
      const step = await this.#nextOf(member);
      // One member less: looked at anew
      if (step !== undefined) return step.kind === 'ended' ? this.next(upload.id) : step;
    }
    return { kind: 'accept', whole };
  }

  /** Its sender is told of a wrong hash now, not with the last file of the set. */
  #nextOfWaiting(upload: ResumableUpload): NextStep {
    const isChecked = declaredHashOf(upload.metadata) === undefined || upload.sha256 !== undefined;
    return isChecked ? wait : { kind: 'hash', upload };
  }

  /**
   * The set is decided. Of files under a name that it has already, only the same content ends as it did; of those, the
   * ones that are whole are returned. Changes nothing and returns undefined if a member was ended meanwhile.
   */
  async endSet(
    whole: readonly ResumableUpload[],
    ending: UploadEnding,
  ): Promise<readonly ResumableUpload[] | undefined> {
    const open = await this.#tx.uploadsOf(this.#keyId);
    const [first] = whole;
    const isOpen = ({ id }: ResumableUpload) => open.some((one) => one.id === id && one.copy === undefined);
    if (first === undefined || !whole.every(isOpen)) return undefined;
    const others = setOf(first, open).filter((member) => whole.every(({ id }) => id !== member.id));
    // Of a set that nobody else has begun, the same file may as well belong to the next set of that name
    const decided = others.length === 0 ? [] : await this.#remember(whole, ending);
    for (const other of others) await this.#tx.setUploadCopy(other.id, copyOf(other, decided, ending));
    for (const upload of whole) await this.end(upload, ending);
    return others.filter(isWhole);
  }

  async #remember(whole: readonly ResumableUpload[], ending: UploadEnding): Promise<readonly DecidedFile[]> {
    const files = whole.map(({ bytes, metadata, sha256 = '' }) => ({
      at: this.#at,
      name: fileNameOf(metadata),
      bytes,
      sha256,
      ending,
    }));
    for (const [i, upload] of whole.entries()) {
      const file = files[i];
      if (file !== undefined) await this.#tx.putDecidedFile(setKeyOf(upload), file);
    }
    return files;
  }

  async #endCopy(upload: ResumableUpload, { sha256, ending }: LateCopy): Promise<UploadOutcome> {
    if (sha256 !== undefined && sha256 === upload.sha256) return this.end(upload, ending);
    const detail = `The set ended without the file "${fileNameOf(upload.metadata)}": send the file in another set`;
    return this.end(upload, { problem: new NiiError('NII_CONFLICT', detail).toProblem() });
  }

  async end(upload: ResumableUpload, ending: UploadEnding): Promise<UploadOutcome> {
    const outcome: UploadOutcome = { upload, at: this.#at, ...ending };
    await this.#tx.putOutcome(outcome);
    await this.remove(upload);
    return outcome;
  }

  /** Changes nothing if it was ended meanwhile. */
  async endIfOpen(id: string, ending: UploadEnding): Promise<void> {
    const upload = await this.#tx.upload(id);
    if (upload !== undefined) await this.end(upload, ending);
  }

  /** Without an outcome. */
  async remove(upload: ResumableUpload): Promise<void> {
    await this.#tx.removeUpload(upload.id);
    this.#ended.push(upload);
  }
}

function copyOf(other: ResumableUpload, decided: readonly DecidedFile[], ending: UploadEnding): LateCopy {
  const twin = decided.find(({ name }) => name === fileNameOf(other.metadata));
  return { ending, ...defined({ sha256: twin?.sha256 }) };
}
