import Type, { type Static } from 'typebox';

/**
 * What people decide for an administration or a site, one object a version. A version that loosens something is a
 * proposal until another person confirms it; the confirmation is the next version. The newest in force counts.
 */

export const VersionState = Type.Enum(['in-force', 'proposed'], {
  description: 'proposed: it waits for another person to confirm it',
});
export type VersionState = Static<typeof VersionState>;

/** What every version says beside its terms. */
export const versionProperties = {
  version: Type.Integer({ minimum: 1, description: 'Increases with each change and each confirmation' }),
  state: VersionState,
  at: Type.String({ format: 'date-time' }),
  by: Type.String({ description: 'Key id of the person who wrote or confirmed it' }),
  proposedBy: Type.Optional(
    Type.String({ description: 'Key id of the person who proposed the content of this version' }),
  ),
};

/** One version of some terms. */
export interface Version<Terms> {
  readonly version: number;
  readonly state: VersionState;
  readonly at: string;
  readonly by: string;
  readonly proposedBy?: string;
  readonly terms: Terms;
}

/** What counts, and what was written last: the same, or a proposal. */
export interface Standing<One> {
  /** Undefined: nobody has decided anything. */
  readonly inForce: One | undefined;
  readonly newest: One | undefined;
}
