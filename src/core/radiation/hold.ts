import Type, { type Static } from 'typebox';
import { marksOfTerms } from '../rules/check-in.ts';
import { Mark } from '../rules/vehicle-hold.ts';
import { Visit } from '../scan/circumstances.ts';
import { Adjudication } from './adjudication.ts';
import { HoldEnding, HoldState, holdStates } from './hold-states.ts';
import { AlarmCategory, NotMeasuredReason, RadiationAlarm } from './radiation.ts';

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

const joinedMark = {
  ...Mark,
  description: 'Two officers name the vehicle: every scan with this mark is held',
};

/** Which X-ray scan an occupancy is of, and how that is known. */
export const RadiationJoin = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('joined'),
      scanId: Type.String({ description: 'Of the X-ray scan' }),
      by: Type.Enum(['same-scan', 'hand', 'visit', 'container', 'time']),
      secondsApart: Type.Number({ minimum: 0, description: 'Between the occupancy and the acquisition' }),
      timeFrom: TimeFrom,
      isZoneAssumed: Type.Optional(
        Type.Literal(true, { description: 'Joined by a time without a zone; UTC was assumed' }),
      ),
      isPaired: Type.Optional(
        Type.Literal(true, {
          description:
            'Joined by time in a window that the site has set for this portal and scanner, and no other scan lies in it',
        }),
      ),
      isUnmarked: Type.Optional(
        Type.Literal(true, {
          description:
            'The image showed no mark when two officers joined the alarm to it. Until they name one, scans near the alarm are held, too',
        }),
      ),
      mark: Type.Optional(joinedMark),
      containers: Type.Optional(
        Type.Array(Type.String(), {
          minItems: 1,
          description:
            'Named by the image when two officers joined the alarm to it: every scan of these is held, too',
        }),
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
        description: 'Equally near scans: none is joined, and all are held as long as the alarm is',
      }),
    },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal('vehicle'),
      mark: joinedMark,
    },
    closed,
  ),
  Type.Object({ kind: Type.Literal('none'), why: Type.String({ maxLength: 256 }) }, closed),
]);
export type RadiationJoin = Static<typeof RadiationJoin>;

const handJoin = {
  scanId: Type.Optional(Type.String({ description: 'Scan' })),
  mark: Type.Optional({ ...Mark, description: 'Vehicle' }),
  isNot: Type.Optional(Type.Literal(true, { description: 'Not of this scan or vehicle' })),
  duplicateOf: Type.Optional(Type.String({ description: 'Hold of the same occupancy' })),
  containers: Type.Optional(
    Type.Array(Type.String(), { description: 'Containers of the scan at that time' }),
  ),
  why: Note,
};
export const HandJoin = Type.Object(handJoin, closed);
/** What an officer says that an alarm is of, or is not of. */
export type HandJoin = Static<typeof HandJoin>;

/** Why a hold says that nobody knows what the vehicle emits: the portal did not measure it, or nobody can read what it sent. */
export const HoldNotMeasured = Type.Enum([...NotMeasuredReason.enum, 'record-unreadable']);
export type HoldNotMeasured = Static<typeof HoldNotMeasured>;

export const Passage = Type.Object(
  {
    from: Type.Optional(Time),
    to: Type.Optional(Time),
    isZoneStated: Type.Boolean({
      description: 'The file or a setting states the zone of its times; otherwise UTC was assumed',
    }),
    receivedAt: Time,
    lane: Type.Optional(Type.String()),
    visit: Type.Optional(Visit),
    portal: Type.Optional(Type.String({ description: 'Serial number of the portal, or its name' })),
  },
  {
    ...closed,
    description:
      'Time and place at which the vehicle passed the portal, if known; corrected by the clock error that is set',
  },
);
export type Passage = Static<typeof Passage>;

