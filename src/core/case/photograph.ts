import Type, { type Static } from 'typebox';

/** What a searcher photographed, as it is kept beside the case. */

const closed = { additionalProperties: false } as const;
const Time = Type.String({ format: 'date-time' });
const Person = Type.String({ description: 'Id of the person' });

export const photographLimits = {
  /** Of one case, removed ones counted. */
  ofCase: 40,
  /** Of one photograph. */
  bytes: 24 * 1024 * 1024,
  /** Rows times columns of one photograph: more than the cameras of phones have. */
  pixels: 120_000_000,
  /** Longer side of what is shown. */
  shownSide: 2048,
  /** What is shown of one. */
  shownBytes: 16 * 1024 * 1024,
} as const;

export const photographTypes = ['image/jpeg', 'image/png', 'image/webp'] as const;
export const PhotographType = Type.Enum([...photographTypes]);
export type PhotographType = Static<typeof PhotographType>;

export const PhotographId = Type.String({
  pattern: '^[0-9a-f]{64}$',
  description: 'SHA-256 of the file as the camera wrote it',
});

const Side = Type.Integer({ minimum: 1, maximum: photographLimits.shownSide });

/** What is shown of a photograph: a JPEG, upright, without what the camera wrote beside it. */
export const DevelopedSides = Type.Object({ rows: Side, columns: Side }, closed);
export type DevelopedSides = Static<typeof DevelopedSides>;

const shown = {
  id: PhotographId,
  type: PhotographType,
  bytes: Type.Integer({ minimum: 1, description: 'Of the file as the camera wrote it' }),
  ...DevelopedSides.properties,
  addedBy: Person,
  addedAt: Time,
  removed: Type.Optional(
    Type.Object({ by: Person, at: Time }, { ...closed, description: 'It is kept, but no longer shown' }),
  ),
};

export const Photograph = Type.Object(shown, closed);
export type Photograph = Static<typeof Photograph>;

/** As it is kept, an object for each version. */
export const StoredPhotograph = Type.Object(
  {
    ...shown,
    version: Type.Integer({ minimum: 1 }),
    shownSha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    caseId: Type.String(),
    administration: Type.String(),
    site: Type.String(),
  },
  closed,
);
export type StoredPhotograph = Static<typeof StoredPhotograph>;

/** As it is listed. */
export function toPhotograph(stored: StoredPhotograph): Photograph {
  const { version, shownSha256, caseId, administration, site, ...photograph } = stored;
  return photograph;
}
