import Type, { type Static } from 'typebox';

/** A time as a file has it: what was written, and the instant where one can be told. */
export const Acquired = Type.Object(
  {
    written: Type.Optional(Type.String({ maxLength: 64, description: 'As the scanner wrote it' })),
    utc: Type.Optional(Type.String({ format: 'date-time', description: 'RFC 3339 in UTC' })),
    zone: Type.Enum(['stated', 'assumed-utc', 'unknown'], {
      description:
        'Whether the time zone is known; assumed-utc means that the file has no zone, and UTC was assumed',
    }),
  },
  { additionalProperties: false },
);
export type Acquired = Static<typeof Acquired>;

export const MOST_VISIT_CHARACTERS = 128;

export const Visit = Type.String({
  minLength: 1,
  maxLength: MOST_VISIT_CHARACTERS,
  pattern: '^[^\\u0000-\\u001f\\u007f]*$',
  description:
    'Visit or transaction id of the vehicle: the same for all its scans and radiation records during one visit to the site',
});

export const purposes = ['operational', 'calibration', 'image-quality-test', 'training'] as const;

export const Purpose = Type.Enum(purposes, {
  description: 'Only operational scans are queued, counted in the rates and exchanged',
});
export type Purpose = Static<typeof Purpose>;

interface PurposeFacts {
  /** Scans with this purpose reach the queue, unless the administration decides otherwise. */
  readonly isQueued: boolean;
}

export const purposeFacts: Readonly<Record<Purpose, PurposeFacts>> = {
  operational: { isQueued: true },
  calibration: { isQueued: false },
  'image-quality-test': { isQueued: false },
  training: { isQueued: false },
};
