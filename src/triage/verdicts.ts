import type { OutcomeKind, SearchOutcome, VerdictKind } from '../core/case/case.ts';

interface VerdictFacts {
  /** Lets the object of inspection go, so that a newer revision makes somebody look again. */
  readonly letsGo: boolean;
  /** Whether the case can be closed without a search or another opinion. */
  readonly canBeClosed: 'freely' | 'with a reason' | 'never';
  /** The unit waits for its new scan. */
  readonly awaitsScan: boolean;
  /** Whether a second analyst looks: where the policy names the verdict, or also by a draw among all of them. */
  readonly secondOpinion: 'never' | 'by policy' | 'by policy or draw';
}

/** What each verdict means for the case and the lane. */
export const verdicts: Readonly<Record<VerdictKind, VerdictFacts>> = {
  normal: {
    letsGo: true,
    canBeClosed: 'freely',
    awaitsScan: false,
    secondOpinion: 'by policy or draw',
  },
  suspect: {
    letsGo: false,
    canBeClosed: 'never',
    awaitsScan: false,
    secondOpinion: 'by policy',
  },
  inconclusive: {
    letsGo: false,
    canBeClosed: 'with a reason',
    awaitsScan: false,
    secondOpinion: 'by policy',
  },
  'scan-again': {
    letsGo: false,
    canBeClosed: 'freely',
    awaitsScan: true,
    secondOpinion: 'never',
  },
};

/** Lets it go, or sends it to another scan; the other verdicts hold it. */
export function movesVehicle(kind: VerdictKind): boolean {
  return verdicts[kind].letsGo || verdicts[kind].awaitsScan;
}

interface OutcomeFacts {
  /** The fields that the outcome needs, and their names in the message. */
  readonly needs: readonly (keyof SearchOutcome)[];
  readonly needsInWords: string;
}

/** What each outcome of a search means. */
export const outcomes: Readonly<Record<OutcomeKind, OutcomeFacts>> = {
  found: { needs: ['what', 'where'], needsInWords: 'what and where' },
  'nothing-found': {
    needs: ['method', 'extent'],
    needsInWords: 'method and extent',
  },
  unsearched: { needs: [], needsInWords: '' },
};
