import type { Actor } from '../../core/access.ts';
import { defined } from '../../core/defined.ts';
import { fromProblem, isNiiError, NiiError, problemOf } from '../../core/errors.ts';
import type { ResumableRecords } from '../../core/ports/records/resumable.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Locks, Transactions, Turns } from '../../core/ports/transactions.ts';
import { securityEvent } from '../../core/security-event.ts';
import {
  type ResumableUpload,
  type UploadEnding,
  type UploadOutcome,
  uploadIdForm,
} from '../../core/upload.ts';
import { type AcceptDeps, type AcceptTx, acceptUpload } from '../accept.ts';
import { siteOf } from '../site-of-upload.ts';
import { discardUpload, receiveUpload, type StagingDeps, type UploadPart } from '../upload.ts';
import { beginUpload } from './begin.ts';
import { ChunkWriter, chunksLeftOver, hashChunks, readChunks, removeChunks } from './chunks.ts';
import { Decisions, type NextStep } from './decide.ts';
import {
  declaredHashOf,
  fileNameOf,
  filesOf,
  isWhole,
  parseMetadata,
  setKeyOf,
  setOf,
  uploadMetaOf,
} from './metadata.ts';

export interface ResumableDeps extends AcceptDeps, StagingDeps {
  readonly records: Transactions<AcceptTx & Tx<'key'> & ResumableRecords> & Locks & Turns;
}

/** A resumable upload as its sender sees it. */
export type ResumableView =
  | { readonly kind: 'open'; readonly upload: ResumableUpload; readonly set: readonly ResumableUpload[] }
  | { readonly kind: 'ended'; readonly outcome: UploadOutcome };

/** What a sender says of an upload before its first byte. */
export interface NewUpload {
  readonly id: string;
  readonly bytes: number;
  readonly metadata?: Readonly<Record<string, string | null>> | undefined;
}

/** Under the time after which a connection on which nothing moves is given up. */
const SET_WAIT_MS = 100_000;
const PAGE = 100;
/** So many processes may die while they take an upload in. */
const ACCEPTANCES = 3;

/**
 * Uploads that may be cut and taken up again, at any process. A file whose last byte is here goes the way of every other
 * upload: once all files of its set are here they are accepted together, then their chunks are removed.
 */
export class ResumableUploads {
  readonly #deps: ResumableDeps;
  readonly #writer: ChunkWriter;

  constructor(deps: ResumableDeps) {
    this.#deps = deps;
    this.#writer = new ChunkWriter(deps);
  }

  get expiryMs(): number {
    return this.#deps.limits.resumableSeconds * 1000;
  }

