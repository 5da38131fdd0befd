import Type, { type Static } from 'typebox';
import { HoldEnding, HoldState } from './hold-states.ts';
import { AlarmCategory, RadiationAlarm } from './radiation.ts';

/**
 * A radiation alarm holds the vehicle until a radiation officer has adjudicated it. No verdict on an image reaches
 * it: nothing here refers to a case, and no move of a case is a move of a hold.
 */

const closed = { additionalProperties: false } as const;
const Note = Type.String({ maxLength: 4096 });
const Time = Type.String({ format: 'date-time' });

/** Where a time comes from: the file, or, where it has none, the moment in which the file was received. */
export const TimeFrom = Type.Enum(['file', 'receipt']);
export type TimeFrom = Static<typeof TimeFrom>;

/** Which X-ray scan an occupancy is of, and how that is known. */
export const RadiationJoin = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('joined'),
      scanId: Type.String({ description: 'Of the X-ray scan' }),
      by: Type.Enum(['same-scan', 'container', 'time']),
      secondsApart: Type.Number({ minimum: 0, description: 'Between the occupancy and the acquisition' }),
      timeFrom: TimeFrom,
      isZoneAssumed: Type.Optional(
        Type.Literal(true, { description: 'By a time whose file does not say its zone; UTC was assumed' }),
      ),
    },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal('ambiguous'),
      scanIds: Type.Array(Type.String(), {
        minItems: 2,
        maxItems: 64,
        description: 'Equally near: none is joined, and each is held while the alarm is',
      }),
    },
    closed,
  ),
  Type.Object({ kind: Type.Literal('none'), why: Type.String({ maxLength: 256 }) }, closed),
]);
export type RadiationJoin = Static<typeof RadiationJoin>;

export const Passage = Type.Object(
  {
    from: Type.Optional(Time),
    to: Type.Optional(Time),
    isZoneStated: Type.Boolean({
      description: 'The file, or a setting, says in which zone its times are; UTC was assumed otherwise',
    }),
    receivedAt: Time,
    lane: Type.Optional(Type.String()),
    portal: Type.Optional(Type.String({ description: 'Serial number of the portal, or its name' })),
  },
  {
    ...closed,
    description:
      'When and where the vehicle passed the portal, as far as the record tells; the error of its clock, where one is set, is taken off',
  },
);
export type Passage = Static<typeof Passage>;

/** Why an alarm is innocent; without one it is not. */
const InnocentReason = Type.Enum(
  ['norm-cargo', 'medical-patient', 'declared-source', 'instrument-fault', 'other'],
  { description: 'norm-cargo: naturally occurring radioactive material; other needs a note' },
);

const Identification = Type.Object(
  {
    nuclides: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
      maxItems: 16,
      description: 'As Cf-252; empty where the instrument found nothing above background',
    }),
    by: Type.Enum(['riid', 'laboratory', 'other'], {
      description: 'riid: a hand-held instrument that identifies nuclides',
    }),
    expert: Type.Optional(Type.String({ maxLength: 256, description: 'Who was asked (reach-back)' })),
  },
  { ...closed, description: 'What the source was identified as, after the alarm' },
);

export const Adjudication = Type.Union([
  Type.Object(
    {
      decision: Type.Literal('innocent'),
      reason: InnocentReason,
      identification: Type.Optional(Identification),
      note: Type.Optional(Note),
    },
    closed,
  ),
  Type.Object(
    {
      decision: Type.Literal('confirmed'),
      authority: Type.Optional(
        Type.String({ maxLength: 256, description: 'Competent authority that it is referred to' }),
      ),
      identification: Type.Optional(Identification),
      note: Type.Optional(Note),
    },
    closed,
  ),
]);
export type Adjudication = Static<typeof Adjudication>;

