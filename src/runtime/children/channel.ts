import type { Duplex } from 'node:stream';
import type { Encoding } from './encoding.ts';
import { FrameReader, framesOf } from './frames.ts';

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
