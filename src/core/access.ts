import Type, { type Static } from 'typebox';

/** Every role, in the order of the design. */
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

/** Any site of the administration. */
export const ANY_SITE = '*';

/** Who acts. Each key and each row belongs to an administration and a site. */
export interface Actor {
  readonly keyId: string;
  readonly role: Role;
  readonly administration: string;
  /** A site, or ANY_SITE. */
  readonly site: string;
}

export interface AccessKey extends Actor {
  readonly name: string;
  /** SHA-256 of the secret, hex; the secret itself is shown once and never stored. */
  readonly secretSha256: string;
  readonly createdAt: string;
  readonly revokedAt?: string;
}

/** What the key of this actor may see. */
export function scopeOf(actor: Actor): Scope {
  return { administration: actor.administration, site: actor.site };
}

/** Rows of one administration, of one site or ANY_SITE. */
export interface Scope {
  readonly administration: string;
  readonly site: string;
}
