import { type Actor, ANY_SITE } from '../core/access.ts';
import { defined } from '../core/defined.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { Clock, Log } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import {
  isOpenAt,
  isOpenEverywhere,
  type ServiceHoldAt,
  type ServiceHoldCause,
  type StoredServiceHold,
  serviceHoldsAt,
} from '../core/rules/service-hold.ts';
import { securityEvent } from '../core/security-event.ts';
import { serviceHoldDocument } from './document-kinds.ts';
import { storeDocuments } from './documents.ts';
import { OBJECTS_LOCK } from './object-row.ts';

/** How the service opens holds of its own, and how they are found. */

export type OpenServiceHoldsTx = Tx<
  'places' | 'documentsAbout' | 'putDocuments' | 'putObjects' | 'appendChange' | 'audit'
>;

export interface OpenServiceHoldsDeps {
  readonly records: Transactions<OpenServiceHoldsTx> & Locks;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
  readonly log: Log;
}

/** What was noticed. */
export interface Opening {
  readonly cause: ServiceHoldCause;
  /** For people, in one sentence. */
  readonly reason: string;
  /** What the service knew last; undefined where nobody can tell. */
  readonly since?: Date | undefined;
  /** At least one. A recovery of which all signs are known already opens nothing. */
  readonly signs: readonly string[];
  /** Beside those that have a key or a scan. */
  readonly administrations?: readonly string[];
}

/** Who the service is in the versions that it writes itself. */
const SERVICE = 'service';

/**
 * Opens a hold for every administration, in the database and among the objects, so that a rebuilt database has it, too.
 * @returns what was opened: nothing where the same is open already
 */
export async function openServiceHolds(
  deps: OpenServiceHoldsDeps,
  opening: Opening,
): Promise<readonly StoredServiceHold[]> {
  const open = () =>
    deps.records.transaction(async (tx) => {
      const known = (await tx.places()).map(({ administration }) => administration);
      const administrations = new Set([...known, ...(opening.administrations ?? [])]);
      const opened: StoredServiceHold[] = [];
      for (const administration of administrations) {
        const all = await serviceHoldsOf(tx, administration);
        if (isKnown(all, opening)) continue;
        opened.push(newHold(administration, opening, deps.clock.now()));
      }
      await storeDocuments(deps, tx, serviceHoldDocument, opened);
      for (const hold of opened) await announce(tx, hold);
      return opened;
    });
  const opened = await deps.records.exclusively('service-holds', open, OBJECTS_LOCK);
  for (const { administration, id, cause, terms } of opened)
    deps.log.warn(
      { administration, id, cause },
      `vehicles are held until two persons end it: ${terms.reason}`,
    );
  return opened;
}

/** A clock that jumps again while it waits for people is the same hold. */
function isKnown(all: readonly StoredServiceHold[], { cause, signs }: Opening): boolean {
  const openings = all.filter((one) => one.site === ANY_SITE && one.cause === cause);
  if (cause === 'clock') return openings.some(({ id }) => isOpenEverywhere(all, id));
  const known = openings.flatMap((one) => one.signs);
  return signs.every((sign) => known.includes(sign));
}

function newHold(
  administration: string,
  { cause, reason, since, signs }: Opening,
  now: Date,
): StoredServiceHold {
  // a machine that was set up anew may have a clock that is behind all that it knows
  const until = new Date(Math.max(now.getTime(), cause === 'recovery' ? (since?.getTime() ?? 0) : 0));
  return {
    administration,
    site: ANY_SITE,
    id: `${cause}-${crypto.randomUUID().slice(-12)}`,
    cause,
    until: until.toISOString(),
    signs: [...signs],
    version: 1,
    state: 'in-force',
    at: now.toISOString(),
    by: SERVICE,
    terms: { isOpen: true, reason },
    ...defined({ since: since?.toISOString() }),
  };
}

async function announce(
  tx: Tx<'appendChange' | 'audit'>,
  { administration, id, cause, since, until, terms }: StoredServiceHold,
): Promise<void> {
  const actor: Actor = { keyId: 'none', role: 'peer', administration, site: ANY_SITE };
  const detail = { cause, until, reason: terms.reason, ...defined({ since }) };
  await tx.appendChange({ administration, site: ANY_SITE, kind: 'service-hold.opened', subject: id });
  await tx.audit(securityEvent('service hold opened', id, detail, actor));
}

/** Every version of every hold of the service in the administration. */
export function serviceHoldsOf(
  tx: Tx<'documentsAbout'>,
  administration: string,
): Promise<readonly StoredServiceHold[]> {
  return tx.documentsAbout(serviceHoldDocument, JSON.stringify([administration]));
}

/** Those that are open at a site. */
export async function openServiceHoldsAt(
  tx: Tx<'documentsAbout'>,
  { administration, site }: { readonly administration: string; readonly site: string },
): Promise<readonly ServiceHoldAt[]> {
  return serviceHoldsAt(await serviceHoldsOf(tx, administration), site).filter(isOpenAt);
}
