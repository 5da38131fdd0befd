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
    await unbroken(
      open,
      broken,
      { ms: CONNECT_MS, late: 'no response in time' },
      'does not accept a connection',
    );
  } catch (error) {
    socket.destroy();
    throw error;
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
      await unbroken(
        written,
        broken,
        { ms: WRITE_MS, late: 'it accepts no more data' },
        'broke the connection',
      );
    },
    async end() {
      check();
      const closed = once(socket, 'end');
      socket.end();
      const limit = { ms: END_MS, late: 'it does not close the connection' };
      await unbroken(closed, broken, limit, 'did not close the connection properly').finally(() =>
        socket.destroy(),
      );
    },
    drop: () => socket.destroy(),
  };
}

/**
 * Waits for a step while the connection lasts.
 * @throws NII_SIEM_UNREACHABLE saying `what` the receiver did, if the connection breaks or the step is late
 */
async function unbroken(
  step: Promise<unknown>,
  broken: Promise<never>,
  { ms, late }: { readonly ms: number; readonly late: string },
  what: string,
): Promise<void> {
  step.catch(() => undefined); // it may fail after the connection did
  try {
    await within(Promise.race([step, broken]), ms, () => new Error(late));
  } catch (cause) {
    throw away(what, cause);
  }
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
