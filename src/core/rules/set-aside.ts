import Type, { type Static } from 'typebox';
import { versionProperties } from './version.ts';

/** A scan whose files nobody can read, and that two persons set aside: its vehicle waits for it no more. */

const closed = { additionalProperties: false } as const;

export const SetAsideTerms = Type.Object(
  {
    isSetAside: Type.Boolean({ description: 'false: the vehicle waits for the scan again' }),
    reason: Type.String({
      minLength: 1,
      maxLength: 1024,
      description: 'How it is known what the scan would have shown',
    }),
  },
  closed,
);
export type SetAsideTerms = Readonly<Static<typeof SetAsideTerms>>;

/** One version. Kept as an object, so that a rebuilt database knows it. */
export const StoredSetAside = Type.Object(
  {
    administration: Type.String(),
    site: Type.String(),
    scanId: Type.String(),
    revision: Type.Integer({ minimum: 1, description: 'Files that come later are not set aside' }),
    ...versionProperties,
    terms: SetAsideTerms,
  },
  closed,
);
export type StoredSetAside = Readonly<Static<typeof StoredSetAside>>;

export const notSetAside: SetAsideTerms = { isSetAside: false, reason: 'nobody has set it aside' };
