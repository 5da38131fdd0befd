import type { AccessKey, Role } from '../access.ts';
import { defined } from '../defined.ts';
import type { Identity, Person } from '../person/person.ts';

/** Through which a person acts who signed in; its id and its secret have the form of those of a key. */
export interface Session extends Identity {
  readonly id: string;
  /** SHA-256 of the secret, hex. */
  readonly secretSha256: string;
  /** Id of the person. */
  readonly person: string;
  readonly administration: string;
  /** A site, or ANY_SITE. */
  readonly site: string;
  readonly roles: readonly Role[];
  /** By which rules it began: see SessionTerms. */
  readonly source: string;
  /** All times are ISO 8601, UTC. */
  readonly begunAt: string;
  /** To within a minute. */
  readonly usedAt: string;
  readonly endsAt: string;
  readonly endedAt?: string;
}

/** How long sessions last, and which count. */
export interface SessionTerms {
  /** Names the issuer and its groups. A session that began by others opens nothing; undefined: nobody signs in here. */
  readonly source: string | undefined;
  readonly idleMinutes: number;
  readonly hours: number;
}

export const defaultSessionTerms: SessionTerms = { source: undefined, idleMinutes: 15, hours: 12 };

/** A person who is asked for a password and a second factor is back by then. */
export const SIGN_IN_SECONDS = 600;

/** How often it is noted that a session is used. */
export const NOTE_SESSION_USE_MS = 60_000;

/**
 * Whether it opens anything at this time. Uses are noted once a minute, so a session ends up to a minute after its idle
 * time, and never before.
 */
export function isOpen(
  { source, endsAt, endedAt, usedAt }: Session,
  terms: Pick<SessionTerms, 'source' | 'idleMinutes'>,
  now: Date,
): boolean {
  const idleSince = now.getTime() - terms.idleMinutes * 60_000 - NOTE_SESSION_USE_MS;
  return (
    source === terms.source &&
    endedAt === undefined &&
    Date.parse(endsAt) > now.getTime() &&
    Date.parse(usedAt) > idleSince
  );
}

/** Whether the person still has the identity by which the session began. */
export function isStillOf(session: Session, { identities = [] }: Pick<Person, 'identities'>): boolean {
  return identities.some((one) => isSame(one, session));
}

export function isSame(a: Identity, b: Identity): boolean {
  return a.issuer === b.issuer && a.subject === b.subject;
}

/** The session as the key that it acts as. */
export function asKey({ id, begunAt, endedAt, ...session }: Session): AccessKey {
  const { administration, site, roles, person, secretSha256, endsAt } = session;
  return {
    keyId: id,
    name: 'session',
    createdAt: begunAt,
    ...{ administration, site, roles, person, secretSha256, endsAt },
    ...defined({ revokedAt: endedAt }),
  };
}
