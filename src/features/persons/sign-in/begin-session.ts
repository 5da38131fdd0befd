import { randomBytes } from 'node:crypto';
import { type Actor, roles as allRoles, type Role } from '../../../core/access.ts';
import { defined } from '../../../core/defined.ts';
import { NiiError } from '../../../core/errors.ts';
import { atFirstSignIn, newPerson, withoutIdentity, withSite } from '../../../core/person/changes.ts';
import type { Identity, Person, PersonStatus } from '../../../core/person/person.ts';
import type { ObjectWrites } from '../../../core/ports/objects.ts';
import type { Clock } from '../../../core/ports/process.ts';
import type { Tx } from '../../../core/ports/records.ts';
import type { Locks, Transactions } from '../../../core/ports/transactions.ts';
import { securityEvent } from '../../../core/security-event.ts';
import { isSame, type Session, type SessionTerms } from '../../../core/sign-in/session.ts';
import { sha256Hex } from '../../../stored/identity.ts';
import { type StorePersonTx, storePerson } from '../../../stored/person-store.ts';
import { alonePersons, newPersonId } from '../decide.ts';

/** Of one person at once; the oldest makes room. */
const MOST_SESSIONS = 20;

/** Who signed in, and as what. */
export interface SignedIn {
  readonly identity: Identity;
  /** For a person whom nobody knows yet. */
  readonly name: string;
  readonly status: PersonStatus;
  readonly roles: readonly Role[];
  readonly administration: string;
  readonly site: string;
  /** Where the request came from, as the audit keeps it. */
  readonly address: string;
  /** 16 hexadecimal digits, for one session only; random unless given. */
  readonly sessionId?: string;
}

/** The token goes into the cookie, and is not stored. */
export interface BegunSession {
  readonly session: Session;
  readonly token: string;
}

type BeginSessionTx = StorePersonTx &
  Tx<'personOf' | 'openSessions' | 'beginSession' | 'endSession' | 'audit'>;

export interface BeginSessionDeps {
  readonly records: Transactions<BeginSessionTx> & Locks;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
  readonly sessions: SessionTerms;
}

/**
 * Begins a session of the person who has the identity, or of a new one. Other sessions of the identity end where they
 * have other roles or another place.
 * @throws NII_SIGN_IN_FAILED if the person's access has ended, or there is a session with this id
 */
export function beginSession(deps: BeginSessionDeps, who: SignedIn): Promise<BegunSession> {
  const now = deps.clock.now();
  return alonePersons(deps, who.administration, async (tx: BeginSessionTx) => {
    const owner = await tx.personOf(who.administration, who.identity);
    const known = owner && atFirstSignIn(owner, who.identity, who.site);
    if (owner !== undefined && known === undefined) await takeIdentity(deps, tx, owner, who);
    if (known?.ended === true) throw new NiiError('NII_SIGN_IN_FAILED', "This person's access has ended");
    const person = withSite(known ?? newcomer(who), who.site);
    if (person !== owner) await storePerson(deps, tx, person);
    const begun = newSession(deps.sessions, who, person, now);
    await endOutdated(tx, begun.session, now);
    if (!(await tx.beginSession(begun.session)))
      throw new NiiError('NII_SIGN_IN_FAILED', 'This sign-in was already used; start again at /sign-in');
    const { issuer, roles, site } = begun.session;
    const actor = actorOfSession(begun.session, person, who.address);
    await tx.audit(securityEvent('signed in', person.id, { issuer, roles, site }, actor));
    return begun;
  });
}

/** Takes the identity from the person of another site to whom an administrator there gave it. */
async function takeIdentity(
  deps: { readonly objects: ObjectWrites },
  tx: StorePersonTx & Tx<'audit'>,
  owner: Person,
  { identity, administration, site, address }: SignedIn,
): Promise<void> {
  await storePerson(deps, tx, withoutIdentity(owner, identity));
  const detail = { issuer: identity.issuer, administration, site, address };
  await tx.audit(securityEvent('named at another site', owner.id, detail));
}

function newcomer({ administration, site, name, status, identity }: SignedIn): Person {
  return { ...newPerson(newPersonId(), administration, name, status), site, identities: [identity] };
}

function newSession(
  { source = '', hours }: SessionTerms,
  { identity, roles, administration, site, sessionId: id = randomBytes(8).toString('hex') }: SignedIn,
  person: Person,
  now: Date,
): BegunSession {
  const secret = randomBytes(32).toString('base64url');
  const at = now.toISOString();
  const session: Session = {
    ...identity,
    ...{ id, secretSha256: sha256Hex(secret), person: person.id, administration, site, source },
    roles: [...roles],
    begunAt: at,
    usedAt: at,
    endsAt: new Date(now.getTime() + hours * 3_600_000).toISOString(),
  };
  return { session, token: `nii_${id}_${secret}` };
}

/** What the provider says now counts also for the sessions that began before. */
async function endOutdated(tx: Tx<'openSessions' | 'endSession'>, begun: Session, now: Date): Promise<void> {
  const at = now.toISOString();
  const ofIdentity = await tx.openSessions(begun, at);
  const ofPerson = await tx.openSessions({ person: begun.person }, at);
  const outdated = ofIdentity.filter((one) => isSame(one, begun) && !isAlike(one, begun));
  const tooMany = ofPerson.slice(0, Math.max(0, ofPerson.length - MOST_SESSIONS + 1));
  for (const { id } of [...outdated, ...tooMany]) await tx.endSession(id, at);
}

function isAlike(a: Session, b: Session): boolean {
  const named = ({ administration, site, roles }: Session) =>
    JSON.stringify([administration, site, allRoles.filter((role) => roles.includes(role))]);
  return named(a) === named(b);
}

function actorOfSession(session: Session, person: Person, address: string): Actor {
  const { id: keyId, roles, administration, site } = session;
  const [role = 'peer'] = roles;
  const { id, formerIds, status, madeBy } = person;
  const acting = { id, formerIds, roles, isLinked: status === 'linked', ...defined({ madeBy }) };
  return { keyId, role, administration, site, ...defined({ person: acting, address }) };
}
