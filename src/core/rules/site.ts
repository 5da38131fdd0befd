import Type, { type Static } from 'typebox';
import { normaliseContainer } from '../check-digits.ts';
import { defined } from '../defined.ts';
import { Place } from '../scan/place.ts';
import { Controls } from './check-in.ts';
import { LanguageTag } from './reasons.ts';
import { versionProperties } from './version.ts';

const closed = { additionalProperties: false } as const;

export const Zone = Type.String({
  pattern: '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$',
  description: 'IANA time zone name, such as Europe/Amsterdam',
});

export const SiteMode = Type.Enum(['live', 'parallel'], {
  description:
    'parallel: the lane gets no instruction, and the decisions of another station are compared with ours',
});
export type SiteMode = Static<typeof SiteMode>;

const Seconds = Type.Integer({ minimum: -86_400, maximum: 86_400 });

/** When a scanner makes its scan of a vehicle that a portal saw. */
export const PairWindow = Type.Object(
  {
    portal: Type.Object(
      {
        lane: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
        serial: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 128,
            description: 'Serial number or name, as in its records',
          }),
        ),
      },
      { ...closed, minProperties: 1, description: 'By its lane, its serial number, or both' },
    ),
    scanner: Type.String({ minLength: 1, maxLength: 160, description: 'Id as in /v1/scanners' }),
    fromSeconds: Seconds,
    toSeconds: Seconds,
  },
  {
    ...closed,
    description: 'Earliest and latest time of the scan after the occupancy; negative: before it',
  },
);
export type PairWindow = Readonly<Static<typeof PairWindow>>;

/** From this long after an occupancy to this long; negative: before it. */
export type TimeWindow = Pick<PairWindow, 'fromSeconds' | 'toSeconds'>;

const { zone: _, ...placeProperties } = Place.properties;

/** What is decided for one site. */
export const SiteTerms = Type.Object(
  {
    zone: Type.Optional(Zone),
    language: Type.Optional({
      ...LanguageTag,
      description: 'Language of reason labels in reports of verdicts (BCP 47)',
    }),
    fallback: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 2048,
        description: 'Rule for the lanes while they have no valid instruction',
      }),
    ),
    mode: SiteMode,
    place: Type.Optional(
      Type.Object(placeProperties, {
        ...closed,
        description: 'Location; used for scans whose files do not contain it',
      }),
    ),
    alarmWindowMinutes: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1440, description: 'Replaces the value of the policy' }),
    ),
    undoWindowSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 120,
        description:
          'Time in which a verdict can be taken back; the lane does not get proceed before. Default: 10',
      }),
    ),
    dangerDueMinutes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 60,
        description: 'Time after which an alarm for a person in danger escalates. Default: 2',
      }),
    ),
    sisterSites: Type.Optional(
      Type.Immutable(
        Type.Array(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$' }), {
          maxItems: 8,
          uniqueItems: true,
          description:
            'Other sites of the administration that the same vehicles visit, and that name this one: what holds a vehicle at one of them holds it at both',
        }),
      ),
    ),
    requiredControls: Type.Optional({
      ...Controls,
      description: 'Controls that an expected vehicle needs where its check-in names none. Default: none',
    }),
    lateMinutes: Type.Optional(
      Type.Integer({
        minimum: 5,
        maximum: 10_080,
        description: 'Time after which an expected vehicle is overdue, or lacks a control. Default: 120',
      }),
    ),
    windows: Type.Immutable(
      Type.Array(PairWindow, { maxItems: 64, description: 'Replaces the windows of the policy' }),
    ),
    noMarks: Type.Optional(
      Type.Immutable(
        Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
          maxItems: 64,
          description:
            'What scanners and gates write where they read no container number or visit, such as UNKNOWN: no vehicle is known by it',
        }),
      ),
    ),
  },
  closed,
);
export type SiteTerms = Readonly<Static<typeof SiteTerms>>;

/** A site of which nobody has decided anything. */
export const unsetSite: SiteTerms = { mode: 'live', windows: [] };

/** It stands for a mark that nobody could read. */
export function isNoMark({ noMarks = [] }: Pick<SiteTerms, 'noMarks'>, mark: string): boolean {
  const value = normaliseContainer(mark);
  return value === '' || noMarks.some((one) => normaliseContainer(one) === value);
}

/** What a vehicle is known by, without what stands for a mark that nobody could read. */
export function realMarks(
  site: Pick<SiteTerms, 'noMarks'>,
  { containers, visit }: { readonly containers: readonly string[]; readonly visit?: string | undefined },
): { readonly containers: readonly string[]; readonly visit?: string } {
  return {
    containers: containers.filter((container) => !isNoMark(site, container)),
    ...defined({ visit: visit === undefined || isNoMark(site, visit) ? undefined : visit }),
  };
}

/** One version of what is decided for a site. Kept as an object, so that a rebuilt database knows it. */
export const StoredSite = Type.Object(
  { administration: Type.String(), site: Type.String(), ...versionProperties, terms: SiteTerms },
  closed,
);
export type StoredSite = Readonly<Static<typeof StoredSite>>;
