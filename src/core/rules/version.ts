import Type, { type Static, type TSchema } from 'typebox';
import { defined } from '../defined.ts';

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

const closed = { additionalProperties: false } as const;

/**
 * Properties of a response that shows what is in force and what is proposed; the number of the version has a name of its own.
 * @param waitsFor - why a proposal needs another person, for the description
 */
export function standingProperties<Terms extends TSchema>(terms: Terms, waitsFor: string) {
  const { version, at, by, proposedBy } = versionProperties;
  return {
    at: Type.Optional(at),
    by: Type.Optional(by),
    proposedBy,
    terms,
    proposal: Type.Optional(Type.Object({ version, at, by, terms }, { ...closed, description: waitsFor })),
  };
}

/**
 * Presents what is in force, with the proposal if one waits for another person.
 * @param unless - terms where nobody has decided anything
 */
export function presentStanding<Terms>(
  { inForce, newest }: Standing<Version<Terms>>,
  unless: NoInfer<Terms>,
) {
  const proposal = newest?.state === 'proposed' ? newest : undefined;
  return {
    ...defined({ at: inForce?.at, by: inForce?.by, proposedBy: inForce?.proposedBy }),
    terms: inForce?.terms ?? unless,
    ...defined({
      proposal: proposal && {
        version: proposal.version,
        at: proposal.at,
        by: proposal.by,
        terms: proposal.terms,
      },
    }),
  };
}
