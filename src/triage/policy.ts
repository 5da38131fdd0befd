import type { VerdictKind } from '../core/case/case.ts';
import { type Purpose, purposeFacts, purposes } from '../core/scan/purposes.ts';

/** What an administration decides about its queue; every number that the order depends on is here. */
export interface TriagePolicy {
  /** A case is due this long after its scan was received. */
  readonly dueMinutes: number;
  /** An instruction to the lane is worth nothing this long after it was given. */
  readonly instructionMinutes: number;
  /** How long an analyst holds a case without deciding. */
  readonly claimMinutes: number;
  /** However often the claim is renewed. */
  readonly longestClaimMinutes: number;
  /** So many cases a person may hand back in 24 hours; a supervisor takes back more. */
  readonly handBacksPerDay: number;
  /** A case that is due within this time is dealt before all others. */
  readonly urgentMinutes: number;
  /** From this percentile on a case is in the high band, and the next in the raised one. */
  readonly highPercentile: number;
  readonly raisedPercentile: number;
  /** Likewise for declared risk, 0 to 100. */
  readonly highRisk: number;
  readonly raisedRisk: number;
  /** How far ahead of its arrival the most unusual and the riskiest case are put. */
  readonly percentileHeadStartMinutes: number;
  readonly riskHeadStartMinutes: number;
  /** The same for a case that no model could look at: it may hide anything. */
  readonly notAnalysedHeadStartMinutes: number;
  readonly incompleteHeadStartMinutes: number;
  /** Verdicts that always get a second analyst; a unit that is scanned again never does. */
  readonly secondOpinionOn: readonly VerdictKind[];
  /** Of the normal verdicts this share is drawn for a second look, 0 to 1. */
  readonly secondOpinionShare: number;
  /** Who looks where two readings disagree: a third reader first, or a supervisor at once. */
  readonly disagreement: 'third-reader' | 'supervisor';
  readonly queuedPurposes: readonly Purpose[];
  /** A scan this long before or after an occupancy of a radiation portal is of the same vehicle. */
  readonly radiationWindowSeconds: number;
  /** While an alarm is not surely of one scan, those of its lane this long before and after it hold. */
  readonly alarmWindowMinutes: number;
}

export const defaultPolicy: TriagePolicy = Object.freeze<TriagePolicy>({
  dueMinutes: 60,
  instructionMinutes: 5,
  claimMinutes: 15,
  longestClaimMinutes: 60,
  handBacksPerDay: 5,
  urgentMinutes: 15,
  highPercentile: 95,
  raisedPercentile: 80,
  highRisk: 80,
  raisedRisk: 50,
  percentileHeadStartMinutes: 240,
  riskHeadStartMinutes: 240,
  notAnalysedHeadStartMinutes: 120,
  incompleteHeadStartMinutes: 15,
  secondOpinionOn: ['inconclusive'],
  secondOpinionShare: 0.02,
  disagreement: 'supervisor',
  queuedPurposes: purposes.filter((purpose) => purposeFacts[purpose].isQueued),
  radiationWindowSeconds: 120,
  alarmWindowMinutes: 45,
});
