import { connect, type Socket } from 'node:net';
import { eventually, pause } from '../eventually.ts';

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
      await pause(everyMs, 'pace');
    }
  }

  async closed(seconds = 10): Promise<void> {
    await eventually(`closed, after ${this.received}`, seconds, () => this.isClosed);
  }

  get status(): number {
    return Number(/^HTTP\/1\.1 (\d{3})/.exec(this.received)?.[1] ?? 0);
  }

  /** The body of the last answer. */
  get body(): string {
    return this.received.slice(this.received.lastIndexOf('\r\n\r\n') + 4);
  }
}
