import Type, { type Static } from 'typebox';

/** Where a case of one inspection unit is on its way through the analysts. */
export const CaseState = Type.Enum([
  'queued',
  'claimed',
  'decided',
  'disputed',
  'search',
  'searched',
  'closed',
]);
export type CaseState = Static<typeof CaseState>;

/** Moves that a state must allow, as the end of "The case cannot be …". */
export type CaseMove =
  | 'claimed'
  | 'taken back'
  | 'decided or released'
  | 'given to a second analyst'
  | 'settled'
  | 'referred to a search'
  | 'given an outcome'
  | 'accepted'
  | 'closed'
  | 'linked to a new scan'
  | 'reopened';

interface CaseStateFacts {
  /** Moves that the state allows; every other is a conflict. */
  readonly canBe: readonly CaseMove[];
  /** The queue lists it unless other states are asked for. */
  readonly isInQueue: boolean;
  /** A verdict or an outcome stands, so the lane can be told what it means. */
  readonly isDecided: boolean;
  /** Somebody may still read the image: nobody sees what others said of it. */
  readonly hidesVerdicts: boolean;
  /** What becomes of the case when the unit turns out to be another than the one that was looked at. */
  readonly whenUnitChanges: 'stays' | 'is-released' | 'is-reopened';
}

export const caseStates: Readonly<Record<CaseState, CaseStateFacts>> = {
  queued: {
    canBe: ['claimed'],
    isInQueue: true,
    isDecided: false,
    hidesVerdicts: true,
    whenUnitChanges: 'stays',
  },
  claimed: {
    canBe: ['taken back', 'decided or released'],
    isInQueue: true,
    isDecided: false,
    hidesVerdicts: true,
    whenUnitChanges: 'is-released',
  },
  decided: {
    canBe: [
      'given to a second analyst',
      'settled',
      'referred to a search',
      'accepted',
      'closed',
      'linked to a new scan',
      'reopened',
    ],
    isInQueue: false,
    isDecided: true,
    hidesVerdicts: false,
    whenUnitChanges: 'is-reopened',
  },
  disputed: {
    canBe: ['settled', 'referred to a search'],
    isInQueue: false,
    isDecided: false,
    hidesVerdicts: false,
    whenUnitChanges: 'is-reopened',
  },
  search: {
    canBe: ['given an outcome'],
    isInQueue: false,
    isDecided: false,
    hidesVerdicts: false,
    whenUnitChanges: 'stays',
  },
  searched: {
    canBe: ['accepted', 'referred to a search', 'reopened'],
    isInQueue: false,
    isDecided: false,
    hidesVerdicts: false,
    whenUnitChanges: 'stays',
  },
  closed: {
    canBe: ['accepted', 'reopened'],
    isInQueue: false,
    isDecided: true,
    hidesVerdicts: false,
    whenUnitChanges: 'is-reopened',
  },
};

/** Every state of which a fact holds, in the order of the table. */
export function caseStatesThat(holds: (facts: CaseStateFacts) => boolean): readonly CaseState[] {
  return CaseState.enum.filter((state) => holds(caseStates[state]));
}
