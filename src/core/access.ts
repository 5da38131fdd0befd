import Type, { type Static } from 'typebox';

export const Role = Type.Enum([
  'scanner',
  'lane',
  'analyst',
  'supervisor',
  'searcher',
  'auditor',
  'data-scientist',
  'peer',
  'administrator',
]);
export type Role = Static<typeof Role>;

/** Every role, in the order of the design. */
export const roles: readonly Role[] = [
  'scanner',
  'lane',
  'analyst',
  'supervisor',
  'searcher',
  'auditor',
  'data-scientist',
  'peer',
  'administrator',
];

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

/** The service acting on its own: jobs, sweeps, start-up. */
export function systemActor(administration: string): Actor {
  return { keyId: 'system', role: 'administrator', administration, site: ANY_SITE };
}
