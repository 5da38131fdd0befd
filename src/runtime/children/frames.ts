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
