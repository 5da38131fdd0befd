import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Actor } from '../../core/access.ts';
import { fromProblem, isNiiError, NiiError, problemOf } from '../../core/errors.ts';
import type { Deps } from '../../deps.ts';
import { acceptUpload, siteOf } from '../accept.ts';
import { discardUpload, receiveUpload, type UploadPart } from '../upload.ts';
import {
  fileNameOf,
  filesOf,
  parseTusMetadata,
  type SetMember,
  setKeyOf,
  type TusMetadata,
  uploadMetaOf,
  wholeSet,
} from './metadata.ts';
import {
  type DecidedFile,
  type LateCopy,
  type TusEnding,
  type TusOutcome,
  TusSpool,
  uploadIdForm,
} from './spool.ts';

/** A resumable upload as its sender sees it. */
export type TusView =
  | { readonly kind: 'open'; readonly upload: SetMember; readonly set: readonly SetMember[] }
  | { readonly kind: 'ended'; readonly outcome: TusOutcome };

/**
 * Uploads that may be cut and taken up again. A file whose last byte is here goes the way of every other upload: once
 * all files of its set are here they are accepted together, then their copies here are removed.
 */
export class TusUploads {
  readonly #deps: Deps;
  /** The last turn of each set. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly spool: TusSpool;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.spool = new TusSpool(deps.spoolDir, this.#expiryMs);
  }

  get #expiryMs(): number {
    return this.#deps.limits.resumableSeconds * 1000;
  }

  /**
   * Checks an upload before its first byte. One that declares the content of a decided set is known from now as a copy.
   * @throws NII_BAD_REQUEST, NII_FORBIDDEN, NII_LIMIT_BYTES, NII_LIMIT_FILES, NII_QUEUE_FULL
   */
  async admit(
    actor: Actor,
    id: string,
    given: Readonly<Record<string, string | null>> | undefined,
    bytes: number,
  ): Promise<void> {
    const { limits } = this.#deps;
    const metadata = parseTusMetadata(given);
    siteOf(actor, uploadMetaOf(metadata));
    if (filesOf(metadata) > limits.uploadFiles)
      throw new NiiError('NII_LIMIT_FILES', `One upload carries at most ${limits.uploadFiles} files`);
    const open = await this.spool.uploads(actor.keyId);
    if (open.length >= limits.openUploads)
      throw new NiiError('NII_QUEUE_FULL', `${open.length} uploads of this key are open; finish or end one`);
    const { keyId } = actor;
    const decided = await this.#decidedLike({ id, keyId, bytes, metadata });
    const copy = decided.find(({ sha256 }) => sha256 === metadata.sha256?.toLowerCase());
    if (copy !== undefined) return this.spool.keepCopy(id, { sha256: copy.sha256, ending: copy.ending });
    const copies = await this.spool.copies();
    const others = open.filter(
      (one) => metadata.set !== undefined && one.metadata.set === metadata.set && !copies.has(one.id),
    );
    refuseOtherWords(metadata, others);
    refuseConfusion(metadata, bytes, others);
    const total = sum(others.filter((one) => fileNameOf(one.metadata) !== fileNameOf(metadata))) + bytes;
    if (total > limits.uploadBytes)
      throw new NiiError('NII_LIMIT_BYTES', `One upload carries at most ${limits.uploadBytes} bytes`);
  }