export const OccupancyIdentity = Type.Object(
  {
    key: Type.String({
      description: 'Equal for all records of one occupancy: portal and start, or number and content',
    }),
    content: Type.String({ description: 'SHA-256 of what was measured, without any time' }),
    document: Type.Optional(Type.String({ maxLength: 256, description: 'UUID of the N42 document' })),
    ended: Type.Boolean({
      description: 'False if the file ends before the occupancy does; a later file can continue it',
    }),
    unidentified: Type.Optional(
      Type.Literal(true, { description: 'It cannot be distinguished from other occupancies of the portal' }),
    ),
  },
  { ...closed, description: 'Identity of the occupancy, independent of the file' },
);
export type OccupancyIdentity = Static<typeof OccupancyIdentity>;

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
    kind: Type.Enum([
      'opened',
      'joined',
      'revised',
      'proposed',
      'adjudicated',
      'closed',
      'reopened',
      'join-proposed',
      'unjoined',
      'duplicate',
      'duplicate-found',
      'escalated',
    ]),
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
    dueAt: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'Time by which an officer must adjudicate it, counted from the last opening',
      }),
    ),
    escalatedAt: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'Time at which it escalated to supervisors; absent after it is opened again',
      }),
    ),
    occupancy: Type.Optional(Type.Integer({ minimum: 0, description: 'Number assigned by the portal' })),
    containers: Type.Array(Type.String(), { description: 'Named in the radiation record' }),
    alarms: Type.Array(RadiationAlarm, { description: 'As of the last record with new information' }),
    notMeasured: Type.Optional(
      Type.Array(HoldNotMeasured, {
        minItems: 1,
        description:
          'Reason why the portal did not measure the vehicle, or that its record cannot be read; it must pass again or be inspected',
      }),
    ),
    passage: Type.Optional(Passage),
    identity: Type.Optional(OccupancyIdentity),
    possiblySameAs: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        maxItems: 16,
        description: 'Holds that may be for the same occupancy; the files do not show it',
      }),
    ),
    join: RadiationJoin,
    notOf: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        maxItems: 256,
        description:
          'Scans that an officer has separated from it: none of them joins it again or counts as near',
      }),
    ),
    joinProposal: Type.Optional(
      Type.Object(
        { officer: Type.String(), at: Time, ...handJoin },
        {
          ...closed,
          description: 'Proposed scan, vehicle, separation or duplicate, which another officer must confirm',
        },
      ),
    ),
    adjudication: Type.Optional(
      Type.Object(
        {
          officer: Type.String(),
          at: Time,
          given: Adjudication,
          second: Type.Optional(
            Type.String({ description: 'Officer who proposed it, if two officers are required' }),
          ),
        },
        closed,
      ),
    ),
    proposal: Type.Optional(
      Type.Object(
        { officer: Type.String(), at: Time, given: Adjudication },
        { ...closed, description: 'Proposal that another officer must confirm' },
      ),
    ),
    outcome: Type.Optional(HoldOutcome),
    duplicateOf: Type.Optional(Type.String({ description: 'Hold of the same occupancy that replaces it' })),
    duplicates: Type.Optional(
      Type.Array(
        Type.Object(
          {
            holdId: Type.String(),
            scanIds: Type.Array(Type.String()),
            mark: Type.Optional({ ...Mark, description: 'Instead of marks, in holds stored before' }),
            marks: Type.Optional(Type.Array(Mark, { minItems: 1 })),
          },
          closed,
        ),
        {
          minItems: 1,
          description:
            'Holds that officers marked as duplicates of this one, and the scans and the vehicle that they held',
        },
      ),
    ),
    history: Type.Array(HoldEvent),
  },
  { $id: 'https://nii-hub.org/schemas/hold-1.1.json', title: 'Radiation hold', ...closed },
);
export type Hold = Static<typeof Hold>;

/** Of holds of before it was kept when they are due. */
const DUE_MINUTES_OF_BEFORE = 30;

/** By when an officer is to adjudicate it. */
export function dueTimeOf({ dueAt, openedAt }: Pick<Hold, 'dueAt' | 'openedAt'>): string {
  return dueAt ?? new Date(Date.parse(openedAt) + DUE_MINUTES_OF_BEFORE * 60_000).toISOString();
}

/**
 * Scans whose lane instruction the hold bears on: the radiation record itself, the X-ray scans that it may be of, and those of
 * its duplicates.
 */
export function scansHeld({
  scanId,
  join,
  duplicates = [],
}: Pick<Hold, 'scanId' | 'join'> & Partial<Pick<Hold, 'duplicates'>>): readonly string[] {
  return [...new Set([scanId, ...scansOfJoin(join), ...duplicates.flatMap(({ scanIds }) => scanIds)])];
}

