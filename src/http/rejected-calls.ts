import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type AccessKey, type Actor, ANY_SITE } from '../core/access.ts';
import type { AuditEntry } from '../core/ports/records/audit.ts';
import type { Tx } from '../core/ports/records.ts';
import type { TimedRecords } from '../core/ports/stores.ts';
import { securityEvent } from '../core/security-event.ts';
import { isOpenToAnyone, knownActor, rejectedKey } from './access.ts';
import { networkOf } from './connections/addresses.ts';

/** Of one network and administration; of the rest only the number is kept. */
const ROWS_PER_MINUTE = 20;
/** Of all networks together. */
const ALL_ROWS_PER_MINUTE = 600;
/** Told apart within a minute. */
const ADDRESSES = 10_000;
/** That have an entry of their own for what was not kept. */
const COUNTED_APART = 100;
const WRITE_EVERY_MS = 1_000;
const MINUTE_MS = 60_000;
const SUBJECT_CHARACTERS = 200;

/**
 * Writes rejected calls into the audit: keys that are none, roles that may not, and what is not there for a
 * key. They are gathered and written once a second in one transaction, so a flood of them is neither a flood of
 * transactions nor of rows; a process that is killed loses those of its last second.
 */
export function auditRejections(app: FastifyInstance, deps: TimedRecords<Tx<'audit'>>): void {
  const rejections = new Rejections(deps);
  app.decorateRequest(FAILED_SIGN_IN, null);
  app.addHook('onResponse', async (request, reply) => {
    if (isRejection(request, reply.statusCode)) rejections.note(entryOf(request, reply.statusCode));
  });
  let timer: NodeJS.Timeout | undefined;
  const write = () =>
    rejections.write().catch((error: unknown) => app.log.warn({ err: error }, 'audit waits'));
  app.addHook('onReady', async () => {
    timer = setInterval(() => void write(), WRITE_EVERY_MS).unref();
  });
  app.addHook('onClose', async () => {
    clearInterval(timer);
    rejections.endMinute();
    await write();
  });
}

const FAILED_SIGN_IN = 'failedSignIn';

/** The request is a sign-in that failed; why, in words of ours. */
export function noteFailedSignIn(
  request: FastifyRequest,
  why: { readonly code: string; readonly detail: string },
): void {
  request.setDecorator(FAILED_SIGN_IN, why);
}

function failedSignIn(request: FastifyRequest): object | undefined {
  return request.getDecorator<object | null>(FAILED_SIGN_IN) ?? undefined;
}

/** 429 without a key that is one: this many keys were rejected before. */
function isRejection(request: FastifyRequest, status: number): boolean {
  if (failedSignIn(request) !== undefined) return true;
  if (request.is404 || isOpenToAnyone(request)) return false;
  if (knownActor(request) === undefined) return status === 401 || status === 429;
  return status === 403 || status === 404;
}

function entryOf(request: FastifyRequest, status: number): AuditEntry {
  const { method, ip, routeOptions, params } = request;
  const failed = failedSignIn(request);
  if (failed !== undefined)
    return securityEvent('sign-in failed', '', { ...failed }, strangerAt(ip, undefined));
  const actor = knownActor(request) ?? strangerAt(ip, rejectedKey(request));
  const subject = Object.values(params ?? {}).join('/');
  return {
    actor,
    action: `rejected ${status}`,
    subject: subject.replaceAll('\0', '').slice(0, SUBJECT_CHARACTERS),
    detail: { method, route: routeOptions.url },
    site: actor.site,
  };
}

/**
 * Whoever called with a key that is not theirs is not its holder: the entry is of the administration of that key, and
 * of none where nobody has such a key. `peer` is the role that may do nothing.
 */
function strangerAt(address: string, key: AccessKey | undefined): Actor {
  const { keyId = 'none', administration = '', site = ANY_SITE } = key ?? {};
  return { keyId, role: 'peer', administration, site, address };
}

function othersEntry(count: number): AuditEntry {
  const actor: Actor = { keyId: 'none', role: 'peer', administration: '', site: ANY_SITE };
  return { actor, action: 'rejected: more', subject: '', detail: { count, of: 'other addresses' } };
}

interface Counted {
  readonly last: AuditEntry;
  readonly rows: number;
  /** That were not kept. */
  readonly more: number;
}

/** Entries on their way to the audit; this many a minute. */
class Rejections {
  readonly #deps: TimedRecords<Tx<'audit'>>;
  #waiting: AuditEntry[] = [];
  #minute = 0;
  #rows = 0;
  #counted = new Map<string, Counted>();
  #written: Promise<void> = Promise.resolve();

  constructor(deps: TimedRecords<Tx<'audit'>>) {
    this.#deps = deps;
  }

  note(entry: AuditEntry): void {
    this.#turnMinute();
    const { actor } = entry;
    const name = this.#nameOf(`${actor.administration} ${networkOf(actor.address ?? '')}`);
    const { rows, more } = this.#counted.get(name) ?? { rows: 0, more: 0 };
    const isKept = rows < ROWS_PER_MINUTE && this.#rows < ALL_ROWS_PER_MINUTE;
    this.#counted.set(name, {
      last: entry,
      rows: isKept ? rows + 1 : rows,
      more: isKept ? more : more + 1,
    });
    if (!isKept) return;
    this.#rows += 1;
    this.#waiting.push(entry);
  }

  /** Everything that waits, in one transaction, after the one before; it goes on waiting while the database is away. */
  write(): Promise<void> {
    this.#written = this.#written.catch(() => undefined).then(() => this.#writeWaiting());
    return this.#written;
  }

  async #writeWaiting(): Promise<void> {
    this.#turnMinute();
    const entries = this.#waiting;
    if (entries.length === 0) return;
    this.#waiting = [];
    try {
      await this.#deps.records.transaction(async (tx) => {
        for (const entry of entries) await tx.audit(entry);
      });
    } catch (error) {
      // Of a long outage the last ten minutes are kept
      this.#waiting = [...entries, ...this.#waiting].slice(-10 * ALL_ROWS_PER_MINUTE);
      throw error;
    }
  }

  /** How many more came from where most came from, and from everywhere else together. */
  endMinute(): void {
    const most = [...this.#counted.values()].filter(({ more }) => more > 0).sort((a, b) => b.more - a.more);
    for (const { last, more } of most.slice(0, COUNTED_APART))
      this.#waiting.push({ ...last, action: 'rejected: more', subject: '', detail: { count: more } });
    const others = most.slice(COUNTED_APART).reduce((sum, { more }) => sum + more, 0);
    if (others > 0) this.#waiting.push(othersEntry(others));
    this.#counted = new Map();
    this.#rows = 0;
  }

  #turnMinute(): void {
    const minute = Math.floor(this.#deps.clock.now().getTime() / MINUTE_MS);
    if (minute === this.#minute) return;
    this.#minute = minute;
    this.endMinute();
  }

  /** Networks beyond a number that can be told apart are counted as one. */
  #nameOf(name: string): string {
    return this.#counted.has(name) || this.#counted.size < ADDRESSES ? name : 'others';
  }
}
