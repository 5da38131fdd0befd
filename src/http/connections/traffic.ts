import type { FastifyBaseLogger } from 'fastify';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { ErrorCode } from '../../core/errors.ts';

/** Why a connection was closed before its request was answered in the usual way. */
export type CloseReason = 'total' | 'address' | 'slow-body' | 'accept';

const LOG_EVERY_MS = 1_000;

/** Counts what happens below the routes. An attack writes one line a second into the log, not one a connection. */
export class Traffic {
  /** Connections that are open now. */
  open = 0;
  #log: FastifyBaseLogger | undefined;
  readonly #closed = new Map<CloseReason, number>();
  readonly #protocol = new Map<ErrorCode, number>();
  #loggedAt = Number.NEGATIVE_INFINITY;
  #unlogged = 0;

  /** The log of the server, which is there only once the server is. */
  logTo(log: FastifyBaseLogger): void {
    this.#log = log;
  }

  countClosed(reason: CloseReason): void {
    this.#closed.set(reason, (this.#closed.get(reason) ?? 0) + 1);
    this.#unlogged += 1;
    if (performance.now() - this.#loggedAt < LOG_EVERY_MS) return;
    this.#loggedAt = performance.now();
    this.#log?.warn({ reason, closed: this.#unlogged, open: this.open }, 'connections closed');
    this.#unlogged = 0;
  }

  countProtocolError(code: ErrorCode): void {
    this.#protocol.set(code, (this.#protocol.get(code) ?? 0) + 1);
  }

  register(registry: Registry): void {
    registerValue(registry, 'nii_connections', 'Connections that are open now', () => this.open);
    registerCounts(
      registry,
      ['nii_connections_refused_total', 'Connections closed at a limit', 'reason'],
      this.#closed,
    );
    registerCounts(
      registry,
      ['nii_protocol_errors_total', 'Requests that are not valid HTTP', 'code'],
      this.#protocol,
    );
  }
}

function registerValue(registry: Registry, name: string, help: string, read: () => number): void {
  registry.registerMetric(
    new Gauge({
      name,
      help,
      registers: [],
      collect() {
        this.set(read());
      },
    }),
  );
}

function registerCounts(
  registry: Registry,
  [name, help, label]: readonly [string, string, string],
  counts: ReadonlyMap<string, number>,
): void {
  registry.registerMetric(
    new Counter({
      name,
      help,
      labelNames: [label],
      registers: [],
      collect() {
        this.reset();
        for (const [value, count] of counts) this.inc({ [label]: value }, count);
      },
    }),
  );
}
