import Type, { type Static } from 'typebox';
import { VerdictKind } from './case.ts';
import { LaneInstruction, LaneReason } from './lane.ts';

const closed = { additionalProperties: false } as const;

export const ToldWhen = Type.Enum(['at-once', 'when-it-stands', 'when-all-is-read'], {
  description:
    'when-it-stands: after the time in which the verdict can be taken back; when-all-is-read: and if nothing in mayHold holds the vehicle',
});
export type ToldWhen = Static<typeof ToldWhen>;

/** Facts that are hidden from a reader before the verdict, and may hold the vehicle after it. */
export const WhatMayHold = Type.Enum(['second-reading', 'random-search', 'other-objects', 'other-scans']);
export type WhatMayHold = Static<typeof WhatMayHold>;

/** What the lane would be told by each verdict on a case. */
export const VerdictOutlooks = Type.Object(
  {
    undoWindowSeconds: Type.Integer({ minimum: 0, description: 'Time in which a verdict can be taken back' }),
    verdicts: Type.Array(
      Type.Object(
        {
          kind: VerdictKind,
          instruction: LaneInstruction,
          told: ToldWhen,
          reasons: Type.Array(LaneReason, {
            minItems: 1,
            description: 'Rows of the table of instructions that apply, for this image and for alarms',
          }),
          mayHold: Type.Array(WhatMayHold, {
            description: 'The same for every reader, regardless of other readings of the image',
          }),
        },
        closed,
      ),
      { description: 'One for each verdict' },
    ),
  },
  closed,
);
export type VerdictOutlooks = Static<typeof VerdictOutlooks>;
