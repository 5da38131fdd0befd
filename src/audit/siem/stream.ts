import { problemOf } from '../../core/errors.ts';
import type { Clock, Log } from '../../core/ports/process.ts';
import type { StreamPosition } from '../../core/ports/records/audit.ts';
import type { StoredAuditRow, StoredSeal } from '../../core/ports/records/seals.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Siem, SiemLink } from '../../core/ports/siem.ts';
import type { TimedRecords } from '../../core/ports/stores.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import { readRanges } from '../seq-ranges.ts';
import { rowMessage, sealMessage } from './message.ts';

export interface StreamDeps
  extends TimedRecords<
    Tx<'auditSeals' | 'auditRowsIn' | 'streamPosition' | 'keepStreamPosition' | 'noteStreamed'>
  > {
  readonly siem: Siem;
  readonly clock: Clock;
  readonly log: Log;
}

const ROWS_A_BATCH = 500;
/** A connection is ended after so long, as only its end shows that everything was read; after a break as much is sent again. */
const CONFIRM_MS = 60_000;
/** One call ends after this long, so that sealing goes on. */
const CALL_MS = 10_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/**
 * Sends the audit in the order of its seals: the rows of each, then the seal. Nothing is skipped, since each row is
 * sealed once. Syslog has no acknowledgement, so what was sent in the last minute before a break is sent again.
 */
export class AuditStream {
  readonly #deps: StreamDeps;
  #link: { readonly link: SiemLink; readonly since: number } | undefined;
  /** Undefined: to be read from the database. */
  #sent: StreamPosition | undefined;
  /** What the receiver had read when a connection ended well. */
  #read: { readonly position: StreamPosition; readonly at: number } | undefined;
  #failures = 0;
  #notBefore = 0;

  constructor(deps: StreamDeps) {
    this.#deps = deps;
  }

  /** Sends what is sealed and was not sent yet. @returns whether there is more to send at once */
  async sendNew(): Promise<boolean> {
    const began = this.#now();
    if (began < this.#notBefore) return false;
    try {
      this.#link?.link.check();
      let more = true;
      while (more && this.#now() - began < CALL_MS) more = await this.#sendBatch();
      await this.#confirm();
      this.#noteSuccess();
      return more;
    } catch (error) {
      this.#noteFailure(error);
      return false;
    }
  }

  /** The next one who sends begins where the database says. */
  async end(): Promise<void> {
    const link = this.#link?.link;
    this.#link = undefined;
    this.#sent = undefined;
    this.#read = undefined;
    await link?.end().catch(() => undefined); // what did not arrive is sent again
  }

  async #sendBatch(): Promise<boolean> {
    const { records } = this.#deps;
    this.#sent ??= await this.#begin();
    const batch = await nextBatch(this.#deps, this.#sent);
    if (batch === undefined) return false;
    const link = await this.#connected();
    await link.send(batch.messages);
    this.#sent = batch.position;
    const { highest } = batch;
    await records.transaction((tx) => tx.noteStreamed(highest));
    return true;
  }

  async #begin(): Promise<StreamPosition> {
    return this.#deps.records.transaction(async (tx) => {
      await tx.noteStreamed(0);
      return tx.streamPosition();
    });
  }

  async #connected(): Promise<SiemLink> {
    this.#link ??= { link: await this.#deps.siem.connect(), since: this.#now() };
    return this.#link.link;
  }

  async #confirm(): Promise<void> {
    await this.#keepWhatIsOld();
    const open = this.#link;
    if (open === undefined || this.#now() - open.since < CONFIRM_MS) return;
    this.#link = undefined;
    await open.link.end();
    if (this.#sent !== undefined) this.#read = { position: this.#sent, at: this.#now() };
  }

  /** A receiver that dies loses what it has read and not written; so the last minute is kept back. */
  async #keepWhatIsOld(): Promise<void> {
    const read = this.#read;
    if (read === undefined || this.#now() - read.at < CONFIRM_MS) return;
    await this.#deps.records.transaction((tx) => tx.keepStreamPosition(read.position));
    this.#read = undefined;
  }

  #noteSuccess(): void {
    if (this.#failures > 0) this.#deps.log.info({}, 'the SIEM is reachable again');
    this.#failures = 0;
    this.#notBefore = 0;
  }

  #noteFailure(error: unknown): void {
    this.#link?.link.drop();
    this.#link = undefined;
    this.#sent = undefined;
    this.#read = undefined;
    if (this.#failures === 0) {
      const { code, detail } = problemOf(error);
      this.#deps.log.warn(
        { code, detail, err: error },
        'the audit log is not reaching the SIEM; its rows will be sent later',
      );
    }
    this.#failures += 1;
    this.#notBefore = this.#now() + Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#failures - 1));
  }

  #now(): number {
    return this.#deps.clock.now().getTime();
  }
}

interface Batch {
  readonly messages: readonly Uint8Array[];
  /** Where the one after it begins. */
  readonly position: StreamPosition;
  readonly highest: number;
}

/** Rows of one seal, and the seal after the last of them. A seal that somebody removed is passed over. */
async function nextBatch(
  { records }: { readonly records: Transactions<Tx<'auditSeals' | 'auditRowsIn'>> },
  from: StreamPosition,
): Promise<Batch | undefined> {
  return records.transaction(async (tx) => {
    const [seal] = await tx.auditSeals(from.seal - 1, 1);
    if (seal === undefined) return undefined;
    const after = seal.number === from.seal ? from.seq : 0;
    return batchOf(seal, await tx.auditRowsIn(readRanges(seal.covers) ?? [], after, ROWS_A_BATCH));
  });
}

function batchOf(seal: StoredSeal, rows: readonly StoredAuditRow[]): Batch {
  const messages = rows.map(rowMessage);
  const last = rows.at(-1)?.seq ?? 0;
  if (rows.length === ROWS_A_BATCH)
    return { messages, position: { seal: seal.number, seq: last }, highest: last };
  return {
    messages: [...messages, sealMessage(seal)],
    position: { seal: seal.number + 1, seq: 0 },
    highest: seal.highest,
  };
}
