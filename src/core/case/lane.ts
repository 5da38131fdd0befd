import Type, { type Static } from 'typebox';
import { HoldState } from '../radiation/hold-states.ts';
import { Visit } from '../scan/circumstances.ts';

/** Advice to the crew at the lane. `proceed`: image control is complete; release stays customs' act. */
export const LaneInstruction = Type.Enum(['hold', 'proceed', 'rescan']);
export type LaneInstruction = Static<typeof LaneInstruction>;

/** Rows of the table in docs/reference/lane.md: what can be known of a vehicle, or of an object of inspection in it. */
export const LaneReason = Type.Enum([
  'person-in-danger',
  'held-by-hand',
  'alarm-waits',
  'not-measured',
  'alarm-confirmed',
  'alarm-near',
  'mark-unclear',
  'record-unread',
  'recovery-gap',
  'clock-unsure',
  'control-missing',
  'alarm-kept',
  'alarm-innocent',
  'alarm-released',
  'alarm-false',
  'alarm-test',
  'measured-again',
  'alarm-duplicate',
  'scan-failed',
  'scan-under-way',
  'nothing-to-decide',
  'undecided',
  'visit-missing',
  'selected-for-search',
  'in-search',
  'inconclusive',
  'incomplete',
  'disputed',
  'suspect',
  'found',
  'unsearched',
  'left-undecided',
  'searched-in-part',
  'rescan',
  'seized',
  'nothing-found',
  'search-accepted',
  'normal',
  'portal-only',
]);
export type LaneReason = Static<typeof LaneReason>;

const Time = Type.String({ format: 'date-time' });
const closed = { additionalProperties: false } as const;

/** What the lane may do with the vehicle; advice until customs releases. */
export const IssuedLaneInstruction = Type.Object(
  {
    number: Type.Integer({
      minimum: 0,
      description:
        'Rises with every instruction, whatever the clocks show: of several on a vehicle the highest counts',
    }),
    instruction: LaneInstruction,
    final: Type.Boolean({ description: 'No decision and no step is pending' }),
    issuedAt: Time,
    expiresAt: Type.String({
      format: 'date-time',
      description: "It is invalid from this time on: request it again, or follow the site's own rule",
    }),
    scanId: Type.String(),
    visit: Type.Optional(Visit),
    otherScans: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        description:
          'Scans and radiation records of the same visit: the instruction is on the vehicle of all of them. Left out where reasons are',
      }),
    ),
    policy: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'Version of the policy that was used; 0: the defaults',
      }),
    ),
    reasons: Type.Optional(
      Type.Array(
        Type.Object(
          {
            code: LaneReason,
            text: Type.String(),
            scanId: Type.Optional(
              Type.String({ description: 'Other scan of the visit, if the row is about that scan' }),
            ),
            unitId: Type.Optional(Type.String({ description: 'Object of inspection that the row is about' })),
            holdId: Type.Optional(Type.String({ description: 'Radiation hold that the row is about' })),
          },
          closed,
        ),
        {
          minItems: 1,
          description:
            'Rows of the published table that made it, the weightiest first. Left out for a scanner, and for an analyst: they are what others say',
        },
      ),
    ),
    units: Type.Array(
      Type.Object(
        {
          unitId: Type.String(),
          container: Type.Optional(Type.String()),
          instruction: LaneInstruction,
        },
        closed,
      ),
      {
        description:
          'Objects of inspection of this scan, each with the instruction of the vehicle: an innocent one goes nowhere while another holds the vehicle',
      },
    ),
    holds: Type.Optional(
      Type.Array(Type.Object({ holdId: Type.String(), state: HoldState, text: Type.String() }, closed), {
        description: 'Radiation alarms of the vehicle, including ended ones',
      }),
    ),
  },
  closed,
);
export type IssuedLaneInstruction = Static<typeof IssuedLaneInstruction>;
