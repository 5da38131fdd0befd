import Type, { type Static } from 'typebox';
import { Visit } from '../scan/circumstances.ts';
import { LaneInstruction } from './lane.ts';

const closed = { additionalProperties: false } as const;
const Time = Type.String({ format: 'date-time' });
const text = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, description });
/** Without U+0000: it is looked up in the database. */
const name = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, pattern: '^[^\\u0000]+$', description });

/** So many passages one report holds at most: an hour of a lane with a vehicle every seven seconds. */
export const PASSAGES_AT_ONCE = 500;

/** The instruction by which a barrier let a vehicle pass, as the lane controller has kept it. */
const ClaimedInstruction = Type.Object(
  {
    scanId: Type.Optional(name(64, 'Scan of the instruction. Default: `scanId` of the passage')),
    instruction: LaneInstruction,
    issuedAt: Time,
    expiresAt: Time,
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

/** Why a passage had no valid instruction. The first that applies, in this order. */
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
    'not-cleared',
  ],
  { description: 'Reason why there was no valid instruction' },
);
export type PassageReason = Static<typeof PassageReason>;

/** What became of a vehicle that passed without a valid instruction. */
export const Settlement = Type.Object(
  {
    outcome: Type.Enum(['accepted', 'recalled', 'not-found', 'searched'], {
      description:
        'accepted: no further action; recalled: the vehicle came back; not-found: it was searched for; searched: elsewhere',
    }),
    why: text(4096, 'Why, or what was found'),
  },
  closed,
);
export type Settlement = Static<typeof Settlement>;

const act = { at: Time, by: Type.String({ description: 'Id of a person, or of the key of a machine' }) };

/** One vehicle that passed a lane. Kept as an object, a version for the report and one for the settlement. */
export const LanePassage = Type.Object(
  {
    id: Type.String(),
    administration: Type.String(),
    site: Type.String(),
    sender: Type.String({ description: 'Sender of the report' }),
    state: Type.Enum(['valid', 'open', 'settled'], {
      description: 'valid: it had a valid instruction and is not listed',
    }),
    reason: Type.Optional(PassageReason),
    report: PassageReport,
    reported: Type.Object(act, closed),
    settled: Type.Optional(Type.Object({ ...act, ...Settlement.properties }, closed)),
  },
  closed,
);
export type LanePassage = Static<typeof LanePassage>;