  /** @throws NII_NOT_FOUND where there is none of this key */
  async view({ keyId }: Actor, id: string): Promise<TusView> {
    const mine = uploadIdForm.exec(id)?.groups?.keyId === keyId;
    const upload = mine ? await this.spool.upload(id) : undefined;
    const outcome = mine ? await this.spool.outcome(id) : undefined;
    if (outcome !== undefined) return { kind: 'ended', outcome };
    if (upload === undefined) throw new NiiError('NII_NOT_FOUND', 'There is no such upload of this key');
    return { kind: 'open', upload, set: await this.#setOf(upload) };
  }

  /**
   * The last byte of a file is here.
   * @throws NII_HASH_MISMATCH: this file is to be sent again; or what accepting its set is refused with
   */
  async finish(id: string): Promise<void> {
    const upload = await this.spool.upload(id);
    const outcome = upload === undefined ? await this.spool.outcome(id) : await this.#finish(upload);
    if (outcome?.problem !== undefined) throw fromProblem(outcome.problem);
  }

  #finish(upload: SetMember): Promise<TusOutcome | undefined> {
    return this.#inTurn(setKeyOf(upload), async () => {
      const ended = (await this.spool.outcome(upload.id)) ?? (await this.#refuseOtherHash(upload));
      return ended ?? this.#settle(upload.id);
    });
  }

  /**
   * Accepts the set of this upload when it is whole. Undefined while files are missing.
   * @throws what may pass: NII_QUEUE_FULL, NII_STORE_AWAY, NII_DATABASE_AWAY, NII_DISK_FULL; everything is kept
   */
  settle(upload: SetMember): Promise<TusOutcome | undefined> {
    return this.#inTurn(setKeyOf(upload), () => this.#settle(upload.id));
  }

  /** One at a time for each set: who comes next finds what the one before has left. */
  async #inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(key) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.#turns.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    }
  }

  async #settle(id: string): Promise<TusOutcome | undefined> {
    const ended = await this.spool.outcome(id);
    const upload = await this.spool.upload(id);
    if (ended !== undefined && upload !== undefined) await this.spool.remove(id); // a crash came between
    if (ended !== undefined || upload === undefined) return ended;
    const copy = (await this.spool.copy(id)) ?? (await this.#decidedAs(upload));
    if (copy !== undefined) return this.#endCopy(upload, copy);
    const members = await this.#setOf(upload);
    const whole = wholeSet(members);
    if (whole === undefined) return undefined;
    return (await this.#endDecided(members)) ? this.#settle(id) : this.#accept(upload, whole, members);
  }

  /** Files of a decided set never go into the next one of its name. @returns whether there was one */
  async #endDecided(members: readonly SetMember[]): Promise<boolean> {
    let ended = false;
    for (const member of members) {
      const copy = await this.#decidedAs(member);
      if (copy !== undefined) ended = (await this.#endCopy(member, copy)) !== undefined || ended;
    }
    return ended;
  }

  /** What its set was decided with under this name, of just this content; undefined while it is not whole. */
  async #decidedAs(upload: SetMember): Promise<DecidedFile | undefined> {
    if (upload.offset < upload.bytes) return undefined;
    const decided = await this.#decidedLike(upload);
    if (decided.length === 0) return undefined;
    const here = await this.#hashOf(upload);
    return decided.find(({ sha256 }) => sha256 === here);
  }

  /** What its set was decided with that this may be a copy of, by name, size and declared hash. */
  async #decidedLike(upload: Omit<SetMember, 'offset' | 'createdAt'>): Promise<readonly DecidedFile[]> {
    const { metadata, bytes } = upload;
    if (metadata.set === undefined) return [];
    const decided = await this.spool.decided(setKeyOf(upload), fileNameOf(metadata), bytes);
    const declared = metadata.sha256?.toLowerCase();
    return decided.filter(({ sha256 }) => declared === undefined || declared === sha256);
  }

  /** Accepts what a crash or an outage left whole, and removes what is too old. */
  async tend(): Promise<void> {
    for (const upload of await this.spool.uploads()) {
      try {
        if ((await this.settle(upload)) === undefined) await this.#expire(upload);
      } catch (error) {
        this.#deps.log.warn({ upload: upload.id, err: error }, 'resumable upload not accepted yet');
      }
    }
    for (const { upload, at } of await this.spool.outcomes())
      if (this.#isOld(at)) await this.spool.forget(upload.id);
    for (const id of await this.spool.copies())
      if ((await this.spool.upload(id)) === undefined) await this.spool.forgetCopy(id);
    for (const key of await this.spool.decidedSets())
      await this.#inTurn(key, () => this.spool.forgetDecided(key, ({ at }) => this.#isOld(at)));
  }

  /** Its sender has seen that it was refused: the same may be tried again. */
  async forgetRefused({ upload }: TusOutcome): Promise<void> {
    const key = setKeyOf(upload);
    await this.#inTurn(key, () => this.spool.forgetDecided(key, ({ ending }) => 'problem' in ending));
    await this.spool.forget(upload.id);
  }

  async #expire(upload: SetMember): Promise<void> {
    if (!this.#isOld(upload.createdAt)) return;
    const detail = 'It was not finished in time; begin it again';
    const problem = new NiiError('NII_UPLOAD_EXPIRED', detail).toProblem();
    await this.#end([upload], { problem });
    this.#deps.log.info({ upload: upload.id }, 'resumable upload expired');
  }

  #isOld(time: string): boolean {
    return Date.parse(time) + this.#expiryMs < this.#deps.clock.now().getTime();
  }

  /** The files that are to be accepted with this one; those of a set that was decided before are not among them. */
  async #setOf(upload: SetMember): Promise<readonly SetMember[]> {
    if (upload.metadata.set === undefined) return [upload];
    const key = setKeyOf(upload);
    const copies = await this.spool.copies();
    if (copies.has(upload.id)) return [upload];
    const mine = await this.spool.uploads(upload.keyId);
    return mine.filter((one) => setKeyOf(one) === key && !copies.has(one.id));
  }

  /** How it ended, where the bytes are not those that were declared. */
  async #refuseOtherHash(upload: SetMember): Promise<TusOutcome | undefined> {
    const declared = upload.metadata.sha256?.toLowerCase();
    if (declared === undefined) return undefined;
    const sha256 = await this.#hashOf(upload);
    if (sha256 === declared) return undefined;
    const name = fileNameOf(upload.metadata);
    const error = new NiiError('NII_HASH_MISMATCH', {
      detail: `${name} arrived with SHA-256 ${sha256}`,
      field: name,
    });
    return this.#end([upload], { problem: error.toProblem() });
  }

  #hashOf({ id }: SetMember): Promise<string> {
    return hashOf(this.spool.pathOf(id));
  }

  async #accept(
    upload: SetMember,
    whole: readonly SetMember[],
    members: readonly SetMember[],
  ): Promise<TusOutcome | undefined> {
    try {
      const scans = await this.#acceptTogether(whole);
      return await this.#endSet(upload, whole, members, { scans });
    } catch (error) {
      // Another process on this spool may have been first
      const ended = await this.spool.outcome(upload.id);
      if (ended !== undefined) return ended;
      if (!isFinal(error)) throw error;
      if (isNiiError(error, 'NII_HASH_MISMATCH') && (await this.#refuseOtherHashes(whole)))
        return this.#settle(upload.id);
      return this.#endSet(upload, whole, members, { problem: problemOf(error) });
    }
  }

  /** A file that is not what was declared is no fault of the others. @returns whether there was one */
  async #refuseOtherHashes(whole: readonly SetMember[]): Promise<boolean> {
    let refused = false;
    for (const member of whole) refused = (await this.#refuseOtherHash(member)) !== undefined || refused;
    return refused;
  }

  /** The set is decided; of files under a name that it has already, only the same content ends as it did. */
  async #endSet(
    upload: SetMember,
    whole: readonly SetMember[],
    members: readonly SetMember[],
    ending: TusEnding,
  ): Promise<TusOutcome | undefined> {
    const others = members.filter((member) => !whole.includes(member));
    const decided = others.length === 0 ? [] : await this.#remember(whole, ending);
    const here: { readonly member: SetMember; readonly copy: LateCopy }[] = [];
    for (const member of others) {
      const twin = decided.find(({ name }) => name === fileNameOf(member.metadata));
      const copy = { ending, ...(twin === undefined ? {} : { sha256: twin.sha256 }) };
      if (member.offset === member.bytes) here.push({ member, copy });
      else await this.spool.keepCopy(member.id, copy);
    }
    for (const { member, copy } of here) await this.#endCopy(member, copy);
    await this.#end(whole, ending);
    return this.spool.outcome(upload.id);
  }

  /**
   * Durable before anyone is answered. Only of a set that a second sender has begun: of another, the same file may as
   * well belong to the next set of that name.
   */
  async #remember(whole: readonly SetMember[], ending: TusEnding): Promise<readonly DecidedFile[]> {
    const at = this.#deps.clock.now().toISOString();
    const files: DecidedFile[] = [];
    for (const member of whole) {
      const { bytes, metadata } = member;
      const file = { at, name: fileNameOf(metadata), bytes, sha256: await this.#hashOf(member), ending };
      await this.spool.keepDecided(setKeyOf(member), file);
      files.push(file);
    }
    return files;
  }

  async #endCopy(upload: SetMember, { sha256, ending }: LateCopy): Promise<TusOutcome | undefined> {
    if (upload.offset < upload.bytes) return undefined;
    if (sha256 === (await this.#hashOf(upload))) return this.#end([upload], ending);
    const detail = `The set was accepted or refused without this ${fileNameOf(upload.metadata)}; send it in another set`;
    return this.#end([upload], { problem: new NiiError('NII_CONFLICT', detail).toProblem() });
  }

  async #acceptTogether(whole: readonly SetMember[]) {
    const [first] = whole;
    if (first === undefined) throw new NiiError('NII_INTERNAL', 'an empty set');
    const actor = await this.#actorOf(first.keyId);
    const received = await receiveUpload(this.#deps, this.#parts(whole));
    try {
      return await acceptUpload(this.#deps, actor, received, uploadMetaOf(first.metadata));
    } finally {
      await discardUpload(received);
    }
  }

  async *#parts(members: readonly SetMember[]): AsyncGenerator<UploadPart> {
    for (const { id, metadata } of members) {
      const stream = createReadStream(this.spool.pathOf(id));
      const { sha256 } = metadata;
      yield { name: fileNameOf(metadata), stream, ...(sha256 === undefined ? {} : { sha256 }) };
    }
  }

  /** Who began the upload, as the key is now. */
  async #actorOf(keyId: string): Promise<Actor> {
    const key = await this.#deps.records.transaction((tx) => tx.key(keyId));
    if (key === undefined || key.revokedAt !== undefined)
      throw new NiiError('NII_FORBIDDEN', 'The key that began this upload is revoked');
    const { role, administration, site } = key;
    return { keyId, role, administration, site };
  }

  /** The outcome is durable before the first copy goes. */
  async #end(members: readonly SetMember[], ending: TusEnding): Promise<TusOutcome> {
    const at = this.#deps.clock.now().toISOString();
    const outcomes = members.map((upload): TusOutcome => ({ upload, at, ...ending }));
    for (const outcome of outcomes) await this.spool.keep(outcome);
    for (const { upload } of outcomes) await this.spool.remove(upload.id);
    const [first] = outcomes;
    if (first === undefined) throw new NiiError('NII_INTERNAL', 'an empty set');
    return first;
  }
}