  /**
   * Checks an upload before its first byte, and begins it.
   * @throws NII_BAD_REQUEST, NII_FORBIDDEN, NII_CONFLICT, NII_LIMIT_BYTES, NII_LIMIT_FILES, NII_QUEUE_FULL
   */
  async begin(actor: Actor, { id, bytes, metadata: given }: NewUpload): Promise<ResumableUpload> {
    const { limits, records } = this.#deps;
    const metadata = parseMetadata(given);
    siteOf(actor, uploadMetaOf(metadata));
    if (filesOf(metadata) > limits.uploadFiles)
      throw new NiiError('NII_LIMIT_FILES', `The set has too many files: use at most ${limits.uploadFiles}`);
    const { keyId } = actor;
    const upload = { id, keyId, bytes, offset: 0, createdAt: this.#now(), metadata };
    await records.transaction((tx) => beginUpload(tx, limits, upload));
    return upload;
  }

  /** As `ChunkWriter.append`. */
  append(id: string, offset: number, source: AsyncIterable<Uint8Array>): Promise<number> {
    return this.#writer.append(id, offset, source);
  }

  upload(id: string): Promise<ResumableUpload | undefined> {
    return this.#deps.records.transaction((tx) => tx.upload(id));
  }

  outcome(id: string): Promise<UploadOutcome | undefined> {
    return this.#deps.records.transaction((tx) => tx.uploadOutcome(id));
  }

  /** @throws NII_NOT_FOUND where there is none of this key */
  view({ keyId }: Actor, id: string): Promise<ResumableView> {
    return this.#deps.records.transaction(async (tx) => {
      const isMine = uploadIdForm.exec(id)?.groups?.keyId === keyId;
      const outcome = isMine ? await tx.uploadOutcome(id) : undefined;
      if (outcome !== undefined) return { kind: 'ended', outcome };
      const open = isMine ? await tx.uploadsOf(keyId) : [];
      const upload = open.find((one) => one.id === id);
      if (upload === undefined)
        throw new NiiError('NII_NOT_FOUND', 'Unknown upload, or not visible to this key');
      return { kind: 'open', upload, set: setOf(upload, open) };
    });
  }

  /**
   * The last byte of a file is here.
   * @throws NII_HASH_MISMATCH: this file is to be sent again; or what accepting its set is rejected with
   */
  async finish(id: string): Promise<void> {
    const outcome = await this.settle(id);
    if (outcome?.problem !== undefined) throw fromProblem(outcome.problem);
  }

  /**
   * Accepts the set of this upload if it is whole. Undefined while bytes or files are missing.
   * @throws what may pass: NII_BUSY, NII_QUEUE_FULL, NII_STORE_UNREACHABLE, NII_DATABASE_UNREACHABLE, NII_DISK_FULL; everything is kept
   */
  async settle(id: string): Promise<UploadOutcome | undefined> {
    const upload = await this.upload(id);
    if (upload === undefined) return this.outcome(id);
    return this.#inTurn(upload, () => this.#settle(upload));
  }

  async #settle({ id, keyId }: Pick<ResumableUpload, 'id' | 'keyId'>): Promise<UploadOutcome | undefined> {
    for (;;) {
      const step = await this.#decide(keyId, (decisions) => decisions.next(id));
      if (step.kind === 'ended') return step.outcome;
      if (step.kind === 'wait') return undefined;
      await this.#take(step);
    }
  }

  async #take(step: Extract<NextStep, { kind: 'hash' | 'accept' }>): Promise<void> {
    if (step.kind === 'accept') await this.#accept(step.whole);
    else await this.#hash(step.upload);
  }

  /** One process at a time works on a set: the next one finds what this one has left. */
  async #inTurn<T>(upload: ResumableUpload, work: () => Promise<T>): Promise<T> {
    const turn = await this.#deps.records.takeTurn(`set ${setKeyOf(upload)}`, { waitMs: SET_WAIT_MS });
    try {
      return await work();
    } finally {
      await turn.end();
    }
  }

  /** Durable before the first object goes. */
  async #decide<T>(keyId: string, work: (decisions: Decisions) => Promise<T>): Promise<T> {
    const { result, ended } = await this.#deps.records.transaction(async (tx) => {
      const decisions = await Decisions.open(tx, keyId, this.#now());
      return { result: await work(decisions), ended: decisions.ended };
    });
    for (const { id } of ended) await this.#removeChunks(id);
    return result;
  }

  /** The next sweep removes what stays. */
  async #removeChunks(id: string): Promise<void> {
    await removeChunks(this.#deps, id).catch((err: unknown) => {
      this.#deps.log.warn({ upload: id, err }, 'chunks of an ended upload not removed yet');
    });
  }

  async #hash(upload: ResumableUpload): Promise<ResumableUpload> {
    const sha256 = upload.sha256 ?? (await hashChunks(this.#deps, upload));
    await this.#deps.records.transaction((tx) => tx.setUploadHash(upload.id, sha256));
    return { ...upload, sha256 };
  }

  async #accept(whole: readonly ResumableUpload[]): Promise<void> {
    const hashes = new Map<string, string>();
    const ending = await this.#acceptTogether(whole, hashes);
    if (ending === undefined) return;
    const hashed: ResumableUpload[] = [];
    for (const upload of whole) {
      const sha256 = upload.sha256 ?? hashes.get(upload.id);
      hashed.push(sha256 === undefined ? await this.#hash(upload) : { ...upload, sha256 });
    }
    const [first] = hashed;
    if (first === undefined) return;
    const copies = await this.#decide(first.keyId, (decisions) => decisions.endSet(hashed, ending));
    for (const copy of copies ?? []) await this.#settle(copy);
  }

  /**
   * Undefined if a file is not what was declared: its hash is kept, and the next look ends it alone.
   * @param hashes - filled with what was computed, by id of the upload
   */
  async #acceptTogether(
    whole: readonly ResumableUpload[],
    hashes: Map<string, string>,
  ): Promise<UploadEnding | undefined> {
    const ids = whole.map(({ id }) => id);
    const begun = await this.#deps.records.transaction((tx) => tx.beginAcceptance(ids));
    if (begun > ACCEPTANCES) return await this.#setAside(ids);
    try {
      const scans = await this.#receive(whole, hashes);
      await this.#endAcceptance(ids);
      return { scans };
    } catch (error) {
      await this.#keepHashes(hashes);
      await this.#endAcceptance(ids);
      if (isNiiError(error, 'NII_HASH_MISMATCH')) return undefined;
      if (!isFinal(error)) throw error;
      return { problem: problemOf(error) };
    }
  }

  async #endAcceptance(ids: readonly string[]): Promise<void> {
    await this.#deps.records.transaction((tx) => tx.endAcceptance(ids));
  }

  /** What a process died of is not tried for ever, at each start. */
  async #setAside(ids: readonly string[]): Promise<UploadEnding> {
    this.#deps.log.error({ uploads: ids }, 'resumable upload set aside: it made processes crash');
    await this.#deps.records.transaction(async (tx) => {
      for (const id of ids) await tx.audit(securityEvent('upload set aside', id, { processes: ACCEPTANCES }));
    });
    const detail = `${ACCEPTANCES} processes crashed while they accepted this upload, so it is not retried: check the files`;
    return { problem: new NiiError('NII_SET_ASIDE', detail).toProblem() };
  }

  async #keepHashes(hashes: ReadonlyMap<string, string>): Promise<void> {
    await this.#deps.records.transaction(async (tx) => {
      for (const [id, sha256] of hashes) await tx.setUploadHash(id, sha256);
    });
  }

  async #receive(whole: readonly ResumableUpload[], hashes: Map<string, string>) {
    const [first] = whole;
    if (first === undefined) throw new NiiError('NII_INTERNAL', 'an empty set');
    const actor = await this.#actorOf(first.keyId);
    const received = await receiveUpload(this.#deps, this.#parts(whole, hashes), actor.keyId);
    try {
      return await acceptUpload(this.#deps, actor, received, uploadMetaOf(first.metadata));
    } finally {
      await discardUpload(received);
    }
  }

  async *#parts(
    members: readonly ResumableUpload[],
    hashes: Map<string, string>,
  ): AsyncGenerator<UploadPart> {
    for (const member of members) {
      const declared = declaredHashOf(member.metadata);
      yield {
        name: fileNameOf(member.metadata),
        stream: readChunks(this.#deps, member),
        onHash: (sha256) => hashes.set(member.id, sha256),
        ...defined({ sha256: declared, knownSha256: member.sha256 }),
      };
    }
  }

  /** Who began the upload, as the key is now. */
  async #actorOf(keyId: string): Promise<Actor> {
    const key = await this.#deps.records.transaction((tx) => tx.key(keyId));
    if (key === undefined || key.revokedAt !== undefined)
      throw new NiiError(
        'NII_FORBIDDEN',
        'The key that started this upload was revoked: send the upload again with a valid key',
      );
    const { roles, administration, site } = key;
    const [role = 'scanner'] = roles;
    return { keyId, role, administration, site };
  }

  /**
   * Removes an upload before it has an outcome. @returns whether there was one
   * @throws NII_CONFLICT if it was accepted or rejected meanwhile
   */
  async remove(id: string): Promise<boolean> {
    const upload = await this.upload(id);
    if (upload === undefined) return false;
    return this.#inTurn(upload, async () => {
      if ((await this.outcome(id)) !== undefined)
        throw new NiiError('NII_CONFLICT', 'This upload has already ended: get its result with GET');
      await this.#decide(upload.keyId, (decisions) => decisions.remove(upload));
      return true;
    });
  }

  /** Its sender has seen that it was rejected: the same may be tried again. */
  async forgetRejected({ upload }: UploadOutcome): Promise<void> {
    await this.#deps.records.transaction(async (tx) => {
      await tx.lockUploads(upload.keyId);
      await tx.forgetRejectedFiles(setKeyOf(upload));
      await tx.forgetOutcome(upload.id);
    });
  }

  /**
   * Accepts what a crash or an outage left whole, and removes what is too old or no longer has an upload. Does nothing if
   * another process does it now.
   */
  async sweep(): Promise<void> {
    const turn = await this.#deps.records.takeTurn('sweep of resumable uploads', { waitMs: 0 }).catch(noTurn);
    try {
      if (turn !== undefined) await this.#sweep();
    } finally {
      await turn?.end();
    }
  }

  async #sweep(): Promise<void> {
    const { objects, records } = this.#deps;
    for await (const upload of this.#openUploads()) await this.#sweepUpload(upload);
    await records.transaction((tx) => tx.forgetEndedUploads(this.#oldest()));
    // a database that is older than the store does not know them: their sender has as long as for any upload
    for await (const { key, writtenAt } of chunksLeftOver(this.#deps))
      if (writtenAt !== undefined && writtenAt.toISOString() < this.#oldest()) await objects.remove(key);
  }

  async #sweepUpload(upload: ResumableUpload): Promise<void> {
    try {
      const outcome = isWhole(upload) ? await this.settle(upload.id) : undefined;
      if (outcome === undefined && upload.createdAt < this.#oldest()) await this.#expire(upload);
    } catch (err) {
      this.#deps.log.warn({ upload: upload.id, err }, 'resumable upload not accepted yet');
    }
  }

  async *#openUploads(): AsyncGenerator<ResumableUpload> {
    for (let after = ''; ; ) {
      const page = await this.#deps.records.transaction((tx) => tx.openUploads(after, PAGE));
      yield* page;
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.id;
    }
  }

  async #expire({ id, keyId }: ResumableUpload): Promise<void> {
    const detail = 'The upload was not complete in time: send it again';
    const problem = new NiiError('NII_UPLOAD_EXPIRED', detail).toProblem();
    await this.#decide(keyId, (decisions) => decisions.endIfOpen(id, { problem }));
    this.#deps.log.info({ upload: id }, 'resumable upload expired');
  }

  #now(): string {
    return this.#deps.clock.now().toISOString();
  }

  /** What was begun or ended before this is forgotten. */
  #oldest(): string {
    return new Date(this.#deps.clock.now().getTime() - this.expiryMs).toISOString();
  }
}

/** Sending the same again would be rejected again. */
function isFinal(error: unknown): boolean {
  if (!isNiiError(error)) return false;
  if (error.code === 'NII_CORRUPT') return true; // its chunks are lost: nothing but sending again helps
  const mayPass = error.status >= 500 || error.status === 429;
  return !mayPass && error.code !== 'NII_UPLOAD_CUT' && error.code !== 'NII_CONFLICT';
}

function noTurn(error: unknown): undefined {
  if (!isNiiError(error, 'NII_BUSY')) throw error;
}