/** The X-ray scans that an occupancy is of, or may be of. */
export function scansOfJoin(join: RadiationJoin): readonly string[] {
  switch (join.kind) {
    case 'joined':
      return [join.scanId];
    case 'ambiguous':
      return join.scanIds;
    case 'vehicle':
    case 'none':
      return [];
  }
}

/**
 * True where a join names the scan or the vehicle by more than a time, or by two sure times in the window that the site has set for the
 * pair of portal and scanner. A time alone is a guess: vehicles drive nose to tail, and clocks go wrong. An image without a mark leads to
 * no other image of its vehicle, so an alarm that officers have joined to it alone may still be of any that is near.
 */
export function isSurelyJoined({ join, passage }: Pick<Hold, 'join' | 'passage'>): boolean {
  const needsPassage = join.kind === 'joined' && join.by === 'time';
  const isUnmarked = join.kind === 'joined' && join.isUnmarked === true && join.mark === undefined;
  return isSureJoin(join) && !isUnmarked && (passage !== undefined || !needsPassage);
}

/** The mark by which officers have named its vehicle. */
export function markOfJoin(join: RadiationJoin): Mark | undefined {
  return join.kind === 'vehicle' || join.kind === 'joined' ? join.mark : undefined;
}

/** The marks by which officers have named its vehicle, also through an image that shows them. */
export function marksOfJoin(join: RadiationJoin): readonly Mark[] {
  const { containers = [] } = join.kind === 'joined' ? join : {};
  const mark = markOfJoin(join);
  return [...(mark === undefined ? [] : [mark]), ...marksOfTerms({ containers })];
}

/** The marks by which officers have named its vehicle, and those of its duplicates. */
export function marksHeld({ join, duplicates = [] }: Pick<Hold, 'join' | 'duplicates'>): readonly Mark[] {
  const ofDuplicates = duplicates.flatMap(({ mark, marks = [] }) => [mark, ...marks]);
  return [...marksOfJoin(join), ...ofDuplicates].filter((mark) => mark !== undefined);
}

/** What a record has said of an occupancy. */
export interface SaidByRecord extends Partial<Hold> {
  /** Where another record opened the hold. */
  readonly record?: Pick<Hold, 'scanId' | 'recordId'>;
}

/** What each revision of the record, and other records of the occupancy, have said, oldest first. */
export function saidByRecord({ history }: Pick<Hold, 'history'>): readonly SaidByRecord[] {
  return (
    history
      .filter(({ kind }) => kind === 'opened' || kind === 'revised')
      // The detail of these events is what `seen` of triage/radiation.ts made.
      .map(({ detail }) => detail as SaidByRecord)
  );
}

/**
 * All marks by which the alarm holds its vehicle for as long as it takes: those by which officers have named it, and every
 * container that any revision of its record has named. Visit ids repeat, so the visit of the record holds it for the days of
 * the policy alone.
 */
export function marksOfHold(
  hold: Pick<Hold, 'join' | 'duplicates' | 'containers' | 'history'>,
): readonly Mark[] {
  const earlier = saidByRecord(hold).flatMap(({ containers = [] }) => containers);
  const containers = [...new Set([...hold.containers, ...earlier])];
  return [...marksHeld(hold), ...marksOfTerms({ containers })];
}

/** As `isSurelyJoined`, of the join of any occupancy. */
export function isSureJoin(join: RadiationJoin): boolean {
  if (join.kind === 'vehicle') return true;
  if (join.kind !== 'joined') return false;
  if (join.by !== 'time') return true;
  return join.timeFrom === 'file' && join.isZoneAssumed !== true && join.isPaired === true;
}

/** While it does, every scan near it holds, too: it is not ended, and it may be of any of them. */
export function holdsAllNear(hold: Pick<Hold, 'state' | 'join' | 'passage'>): boolean {
  return holdStates[hold.state].isHolding && !isSurelyJoined(hold);
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
    visit: Type.Optional(Visit),
    containers: Type.Array(Type.String()),
    alarms: Type.Array(AlarmCategory, { description: 'Each category once' }),
    holdId: Type.Optional(
      Type.String({ description: 'Hold of the same occupancy, opened by an earlier record of it' }),
    ),
    join: RadiationJoin,
  },
  closed,
);
export type RadiationLink = Static<typeof RadiationLink>;
