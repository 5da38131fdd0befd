import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a line carries bytes. */
export interface Pace {
  /** Added to each direction. */
  readonly delayMs: number;
  /** Of each direction of each connection. */
  readonly bytesPerSecond: number;
}

/** What waits in one direction; above this its source is not read. */
const MOST_QUEUED = 256 * 1024;

/**
 * A TCP address of our own between processes and a server. The server behind it can change, and connections can be cut,
 * stalled, lost or slowed.
 */
export class Line {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #target: number;
  readonly #state: { pace: Pace | undefined; stalled: Promise<void> | undefined } = {
    pace: undefined,
    stalled: undefined,
  };
  #endStall = () => {};

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => {
      const pair = new Pair(
        client,
        () => this.#target,
        this.#state,
        () => this.#pairs.delete(pair),
      );
      this.#pairs.add(pair);
    });
  }

  /** @param target - port on 127.0.0.1 that the line leads to */
  static async open(target: number): Promise<Line> {
    const line = new Line(target);
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    return line;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** New connections go there; existing ones stay. */
  moveTo(target: number): void {
    this.#target = target;
  }

  /** Ends every connection with RST on both sides. */
  cut(): void {
    for (const pair of this.#pairs) pair.cut();
  }

  /** Half open: connections are accepted and no byte moves, until `resume`. Then everything that waited arrives. */
  stall(): void {
    this.#state.stalled = new Promise((resolve) => {
      this.#endStall = resolve;
    });
  }

  resume(): void {
    this.#state.stalled = undefined;
    this.#endStall();
  }

  /** As a firewall that forgot them: both ends keep their connection, and no byte of it ever arrives. New ones work. */
  lose(): void {
    for (const pair of this.#pairs) pair.lose();
  }

  /** Undefined: as fast as it goes. */
  slow(pace: Pace | undefined): void {
    this.#state.pace = pace;
  }

  async close(): Promise<void> {
    this.resume();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }
}

interface LineState {
  readonly pace: Pace | undefined;
  readonly stalled: Promise<void> | undefined;
}

/** One connection of a client and the one behind it. */
class Pair {
  readonly #client: Socket;
  #behind: Socket | undefined;
  readonly #state: LineState;
  readonly #onEnd: () => void;
  #isLost = false;

  constructor(client: Socket, target: () => number, state: LineState, onEnd: () => void) {
    this.#client = client;
    this.#state = state;
    this.#onEnd = onEnd;
    client.setNoDelay(true);
    client.on('error', () => undefined);
    void this.#open(target);
  }

  cut(): void {
    this.#client.resetAndDestroy();
    this.#behind?.resetAndDestroy();
    this.#onEnd();
  }

  lose(): void {
    this.#isLost = true;
    this.#client.resume();
    this.#behind?.resume();
  }

  async #open(target: () => number): Promise<void> {
    await this.#state.stalled;
    if (this.#client.destroyed) return this.#onEnd();
    const behind = connect({ host: '127.0.0.1', port: target(), noDelay: true });
    this.#behind = behind;
    behind.on('error', () => undefined);
    this.#pass(this.#client, behind);
    this.#pass(behind, this.#client);
  }

  #pass(from: Socket, to: Socket): void {
    const direction = new Direction(from, to, this.#state, () => this.#isLost);
    from.on('data', (chunk: Buffer) => direction.add(chunk));
    from.on('end', () => direction.end());
    from.on('close', (hadError) => {
      if (this.#isLost) return;
      if (hadError) to.resetAndDestroy();
      else direction.end();
      this.#onEnd();
    });
  }
}

/** Bytes from one socket to another, each at its time. */
class Direction {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #state: LineState;
  readonly #isLost: () => boolean;
  readonly #queue: { readonly chunk: Buffer; readonly at: number }[] = [];
  #queued = 0;
  #busyUntil = 0;
  #isEnded = false;
  #isMoving = false;

  constructor(from: Socket, to: Socket, state: LineState, isLost: () => boolean) {
    this.#from = from;
    this.#to = to;
    this.#state = state;
    this.#isLost = isLost;
  }

  add(chunk: Buffer): void {
    if (this.#isLost()) return;
    const now = performance.now();
    const { pace } = this.#state;
    const lasts = pace === undefined ? 0 : (chunk.length / pace.bytesPerSecond) * 1000;
    this.#busyUntil = Math.max(now, this.#busyUntil) + lasts;
    this.#queue.push({ chunk, at: this.#busyUntil + (pace?.delayMs ?? 0) });
    this.#queued += chunk.length;
    if (this.#queued > MOST_QUEUED) this.#from.pause();
    void this.#move();
  }

  end(): void {
    if (this.#isLost() || this.#isEnded) return;
    this.#isEnded = true;
    void this.#move();
  }

  async #move(): Promise<void> {
    if (this.#isMoving) return;
    this.#isMoving = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const wait = next.at - performance.now();
      if (wait > 0) await sleep(wait);
      await this.#state.stalled;
      if (this.#isLost() || this.#to.destroyed) break;
      if (!this.#to.write(next.chunk))
        await Promise.race([once(this.#to, 'drain'), once(this.#to, 'close')]).catch(() => undefined);
      this.#queued -= next.chunk.length;
      if (this.#queued <= MOST_QUEUED) this.#from.resume();
    }
    if (this.#isEnded) {
      await this.#state.stalled;
      if (!this.#isLost()) this.#to.end();
    }
    this.#isMoving = false;
  }
}
