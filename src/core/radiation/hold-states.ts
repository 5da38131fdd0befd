import Type, { type Static } from 'typebox';

/** Where a radiation hold is on its way through the officers. */
export const HoldState = Type.Enum([
  'open',
  'innocent',
  'confirmed',
  'closed',
  'false',
  'test',
  'measured-again',
  'duplicate',
]);
export type HoldState = Static<typeof HoldState>;

/** Moves that a state must allow, as the end of "The hold cannot be …". */
export type HoldMoveName =
  | 'adjudicated'
  | 'closed'
  | 'reopened'
  | 'joined by hand'
  | 'settled as a duplicate'
  | 'escalated';

interface HoldStateFacts {
  /** Moves that the state allows; every other is a conflict. */
  readonly canBe: readonly HoldMoveName[];
  /** Nobody may let the vehicle go: the alarm is not adjudicated, or it is real and not ended. */
  readonly isHolding: boolean;
  /** An officer has said what the alarm is, so the hold stays with the scan that it was adjudicated with. */
  readonly isAdjudicated: boolean;
  /** Why the lane waits, after what the alarm is. */
  readonly inWords: string;
  /** What became of the alarm follows these words. */
  readonly saysOutcome: boolean;
}

/** No decision is pending, but an officer may open it again. */
function ended(inWords: string): HoldStateFacts {
  return { canBe: ['reopened'], isHolding: false, isAdjudicated: true, inWords, saysOutcome: false };
}

export const holdStates: Readonly<Record<HoldState, HoldStateFacts>> = {
  open: {
    canBe: ['adjudicated', 'joined by hand', 'settled as a duplicate', 'escalated'],
    isHolding: true,
    isAdjudicated: false,
    inWords: 'is waiting for a radiation officer',
    saysOutcome: false,
  },
  innocent: {
    canBe: ['reopened'],
    isHolding: false,
    isAdjudicated: true,
    inWords: 'is innocent',
    saysOutcome: false,
  },
  confirmed: {
    canBe: ['closed', 'reopened', 'joined by hand'],
    isHolding: true,
    isAdjudicated: true,
    inWords: 'is confirmed and with the competent authority',
    saysOutcome: false,
  },
  closed: {
    canBe: ['reopened'],
    isHolding: false,
    isAdjudicated: true,
    inWords: 'is closed',
    saysOutcome: true,
  },
  false: ended('is false'),
  test: ended('was a test'),
  'measured-again': ended('has ended: the vehicle was measured again'),
  duplicate: ended('is the same as another one'),
};

/** Every state of which a fact holds, in the order of the table. */
export function holdStatesThat(holds: (facts: HoldStateFacts) => boolean): readonly HoldState[] {
  return HoldState.enum.filter((state) => holds(holdStates[state]));
}

/** How a confirmed alarm ended. */
export const HoldEnding = Type.Enum(['released', 'detained', 'returned']);
export type HoldEnding = Static<typeof HoldEnding>;

/** Whether the vehicle may go. */
export const isVehicleFree: Readonly<Record<HoldEnding, boolean>> = {
  released: true,
  detained: false,
  returned: false,
};
