import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A raw connection to a service on this machine: what it received, and whether the other side closed it. */
export class Wire {
  readonly socket: Socket;
  received = '';
  isClosed = false;

  constructor(port: number, localAddress = '127.0.0.1') {
    this.socket = connect({ port, host: '127.0.0.1', localAddress });
    this.socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
    });
    this.socket.on('close', () => {
      this.isClosed = true;
    });
    this.socket.on('error', () => {});
  }

  /** A request line and headers as they are given, with an empty line behind. */
  send(...lines: readonly string[]): void {
    this.socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  }

  /** Writes the bytes one after the other until all are out or the connection is closed. */
  async drip(bytes: Uint8Array, everyMs: number, atOnce = 1): Promise<void> {
    for (let at = 0; at < bytes.length && !this.isClosed; at += atOnce) {
      this.socket.write(bytes.subarray(at, at + atOnce));
      await sleep(everyMs);
    }
  }

  /** Until it is open, or closed without ever having been. */
  async opened(): Promise<void> {
    if (this.socket.readyState !== 'opening') return;
    await new Promise((done) => this.socket.once('connect', done).once('close', done));
  }

  /** @throws when the other side keeps it open for longer */
  async closed(seconds = 10): Promise<void> {
    if (!(await this.closesWithin(seconds * 1000)))
      throw new Error(`not closed within ${seconds} s, after ${this.received}`);
  }

  async closesWithin(ms: number): Promise<boolean> {
    if (this.isClosed) return true;
    await new Promise((done) => {
      const late = setTimeout(done, ms);
      this.socket.once('close', () => {
        clearTimeout(late);
        done(undefined);
      });
    });
    return this.isClosed;
  }

  get status(): number {
    return Number(/^HTTP\/1\.1 (\d{3})/.exec(this.received)?.[1] ?? 0);
  }

  /** What came of it: the last status, or that it ended or stayed open without one. */
  get word(): string {
    const last = this.received.match(/HTTP\/1\.1 (\d{3})/g)?.at(-1);
    return last?.slice(-3) ?? (this.isClosed ? 'closed' : 'still open');
  }

  /** The body of the last answer. */
  get body(): string {
    return this.received.slice(this.received.lastIndexOf('\r\n\r\n') + 4);
  }
}
