import { type Actor, actingAs, type Scope, senderOf } from '../../core/access.ts';
import type { ObjectWrites } from '../../core/ports/objects.ts';
import type { Clock } from '../../core/ports/process.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Locks, Transactions } from '../../core/ports/transactions.ts';
import type { CheckInReport, CheckInTerms, StoredCheckIn } from '../../core/rules/check-in.ts';
import { checkInDocument } from '../../stored/document-kinds.ts';
import { storeDocuments } from '../../stored/documents.ts';
import { checkInIdOf } from '../../stored/identity.ts';
import { OBJECTS_LOCK } from '../../stored/object-row.ts';
import { placeFor } from '../../stored/rules.ts';
import {
  type CheckInDeps,
  type CheckInIdentity,
  controlsUnless,
  firstCheckIn,
  nextCheckIn,
  type SiteTx,
} from './next.ts';
import { type NotifyTx, notifyLaneOfCheckIns } from './notify.ts';
import { invalid, readTerms, requireFewMarks } from './terms.ts';

/** Check-ins as a terminal or a carrier sends them: one or many, each new or in place of an earlier one. */

type TakeCheckInsTx = SiteTx & NotifyTx & KeepTx & Tx<'lockDocuments'>;
type KeepTx = Tx<'putDocuments' | 'putObjects' | 'appendChange' | 'audit'>;

export interface TakeCheckInsDeps extends CheckInDeps {
  readonly records: Transactions<TakeCheckInsTx> & Locks;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
}

/** One check-in of a message, and its place there. */
export interface SentCheckIn {
  readonly report: CheckInReport;
  readonly where: string;
}

export interface TakenCheckIn {
  readonly checkIn: StoredCheckIn;
  readonly result: 'new' | 'already-here' | 'changed';
}

/**
 * Keeps what is expected at a site, all of a message or nothing. What counted of an earlier version stays.
 * @throws NII_NOT_FOUND for the key of another site; NII_BAD_REQUEST naming the check-in
 */
export async function takeCheckIns(
  deps: TakeCheckInsDeps,
  actor: Actor,
  site: string,
  sent: readonly SentCheckIn[],
): Promise<readonly TakenCheckIn[]> {
  const place = placeFor(actor, site);
  requireDifferentIds(sent);
  const wanted = sent.map(({ report: { id: senderId, ...terms }, where }) => ({
    identity: identityOf(actor, place, senderId),
    terms: readTerms(terms, where),
    where,
  }));
  const write = () => deps.records.transaction((tx) => keep(deps, tx, actor, place, wanted));
  return deps.records.exclusively(`check-ins:${place.administration}:${site}`, write, OBJECTS_LOCK);
}

function requireDifferentIds(sent: readonly SentCheckIn[]): void {
  const places = new Map<string, string>();
  for (const { report, where } of sent) {
    const earlier = places.get(report.id);
    if (earlier !== undefined) throw invalid(where, `id "${report.id}" is that of ${earlier}: state it once`);
    places.set(report.id, where);
  }
}

function identityOf(actor: Actor, { administration, site }: Scope, senderId: string): CheckInIdentity {
  const sender = senderOf(actor);
  return { administration, site, id: checkInIdOf(administration, site, sender, senderId), sender, senderId };
}

interface Wanted {
  readonly identity: CheckInIdentity;
  readonly terms: CheckInTerms;
  readonly where: string;
}

async function keep(
  deps: Pick<TakeCheckInsDeps, 'objects' | 'clock' | 'policy'>,
  tx: TakeCheckInsTx,
  actor: Actor,
  place: Scope,
  wanted: readonly Wanted[],
): Promise<readonly TakenCheckIn[]> {
  const made = { at: deps.clock.now().toISOString(), by: actingAs(actor) };
  const unless = await controlsUnless(tx, place);
  const paths = wanted.map(({ identity }) => [identity.administration, identity.id] as const);
  const kept = new Map((await tx.lockDocuments(checkInDocument, paths)).map((one) => [one.id, one]));
  const taken = wanted.map(({ identity, terms, where }): TakenCheckIn => {
    const before = kept.get(identity.id);
    if (before === undefined) return { checkIn: firstCheckIn(identity, terms, unless, made), result: 'new' };
    if (isSame(before.terms, terms)) return { checkIn: before, result: 'already-here' };
    const checkIn = nextCheckIn(before, terms, unless, made);
    requireFewMarks(before, checkIn, where);
    return { checkIn, result: 'changed' };
  });
  const changed = taken.filter(({ result }) => result !== 'already-here').map(({ checkIn }) => checkIn);
  await announce(deps, tx, actor, place, changed);
  await notifyLaneOfCheckIns(deps, tx, changed);
  return taken;
}

function isSame(a: CheckInTerms, b: CheckInTerms): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

async function announce(
  deps: Pick<TakeCheckInsDeps, 'objects'>,
  tx: KeepTx,
  actor: Actor,
  { administration, site }: Scope,
  changed: readonly StoredCheckIn[],
): Promise<void> {
  if (changed.length === 0) return;
  await storeDocuments(deps, tx, checkInDocument, changed);
  for (const { id: subject } of changed)
    await tx.appendChange({ administration, site, kind: 'check-in.changed', subject });
  const waiting = changed.filter(({ waits }) => waits !== undefined).length;
  const detail = { checkIns: changed.length, waiting };
  await tx.audit({ actor, action: 'change check-ins: state', subject: site, detail, site });
}
