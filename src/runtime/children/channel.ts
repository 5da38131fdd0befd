import type { Duplex } from 'node:stream';
import type { Encoding } from './encoding.ts';

const HEADER_BYTES = 4;

/** A message as it goes over a stream: its length as four bytes, little-endian, then its parts. */
export function framesOf(message: readonly Buffer[]): readonly Buffer[] {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(message.reduce((total, part) => total + part.length, 0));
  return [header, ...message];
}

/** Cuts a stream into messages. Keeps no more than one message of `longest` bytes and the piece that came last. */
export class FrameReader {
  readonly #longest: number;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(longest: number) {
    this.#longest = longest;
  }

  /** The messages that this piece completes. @throws RangeError for a message that is longer than allowed */
  push(piece: Buffer): readonly Buffer[] {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    const messages: Buffer[] = [];
    for (let next = this.#take(); next !== undefined; next = this.#take()) messages.push(next);
    return messages;
  }

  #take(): Buffer | undefined {
    const length = this.#length();
    if (length === undefined || this.#bytes < HEADER_BYTES + length) return undefined;
    const whole = this.#join();
    const end = HEADER_BYTES + length;
    this.#pieces = whole.length === end ? [] : [whole.subarray(end)];
    this.#bytes = whole.length - end;
    return whole.subarray(HEADER_BYTES, end);
  }

  #length(): number | undefined {
    if (this.#bytes < HEADER_BYTES) return undefined;
    const [first] = this.#pieces;
    const start = first !== undefined && first.length >= HEADER_BYTES ? first : this.#join();
    const length = start.readUInt32LE(0);
    if (length > this.#longest)
      throw new RangeError(`message too long (${length} bytes): at most ${this.#longest} are allowed`);
    return length;
  }

  #join(): Buffer {
    const whole = Buffer.concat(this.#pieces);
    this.#pieces = [whole];
    return whole;
  }
}

/** The file descriptor at which a child finds its parent. */
export const CHANNEL_FD = 3;

export interface ChannelListener {
  readonly onMessage: (message: unknown) => void;
  /** What came is no message, or is too long; nothing more is read. */
  readonly onUnreadable: (cause: unknown) => void;
  /** The other end is gone. */
  readonly onClose: () => void;
}

export interface ChannelOptions {
  readonly encoding: Encoding;
  /** Longest message that is taken. */
  readonly longestBytes: number;
}

/** Messages between a parent and its child. One that cannot be sent is lost: the end of the other side is reported. */
export class Channel {
  readonly #stream: Duplex;
  readonly #encoding: Encoding;

  constructor(stream: Duplex, { encoding, longestBytes }: ChannelOptions, listener: ChannelListener) {
    this.#stream = stream;
    this.#encoding = encoding;
    const frames = new FrameReader(longestBytes);
    stream.on('data', (piece: Buffer) => {
      try {
        for (const bytes of frames.push(piece)) listener.onMessage(encoding.decode(bytes));
      } catch (cause) {
        stream.removeAllListeners('data').destroy();
        listener.onUnreadable(cause);
      }
    });
    stream.on('error', () => {}); // the other end is gone, and 'close' follows
    stream.once('close', () => listener.onClose());
  }

  /** @throws what the encoding throws for a value that it cannot carry */
  send(message: unknown): void {
    const frames = framesOf(this.#encoding.encode(message));
    if (!this.#stream.writable) return;
    this.#stream.cork();
    for (const frame of frames) this.#stream.write(frame);
    this.#stream.uncork();
  }

  close(): void {
    this.#stream.destroy();
  }
}
