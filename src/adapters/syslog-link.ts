import { once } from 'node:events';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { NiiError } from '../core/errors.ts';
import type { Siem, SiemLink } from '../core/ports/siem.ts';
import { within } from '../runtime/deadline.ts';

export interface SyslogAddress {
  readonly host: string;
  readonly port: number;
  /** Undefined: plain TCP, for this machine alone. */
  readonly tls: TlsFiles | undefined;
}

/** PEM texts; without `ca` the receiver's certificate is checked by those that Node knows. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

const CONNECT_MS = 10_000;
const WRITE_MS = 30_000;
const END_MS = 10_000;

/** A receiver of syslog over TLS (RFC 5425). */
export function openSyslog(address: SyslogAddress): Siem {
  return { connect: () => connect(address) };
}

async function connect(address: SyslogAddress): Promise<SiemLink> {
  const socket = socketTo(address);
  const broken = new Promise<never>((_resolve, reject) => {
    socket.on('error', reject);
    socket.once('close', () => reject(new Error('the receiver closed the connection')));
  });
  broken.catch(() => undefined); // whoever waits for the socket hears of it
  try {
    const open = once(socket, address.tls === undefined ? 'connect' : 'secureConnect');
    open.catch(() => undefined);
    await within(Promise.race([open, broken]), CONNECT_MS, () => new Error('no response in time'));
  } catch (cause) {
    socket.destroy();
    throw away('does not accept a connection', cause);
  }
  return linkOver(socket, broken);
}

function socketTo({ host, port, tls }: SyslogAddress): Socket {
  if (tls === undefined) return connectPlain({ host, port });
  const named = isIP(host) === 0 ? { servername: host } : {};
  return connectTls({ host, port, ...tls, ...named, minVersion: 'TLSv1.2', rejectUnauthorized: true });
}

function linkOver(socket: Socket, broken: Promise<never>): SiemLink {
  let fault: unknown;
  broken.catch((error: unknown) => {
    fault = error;
  });
  // a receiver says nothing, and its end is only heard while somebody reads
  socket.resume();
  const check = () => {
    if (fault !== undefined || socket.readableEnded) throw away('broke the connection', fault);
  };
  return {
    check,
    async send(messages) {
      check();
      const written = new Promise<void>((resolve) => {
        socket.write(framed(messages), () => resolve());
      });
      try {
        await within(Promise.race([written, broken]), WRITE_MS, () => new Error('it accepts no more data'));
      } catch (cause) {
        throw away('broke the connection', cause);
      }
    },
    async end() {
      check();
      const closed = once(socket, 'end');
      closed.catch(() => undefined);
      socket.end();
      try {
        await within(
          Promise.race([closed, broken]),
          END_MS,
          () => new Error('it does not close the connection'),
        );
      } catch (cause) {
        throw away('did not close the connection properly', cause);
      } finally {
        socket.destroy();
      }
    },
    drop: () => socket.destroy(),
  };
}

/** Each message after the number of its bytes (RFC 5425, section 4.3). */
function framed(messages: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(messages.flatMap((one) => [Buffer.from(`${one.byteLength} `, 'latin1'), one]));
}

function away(what: string, cause: unknown): NiiError {
  const reason = cause instanceof Error ? `: ${cause.message}` : '';
  return new NiiError('NII_SIEM_UNREACHABLE', {
    detail: `The receiver in NII_SYSLOG_URL ${what}${reason}`,
    cause,
  });
}