/** Sending the same again would be refused again. */
function isFinal(error: unknown): boolean {
  return (
    isNiiError(error) &&
    error.status < 500 &&
    error.status !== 429 &&
    error.code !== 'NII_UPLOAD_CUT' &&
    error.code !== 'NII_CONFLICT'
  );
}

/** Of a set each file has its own name, and what is here under a name is not replaced by something else. */
function refuseConfusion(
  metadata: TusMetadata,
  bytes: number,
  others: readonly Pick<SetMember, 'metadata' | 'bytes' | 'offset'>[],
): void {
  if (filesOf(metadata) < 2) return;
  if (metadata.filename === undefined) {
    throw new NiiError('NII_BAD_REQUEST', {
      detail: 'Each file of a set says its filename',
      field: 'filename',
    });
  }
  const here = others.find((one) => one.metadata.filename === metadata.filename && one.offset === one.bytes);
  if (here === undefined) return;
  const { sha256 } = here.metadata;
  const differs = sha256 !== undefined && metadata.sha256 !== undefined && sha256 !== metadata.sha256;
  if (here.bytes === bytes && !differs) return;
  throw new NiiError('NII_CONFLICT', `The set has another file called ${metadata.filename} already`);
}

function refuseOtherWords(metadata: SetMember['metadata'], others: readonly SetMember[]): void {
  const words = (one: SetMember['metadata']) => JSON.stringify([one.files, uploadMetaOf(one)]);
  if (others.every((other) => words(other.metadata) === words(metadata))) return;
  throw new NiiError('NII_BAD_REQUEST', {
    detail: 'The files of one set name the same number of files, site, scanner, lane and purpose',
    field: 'set',
  });
}

function sum(members: readonly SetMember[]): number {
  return members.reduce((total, { bytes }) => total + bytes, 0);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}
