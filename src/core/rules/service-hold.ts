import Type, { type Static } from 'typebox';
import { ANY_SITE } from '../access.ts';
import { type Standing, versionProperties } from './version.ts';

/**
 * What the service opens itself when it may have forgotten something or does not know the time: it holds vehicles until
 * two persons of the site end it. Version 1 is of all sites of the administration; each site has its own versions of the end.
 */

const closed = { additionalProperties: false } as const;
const Time = Type.String({ format: 'date-time' });

export const ServiceHoldCause = Type.Enum(['recovery', 'clock'], {
  description:
    'recovery: the service was restored to an earlier state; clock: the clock of the service jumped',
});
export type ServiceHoldCause = Static<typeof ServiceHoldCause>;

export const ServiceHoldTerms = Type.Object(
  {
    isOpen: Type.Boolean({ description: 'false ends the hold' }),
    reason: Type.String({ minLength: 1, maxLength: 1024, description: 'What happened, or why it ends' }),
  },
  closed,
);
export type ServiceHoldTerms = Readonly<Static<typeof ServiceHoldTerms>>;

/** What every version repeats of the opening. */
export const openingProperties = {
  cause: ServiceHoldCause,
  since: Type.Optional({
    ...Time,
    description: 'Last time before the gap or the jump that is known for certain. Absent: unknown',
  }),
  until: {
    ...Time,
    description:
      'Of a recovery: scans received until this time are held; of a clock: its time after the jump',
  },
};

/** In the audit: a person has confirmed that the clock is right. */
export const CLOCK_CONFIRMED = 'end clock hold: confirm';

/** One version. Kept as an object, so that a rebuilt database knows it. */
export const StoredServiceHold = Type.Object(
  {
    administration: Type.String(),
    /** `*` of the opening. */
    site: Type.String(),
    id: Type.String({ pattern: '^[0-9a-z-]{1,64}$' }),
    ...openingProperties,
    /** What was noticed: the same sign opens no second hold. */
    signs: Type.Array(Type.String()),
    ...versionProperties,
    terms: ServiceHoldTerms,
  },
  closed,
);
export type StoredServiceHold = Readonly<Static<typeof StoredServiceHold>>;

/** A hold of the service, as it stands at one site. */
export interface ServiceHoldAt {
  readonly opened: StoredServiceHold;
  /** Of the site itself: undefined where nobody has decided there. */
  readonly standing: Standing<StoredServiceHold>;
}

/** Every hold of the administration as it stands at the site. @param all - every version of every hold */
export function serviceHoldsAt(all: readonly StoredServiceHold[], site: string): readonly ServiceHoldAt[] {
  const newestOf = (some: readonly StoredServiceHold[]) =>
    some.toSorted((a, b) => b.version - a.version).at(0);
  return all
    .filter((one) => one.site === ANY_SITE)
    .map((opened) => {
      const own = all.filter((one) => one.id === opened.id && one.site === site);
      const inForce = newestOf(own.filter(({ state }) => state === 'in-force'));
      return { opened, standing: { newest: newestOf(own), inForce } };
    });
}

export function isOpenAt({ standing }: Pick<ServiceHoldAt, 'standing'>): boolean {
  return standing.inForce?.terms.isOpen ?? true;
}

/** Whether every site still has it open. */
export function isOpenEverywhere(all: readonly StoredServiceHold[], id: string): boolean {
  return !all.some((one) => one.id === id && one.state === 'in-force' && !one.terms.isOpen);
}
