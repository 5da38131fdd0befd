import Type, { type Static } from 'typebox';

/**
 * Who reads images, searches, adjudicates or administers. Second readings, conflicts of interest and the draw of cases
 * go by person, never by key. Cases, holds and reports name persons by their id alone.
 */

const closed = { additionalProperties: false } as const;
const Words = Type.String({ minLength: 1, maxLength: 4096 });
const Time = Type.String({ format: 'date-time' });

/** 16 hexadecimal digits, drawn; of a key from before there were persons it is the id of that key. */
export const PersonId = Type.String({ pattern: '^[0-9a-f]{16}$' });

/** Unlinked: there is a key, and no administrator has said yet who has it. */
export const PersonStatus = Type.Enum(['unlinked', 'linked']);
export type PersonStatus = Static<typeof PersonStatus>;

export const ConflictAbout = Type.Enum(['container', 'declaration']);
export type ConflictAbout = Static<typeof ConflictAbout>;

const ConflictState = Type.Enum(['declared', 'in-force', 'ended']);

/**
 * What a person has an interest in, and so does not read. A supervisor's word is in force at once; the person's own
 * once a supervisor has seen it, since whoever excludes all others chooses the one that is left.
 */
export const Conflict = Type.Object(
  {
    number: Type.Integer({ minimum: 1 }),
    about: ConflictAbout,
    value: Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'Container number as it is stored, or reference of a declaration',
    }),
    why: Words,
    by: Type.String({ description: 'Person who reported it' }),
    at: Time,
    state: ConflictState,
    settledBy: Type.Optional(Type.String({ description: 'Person who confirmed or ended it' })),
    settledAt: Type.Optional(Time),
  },
  closed,
);
export type Conflict = Static<typeof Conflict>;

/** More would be no list that a supervisor reads. */
export const MOST_CONFLICTS = 256;
export const MOST_KEYS = 64;

/** Who a person is at a provider of identities (OpenID Connect). */
export const Identity = Type.Object(
  {
    issuer: Type.String({ minLength: 1, maxLength: 512, description: 'Address of the provider' }),
    subject: Type.String({ minLength: 1, maxLength: 255, description: 'Id of the person at the provider' }),
  },
  closed,
);
export type Identity = Readonly<Static<typeof Identity>>;

/** An identity as a person has it. */
export const PersonalIdentity = Type.Object(
  {
    ...Identity.properties,
    namedAt: Type.Optional(
      Type.String({
        description:
          'Site of the administrator who named the identity (* for all sites), until the first sign-in with it. A first sign-in at another site is not this person',
      }),
    ),
  },
  closed,
);
export type PersonalIdentity = Readonly<Static<typeof PersonalIdentity>>;
export const MOST_IDENTITIES = 16;
/** The newest ones; what is older counts no more. */
const MOST_MAKERS = 16;

export const Person = Type.Object(
  {
    id: PersonId,
    administration: Type.String(),
    site: Type.Optional(
      Type.String({
        description:
          'Site at which the person is administered. *: only an administrator with access to all sites may change the person. Default: *',
      }),
    ),
    name: Type.String({ minLength: 1, maxLength: 128 }),
    status: PersonStatus,
    keys: Type.Array(Type.String(), { maxItems: MOST_KEYS, description: 'Ids of the keys of the person' }),
    formerIds: Type.Array(PersonId, {
      maxItems: MOST_KEYS,
      description: 'Unlinked persons that were merged into this one',
    }),
    identities: Type.Optional(
      Type.Array(PersonalIdentity, {
        maxItems: MOST_IDENTITIES,
        description: 'Identities with which the person signs in',
      }),
    ),
    ended: Type.Optional(
      Type.Boolean({
        description: 'True: the access of the person has ended; no key or session of theirs is valid',
      }),
    ),
    is: Type.Optional(
      Type.String({ ...PersonId, description: 'Person into whom this unlinked person was merged' }),
    ),
    madeBy: Type.Optional(
      Type.Array(Type.Object({ by: PersonId, at: Time }, closed), {
        minItems: 1,
        maxItems: MOST_MAKERS,
        description:
          'Persons who created or linked them; for some days these two are not two persons where it takes two',
      }),
    ),
    conflicts: Type.Array(Conflict, { maxItems: MOST_CONFLICTS }),
    version: Type.Integer({
      minimum: 0,
      description: 'Increases with each change',
    }),
  },
  { ...closed, $id: 'https://nii-hub.org/schemas/person-1.2.json' },
);
export type Person = Static<typeof Person>;

/** With one more person who says who they are. @param by - undefined: at the command line */
export function madeBy(person: Person, by: string | undefined, at: string): Person {
  if (by === undefined) return person;
  return { ...person, madeBy: [...(person.madeBy ?? []), { by, at }].slice(-MOST_MAKERS) };
}

/** What the person must not be dealt now. */
export function conflictsInForce(
  { conflicts }: Pick<Person, 'conflicts'>,
  about: ConflictAbout,
): readonly string[] {
  return conflicts.filter((one) => one.about === about && one.state === 'in-force').map(({ value }) => value);
}

/** Whether the person has an interest in a case, by its container or a declaration of it. */
export function hasConflictIn(
  person: Pick<Person, 'conflicts'>,
  {
    container,
    declarations = [],
  }: { readonly container?: string; readonly declarations?: readonly string[] },
): boolean {
  if (container !== undefined && conflictsInForce(person, 'container').includes(container)) return true;
  const ofDeclarations = conflictsInForce(person, 'declaration');
  return declarations.some((ref) => ofDeclarations.includes(ref));
}
