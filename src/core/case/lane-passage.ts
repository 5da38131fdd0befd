import Type, { type Static } from 'typebox';
import { type MarkKind, markOf } from '../rules/vehicle-hold.ts';
import { Visit } from '../scan/circumstances.ts';
import { LaneInstruction, LaneReason } from './lane.ts';

const closed = { additionalProperties: false } as const;
const Time = Type.String({ format: 'date-time' });
const text = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, description });
/** Without U+0000: it is looked up in the database. */
const name = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, pattern: '^[^\\u0000]+$', description });

/** So many passages one report holds at most: an hour of a lane with a vehicle every seven seconds. */
export const PASSAGES_AT_ONCE = 500;

/** Facts of one passage at most: it is listed with the first. */
export const FACTS_OF_PASSAGE = 100;

/** The instruction by which a barrier let a vehicle pass, as the lane controller has kept it. */
const ClaimedInstruction = Type.Object(
  {
    scanId: Type.Optional(name(64, 'Scan of the instruction. Default: `scanId` of the passage')),
    instruction: LaneInstruction,
    issuedAt: Time,
    expiresAt: Time,
    number: Type.Optional(Type.Integer({ minimum: 0, description: 'Number of the instruction' })),
  },
  closed,
);

/** What a lane controller or a station says of one vehicle that passed. */
export const PassageReport = Type.Object(
  {
    id: name(64, "The sender's own; the same id with the same words is the same passage"),
    at: Type.String({ format: 'date-time', description: 'When the vehicle passed' }),
    lane: Type.Optional(name(128, 'Name of the lane')),
    scanId: Type.Optional(name(64, 'The scan of the vehicle')),
    containers: Type.Optional(Type.Array(name(32, 'Number of a container'), { maxItems: 16 })),
    plates: Type.Optional(Type.Array(name(32, 'Licence plate'), { maxItems: 8 })),
    visit: Type.Optional(Visit),
    instruction: Type.Optional(ClaimedInstruction),
    fallback: Type.Optional(text(1024, 'What was done in place of an instruction')),
  },
  closed,
);
export type PassageReport = Static<typeof PassageReport>;

/** Why a passage is listed. The first that applies, in this order. */
export const PassageReason = Type.Enum(
  [
    'none',
    'in-future',
    'not-yet-issued',
    'expired',
    'was-hold',
    'was-rescan',
    'too-long',
    'other-scan',
    'unknown-scan',
    'other-vehicle',
    'not-cleared',
    'something-open',
    'used-before',
    'older-instruction',
    'left-with-fact',
  ],
  {
    description:
      'Reason why there was no valid instruction; left-with-fact: it was valid, and something became known after the vehicle left',
  },
);
export type PassageReason = Static<typeof PassageReason>;

/** What is or was open against a vehicle that left: a row of the table of instructions. */
export const OpenFact = Type.Object(
  {
    code: LaneReason,
    text: Type.String({ description: 'The row in words' }),
    since: Type.String({ format: 'date-time', description: 'When the service learnt of it' }),
    scanId: Type.Optional(Type.String({ description: 'Scan that it is about' })),
    unitId: Type.Optional(Type.String({ description: 'Object of inspection that it is about' })),
    holdId: Type.Optional(Type.String({ description: 'Radiation hold that it is about' })),
  },
  closed,
);
export type OpenFact = Static<typeof OpenFact>;

/** What became of a vehicle that passed without a valid instruction, or with something open. */
export const Settlement = Type.Object(
  {
    outcome: Type.Enum(
      ['accepted', 'recalled', 'not-found', 'searched', 'handed-over', 'not-reached', 'mistaken'],
      {
        description:
          'accepted: no further action; recalled: the vehicle was stopped and brought back; not-found: it was searched for; searched: elsewhere; handed-over: to the neighbour or the police; not-reached: it is out of reach; mistaken: what was open is not of this vehicle',
      },
    ),
    why: text(4096, 'Why, or what was found'),
  },
  closed,
);
export type Settlement = Static<typeof Settlement>;

const act = { at: Time, by: Type.String({ description: 'Id of a person, or of the key of a machine' }) };

/** One vehicle that passed a lane. Kept as an object, a version for each change. */
export const LanePassage = Type.Object(
  {
    id: Type.String(),
    administration: Type.String(),
    site: Type.String(),
    sender: Type.String({ description: 'Sender of the report' }),
    state: Type.Enum(['valid', 'open', 'settled'], {
      description: 'valid: it had a valid instruction and is not listed',
    }),
    version: Type.Optional(Type.Integer({ minimum: 1, description: 'Default: 1 as reported, 2 as settled' })),
    reason: Type.Optional(PassageReason),
    since: Type.Optional(
      Type.String({ format: 'date-time', description: 'Its clock runs from this time. Default: the report' }),
    ),
    facts: Type.Optional(
      Type.Array(OpenFact, {
        minItems: 1,
        maxItems: FACTS_OF_PASSAGE,
        description: 'What was open when the vehicle passed, and what became known after that, oldest first',
      }),
    ),
    report: PassageReport,
    reported: Type.Object(act, closed),
    settled: Type.Optional(
      Type.Object(
        { ...act, ...Settlement.properties },
        { ...closed, description: 'The last settlement; a new fact after it opens the passage again' },
      ),
    ),
  },
  closed,
);
export type LanePassage = Static<typeof LanePassage>;

/** The id of the scan that the instruction is of. */
export function scanOfInstruction({ instruction, scanId }: PassageReport): string | undefined {
  return instruction === undefined ? undefined : (instruction.scanId ?? scanId);
}

/** What a passage is found by: `scan:`, `container:`, `visit:` or `plate:` before the mark as it is compared. */
export function marksOfPassage(report: PassageReport): readonly string[] {
  const { scanId, visit, containers = [], plates = [] } = report;
  return passageMarks({
    scanIds: [scanId, scanOfInstruction(report)].filter((id) => id !== undefined),
    containers,
    visits: visit === undefined ? [] : [visit],
    plates,
  });
}

export interface PassageMarks {
  readonly scanIds: readonly string[];
  readonly containers: readonly string[];
  readonly visits: readonly string[];
  /** By them a check-in finds its passage. */
  readonly plates?: readonly string[];
}

export function passageMarks({ scanIds, containers, visits, plates = [] }: PassageMarks): readonly string[] {
  const marksOf = (kind: MarkKind, written: readonly string[]) =>
    written
      .map((one) => markOf(kind, one).value)
      .filter((value) => value !== '')
      .map((value) => `${kind}:${value}`);
  return [
    ...new Set([
      ...scanIds.map((id) => `scan:${id}`),
      ...marksOf('container', containers),
      ...marksOf('visit', visits),
      ...marksOf('plate', plates),
    ]),
  ];
}