/** How a confirmed alarm ended. Only `released` lets the vehicle go. */
export const HoldOutcome = Type.Object(
  {
    kind: HoldEnding,
    reference: Type.Optional(Type.String({ maxLength: 256, description: 'Of the competent authority' })),
    note: Type.Optional(Note),
  },
  closed,
);
export type HoldOutcome = Static<typeof HoldOutcome>;

export const HoldEvent = Type.Object(
  {
    seq: Type.Integer({ minimum: 1 }),
    at: Time,
    actor: Type.String({ description: 'Key id, or system' }),
    kind: Type.Enum(['opened', 'joined', 'revised', 'proposed', 'adjudicated', 'closed', 'reopened']),
    detail: Type.Record(Type.String(), Type.Unknown()),
  },
  closed,
);
export type HoldEvent = Static<typeof HoldEvent>;

export const Hold = Type.Object(
  {
    id: Type.String(),
    administration: Type.String(),
    site: Type.String(),
    scanId: Type.String({ description: 'Of the radiation record' }),
    recordId: Type.String({ description: 'Occupancy in that record' }),
    revision: Type.Integer({ minimum: 1, description: 'Of the radiation record' }),
    state: HoldState,
    openedAt: Time,
    occupancy: Type.Optional(Type.Integer({ minimum: 0, description: 'Number as the portal counts them' })),
    containers: Type.Array(Type.String(), { description: 'That the radiation record names' }),
    alarms: Type.Array(RadiationAlarm, { description: 'In the newest revision' }),
    passage: Type.Optional(Passage),
    join: RadiationJoin,
    adjudication: Type.Optional(
      Type.Object(
        {
          officer: Type.String(),
          at: Time,
          given: Adjudication,
          second: Type.Optional(Type.String({ description: 'Who had proposed it, where it takes two' })),
        },
        closed,
      ),
    ),
    proposal: Type.Optional(
      Type.Object(
        { officer: Type.String(), at: Time, given: Adjudication },
        { ...closed, description: 'Waits for another officer who says the same' },
      ),
    ),
    outcome: Type.Optional(HoldOutcome),
    history: Type.Array(HoldEvent),
  },
  { $id: 'https://nii-hub.org/schemas/hold-1.0.json', title: 'Radiation hold', ...closed },
);
export type Hold = Static<typeof Hold>;

/** Scans whose lane answer the hold bears on: the radiation record itself, and the X-ray scans that it may be of. */
export function scansHeld({ scanId, join }: Pick<Hold, 'scanId' | 'join'>): readonly string[] {
  return [...new Set([scanId, ...scansOfJoin(join)])];
}

/** The X-ray scans that an occupancy is of, or may be of. */
export function scansOfJoin(join: RadiationJoin): readonly string[] {
  switch (join.kind) {
    case 'joined':
      return [join.scanId];
    case 'ambiguous':
      return join.scanIds;
    case 'none':
      return [];
  }
}

/**
 * True where a join names the scan by more than a time, or by two times of which both are sure. A hold that does not tell
 * of its passage is of before it was kept whether a zone was assumed.
 */
export function isSurelyJoined({ join, passage }: Pick<Hold, 'join' | 'passage'>): boolean {
  if (join.kind !== 'joined') return false;
  if (join.by !== 'time') return true;
  return passage !== undefined && join.timeFrom === 'file' && join.isZoneAssumed !== true;
}

/** One occupancy as the records find it. */
export const RadiationLink = Type.Object(
  {
    scanId: Type.String({ description: 'Of the radiation record' }),
    recordId: Type.String(),
    revision: Type.Integer({ minimum: 1 }),
    from: Type.Optional(Time),
    to: Type.Optional(Time),
    timeFrom: TimeFrom,
    lane: Type.Optional(Type.String()),
    containers: Type.Array(Type.String()),
    alarms: Type.Array(AlarmCategory, { description: 'Each category once' }),
    join: RadiationJoin,
  },
  closed,
);
export type RadiationLink = Static<typeof RadiationLink>;
