import Type, { type Static } from 'typebox';
import { defined } from './defined.ts';

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
  /** Whose uploads it sends, where several keys are of one sender: the old and the new key of a scanner. */
  readonly sender?: string;
  /** Where its request came from, as the audit keeps it. */
  readonly address?: string;
}

/** Who sends with this key; a key that names no sender is one. */
export function senderOf({ sender, keyId }: Pick<Actor, 'sender' | 'keyId'>): string {
  return sender ?? keyId;
}

export interface AccessKey extends Omit<Actor, 'address'> {
  readonly name: string;
  /** SHA-256 of the secret, hex; the secret itself is shown once and never stored. */
  readonly secretSha256: string;
  readonly createdAt: string;
  readonly revokedAt?: string;
}

/** What the key of this actor may see: a scanner sees what its sender sent, every other role what is of its site. */
export function scopeOf(actor: Actor): Scope {
  const { administration, site, role } = actor;
  return { administration, site, ...defined({ sender: role === 'scanner' ? senderOf(actor) : undefined }) };
}

/** Rows of one administration, of one site or ANY_SITE. */
export interface Scope {
  readonly administration: string;
  readonly site: string;
  /** Only rows of scans that this sender sent to. */
  readonly sender?: string;
}
