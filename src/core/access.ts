import Type, { type Static } from 'typebox';
import { defined } from './defined.ts';

/** Every role. Of those that read images or work beside readers, whoever sees less stands first. */
export const roles = [
  'scanner',
  'lane',
  'analyst',
  'supervisor',
  'searcher',
  'auditor',
  'data-scientist',
  'peer',
  'administrator',
  'radiation-officer',
] as const;

export const Role = Type.Enum([...roles]);
export type Role = Static<typeof Role>;

/** Roles of people; a key of one of them belongs to a person. The others are of machines and of other services. */
const isOfPeople: Readonly<Record<Role, boolean>> = {
  scanner: false,
  lane: false,
  analyst: true,
  supervisor: true,
  searcher: true,
  auditor: true,
  'data-scientist': true,
  peer: false,
  administrator: true,
  'radiation-officer': true,
};

export function isRoleOfPeople(role: Role): boolean {
  return isOfPeople[role];
}

/** Any site of the administration. */
export const ANY_SITE = '*';

/**
 * Whether the actor may administer what belongs to this place. An administrator of one site administers only what is of
 * that site. What is of several or all sites, or of no known site, needs an administrator of all sites.
 * Every change of persons, keys, rules of sites, scanners, policies and models asks this.
 */
export function mayAdminister(
  actor: Pick<Actor, 'administration' | 'site'>,
  place: { readonly administration: string; readonly site?: string | undefined },
): boolean {
  if (actor.administration !== place.administration) return false;
  return actor.site === ANY_SITE || actor.site === place.site;
}

/** Who acts. Each key and each row belongs to an administration and a site. */
export interface Actor {
  readonly keyId: string;
  /** Under which it acts: of several roles of a key the first that may. */
  readonly role: Role;
  /** Whose key it is; keys of machines are nobody's. */
  readonly person?: ActingPerson;
  readonly administration: string;
  /** A site, or ANY_SITE. */
  readonly site: string;
  /** Whose uploads it sends, where several keys are of one sender: the old and the new key of a scanner. */
  readonly sender?: string;
  /** Where its request came from, as the audit keeps it. */
  readonly address?: string;
}

/** A person as requests are made in its name. */
export interface ActingPerson {
  readonly id: string;
  /** Ids under which it acted before an administrator found that they are one person. */
  readonly formerIds: readonly string[];
  /** An administrator has said who it is. */
  readonly isLinked: boolean;
  /** Who created or linked it, and when. */
  readonly madeBy?: readonly { readonly by: string; readonly at: string }[];
  /** Every role of every key of it that may be used. */
  readonly roles: readonly Role[];
}

/** The name under which its acts are kept: of the person, or of the key of a machine. Opaque. */
export function actingAs({ person, keyId }: Pick<Actor, 'person' | 'keyId'>): string {
  return person?.id ?? keyId;
}

/** Who acts, as the audit keeps it. */
export interface AuditedActor extends Omit<Actor, 'person'> {
  /** Id of the person. */
  readonly person?: string;
}

export function auditedActor({ person, ...actor }: Actor): AuditedActor {
  return { ...actor, ...defined({ person: person?.id }) };
}

/** Who sends with this key; a key that names no sender is one. */
export function senderOf({ sender, keyId }: Pick<Actor, 'sender' | 'keyId'>): string {
  return sender ?? keyId;
}

export interface AccessKey extends Pick<Actor, 'keyId' | 'administration' | 'site' | 'sender'> {
  /** At least one; all of people, or all of machines. */
  readonly roles: readonly Role[];
  /** Id of the person who has it. */
  readonly person?: string;
  readonly name: string;
  /** SHA-256 of the secret, hex; the secret itself is shown once and never stored. */
  readonly secretSha256: string;
  readonly createdAt: string;
  /** The key is invalid from this time on. */
  readonly endsAt?: string;
  readonly revokedAt?: string;
}

/** Whether it opens anything at this time. */
export function isUsable({ endsAt, revokedAt }: Pick<AccessKey, 'endsAt' | 'revokedAt'>, now: Date): boolean {
  return revokedAt === undefined && (endsAt === undefined || Date.parse(endsAt) > now.getTime());
}

/** A new key is valid for this long unless its maker says otherwise. */
export const KEY_DAYS = 365;
/** The log and the metrics name a key that ends within this time. */
const KEY_WARNING_DAYS = 30;
const DAY_MS = 86_400_000;

/** The time at which a new key ends. */
export function defaultKeyEnd(now: Date): string {
  return new Date(now.getTime() + KEY_DAYS * DAY_MS).toISOString();
}

/** Returns how many whole days the key is still valid, or undefined if it has no end. */
export function daysLeft({ endsAt }: Pick<AccessKey, 'endsAt'>, now: Date): number | undefined {
  if (endsAt === undefined) return undefined;
  return Math.max(0, Math.floor((Date.parse(endsAt) - now.getTime()) / DAY_MS));
}

/** Returns the keys that are valid now and end soon. */
export function endingKeys(keys: readonly AccessKey[], now: Date): readonly AccessKey[] {
  return keys.filter(
    (key) => isUsable(key, now) && (daysLeft(key, now) ?? KEY_WARNING_DAYS) < KEY_WARNING_DAYS,
  );
}

/**
 * What the key of this actor may see: a scanner sees what its sender sent, an analyst what is of the case in hand, every
 * other role what is of its site.
 */
export function scopeOf(actor: Actor): Scope {
  const { role } = actor;
  return {
    ...placeOf(actor),
    ...defined({
      sender: role === 'scanner' ? senderOf(actor) : undefined,
      reader: role === 'analyst' ? idsOf(actor) : undefined,
      hidesCaseMoves: isReader(actor) ? (true as const) : undefined,
    }),
  };
}

/** Every row of the place where it works. */
export function placeOf({ administration, site }: Pick<Actor, 'administration' | 'site'>): Scope {
  return { administration, site };
}

/** Every name under which its acts are kept. */
export function idsOf(actor: Pick<Actor, 'person' | 'keyId'>): readonly string[] {
  return [actingAs(actor), ...(actor.person?.formerIds ?? [])];
}

const readingRoles: ReadonlySet<Role> = new Set(['analyst', 'supervisor', 'searcher']);

/** Whether the caller reads images, or works beside those who do, by this key or by another of the same person. */
export function isReader({ role, person }: Pick<Actor, 'role' | 'person'>): boolean {
  return readingRoles.has(role) || (person?.roles.some((one) => readingRoles.has(one)) ?? false);
}

/** What one sender sent to one site. */
export type SentScope = Scope & { readonly sender: string };

/** Rows of one administration, of one site or ANY_SITE. */
export interface Scope {
  readonly administration: string;
  readonly site: string;
  /** Only rows of scans that this sender sent to. */
  readonly sender?: string;
  /** Only rows of the scan whose case one of these names holds now, and of scans of the same container. */
  readonly reader?: readonly string[];
  /** Not what moved a case: from how often it moved, whoever may read it would learn that others have. */
  readonly hidesCaseMoves?: true;
}
