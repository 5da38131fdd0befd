import Type, { type Static } from 'typebox';
import { Place } from '../scan/place.ts';
import { LanguageTag } from './reasons.ts';
import { versionProperties } from './version.ts';

const closed = { additionalProperties: false } as const;

export const Zone = Type.String({
  pattern: '^[A-Za-z][A-Za-z0-9_+/-]{0,63}$',
  description: 'IANA time zone name, such as Europe/Amsterdam',
});

export const SiteMode = Type.Enum(['live', 'parallel'], {
  description:
    'parallel: the lane is told nothing, and the decisions of another station are compared with ours',
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
            description: 'Serial number or name, as its records give it',
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
    description: 'The scan is made from so long after the occupancy to so long; negative: before it',
  },
);
export type PairWindow = Readonly<Static<typeof PairWindow>>;

/** From so long after an occupancy to so long; negative: before it. */
export type TimeWindow = Pick<PairWindow, 'fromSeconds' | 'toSeconds'>;

const { zone: _, ...placeProperties } = Place.properties;

/** What is decided for one site. */
export const SiteTerms = Type.Object(
  {
    zone: Type.Optional(Zone),
    language: Type.Optional({
      ...LanguageTag,
      description: 'In which reports of verdicts name their reasons; a tag of BCP 47',
    }),
    fallback: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 2048,
        description: 'What holds at the lanes while they have no valid instruction',
      }),
    ),
    mode: SiteMode,
    place: Type.Optional(
      Type.Object(placeProperties, {
        ...closed,
        description: 'Where it is; stands in the record of each scan whose files do not say it',
      }),
    ),
    alarmWindowMinutes: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1440, description: 'In place of the one of the policy' }),
    ),
    undoWindowSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 120,
        description:
          'So long who gave a verdict may take it back, and the lane is not told to proceed by it; 10 unless given',
      }),
    ),
    dangerDueMinutes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 60,
        description: 'An alarm of a person in danger escalates after this time; 2 unless given',
      }),
    ),
    windows: Type.Immutable(
      Type.Array(PairWindow, { maxItems: 64, description: 'In place of the windows of the policy' }),
    ),
  },
  closed,
);
export type SiteTerms = Readonly<Static<typeof SiteTerms>>;

/** A site of which nobody has decided anything. */
export const unsetSite: SiteTerms = { mode: 'live', windows: [] };

/** One version of what is decided for a site. Kept as an object, so that a rebuilt database knows it. */
export const StoredSite = Type.Object(
  { administration: Type.String(), site: Type.String(), ...versionProperties, terms: SiteTerms },
  closed,
);
export type StoredSite = Readonly<Static<typeof StoredSite>>;
