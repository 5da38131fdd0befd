import type { Journal, SentScan } from '../journal.ts';
import type { WatchClock, WatchOptions } from '../options.ts';
import { type Outcome, SendFailure, scansIn } from './outcome.ts';
import { sendResumable } from './resumable.ts';
import { type OutgoingFile, sendForm, setNameOf, type Target } from './service.ts';

/** A line that is slower than this sends the small files first. */
const THIN_BYTES_PER_SECOND = 256 * 1024;
/** What was measured last counts this much. */
const LAST_WEIGHT = 0.3;
/** Less than this measures the way to the service and back, not the line. */
const MEASURED_BYTES = 64 * 1024;

/** Sends uploads, and knows how fast the line is. */
export class Sender {
  readonly #target: Target;
  readonly #journal: Journal;
  readonly #options: Pick<WatchOptions, 'thin' | 'resumableOverBytes'>;
  readonly #clock: WatchClock;
  #bytesPerSecond: number | undefined;

  constructor(
    target: Target,
    journal: Journal,
    options: Pick<WatchOptions, 'thin' | 'resumableOverBytes'>,
    clock: WatchClock,
  ) {
    this.#target = target;
    this.#journal = journal;
    this.#options = options;
    this.#clock = clock;
  }

  /** Whether small files should go ahead. */
  get isThin(): boolean {
    if (this.#options.thin !== 'auto') return this.#options.thin === 'always';
    return this.#bytesPerSecond !== undefined && this.#bytesPerSecond < THIN_BYTES_PER_SECOND;
  }

  /** Sends the files as one upload. Rejects only when the signal is aborted, or for a fault of our own. */
  async send(files: readonly OutgoingFile[], signal: AbortSignal): Promise<Outcome> {
    const bytes = files.reduce((total, file) => total + file.bytes, 0);
    const startedAt = this.#clock.now();
    let moved = 0;
    const note = (more: number) => {
      moved += more;
    };
    try {
      if (bytes > this.#options.resumableOverBytes) return sent(await this.#inPieces(files, signal, note));
      const answer = await sendForm(this.#target, files, signal);
      note(bytes);
      return sent(scansIn(answer));
    } catch (error) {
      if (error instanceof SendFailure) return error.failure;
      throw error;
    } finally {
      this.#measure(moved, this.#clock.now() - startedAt);
    }
  }

  #inPieces(files: readonly OutgoingFile[], signal: AbortSignal, moved: (bytes: number) => void) {
    const addresses = {
      of: (upload: string) => this.#journal.addressOf(upload),
      keep: (of: string, address: string) =>
        this.#journal.append({ kind: 'upload', at: new Date(this.#clock.wall()).toISOString(), of, address }),
    };
    const set = setNameOf(files, this.#target.fields);
    return sendResumable({ target: this.#target, addresses, signal, moved }, files, set);
  }

  #measure(bytes: number, ms: number): void {
    if (bytes < MEASURED_BYTES) return;
    const now = bytes / (Math.max(ms, 1) / 1000);
    const before = this.#bytesPerSecond ?? now;
    this.#bytesPerSecond = before + (now - before) * LAST_WEIGHT;
  }
}

function sent(scans: readonly SentScan[]): Outcome {
  return { kind: 'sent', scans };
}
