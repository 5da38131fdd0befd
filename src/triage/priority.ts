import type { Case, QueueReason } from '../core/case/case.ts';
import type { LoadKind } from '../core/case/finding.ts';
import { formatModelReason, formatPercentile } from '../core/case/reason-text.ts';
import { defined } from '../core/defined.ts';
import { completenesses } from '../core/scan/completeness.ts';
import type { NiiScan } from '../core/scan/scan.ts';
import type { TriagePolicy } from './policy.ts';

/** All that the place of a case in the queue depends on; the present time is not part of it. */
export interface RankInput {
  readonly dueAt: string;
  readonly percentile?: number;
  /** What the goods look like, and the percentile among such loads alone. */
  readonly load?: LoadKind;
  readonly loadPercentile?: number;
  /** Where several models gave a percentile: id@version of the one with the highest, and how many there are. */
  readonly highestOf?: { readonly model: string; readonly models: number };
  readonly isOfWholePicture?: boolean;
  readonly notAnalysed?: string;
  readonly completeness?: NiiScan['completeness'];
  readonly declaredRisk?: number;
  readonly declarationReasons: readonly string[];
  /** What was declared, in words, one for each declaration. */
  readonly declared?: readonly string[];
  readonly secondOpinion: boolean;
  readonly reopened?: string;
}

export type Rank = Pick<Case, 'priority' | 'band' | 'reasons'>;

/**
 * The place in the queue: seconds of the due time less the head starts, so that waiting alone moves every case
 * forward and nothing starves. Deterministic, and the same whenever it is computed.
 */
export function rank(input: RankInput, policy: TriagePolicy): Rank {
  const reasons = reasonsOf(input, policy);
  const headStart = reasons.reduce((total, reason) => total + reason.headStartMinutes, 0);
  return {
    priority: Date.parse(input.dueAt) / 1000 - headStart * 60,
    band: bandOf(input, policy),
    reasons: [...reasons],
  };
}

function reasonsOf(input: RankInput, policy: TriagePolicy): readonly QueueReason[] {
  return [
    ...percentileReason(input, policy),
    ...notAnalysedReason(input, policy),
    ...riskReason(input, policy),
    ...declaredReasons(input),
    ...completenessReason(input, policy),
    ...reasonsToReturn(input),
  ];
}

export function isReasonToReturn(code: QueueReason['code']): boolean {
  return code === 'second-opinion' || code === 'reopened';
}

/** Why a case is there once more; neither moves it, since its place would tell the next reader. */
export function reasonsToReturn({
  secondOpinion,
  reopened,
}: Pick<RankInput, 'secondOpinion' | 'reopened'>): QueueReason[] {
  return [
    ...(secondOpinion ? [reason('second-opinion', 'a second opinion is due', 0)] : []),
    ...(reopened === undefined ? [] : [reason('reopened', `reopened: ${reopened}`, 0)]),
  ];
}

function percentileReason(
  { percentile, load, loadPercentile, highestOf, isOfWholePicture = false }: RankInput,
  policy: TriagePolicy,
): readonly QueueReason[] {
  if (percentile === undefined) return [];
  const shown = formatPercentile(percentile);
  const text =
    percentile >= policy.raisedPercentile
      ? `more unusual than ${shown} % of comparable scans`
      : `not unusual: higher than ${shown} % of comparable scans`;
  const facts = formatModelReason({
    isOfWholePicture,
    ...defined({
      alike:
        load === undefined || loadPercentile === undefined ? undefined : { load, percentile: loadPercentile },
      highestOf,
    }),
  });
  const minutes = policy.percentileHeadStartMinutes * (percentile / 100) ** 4;
  return [reason('model', `${text}${facts}`, minutes)];
}

function notAnalysedReason({ notAnalysed }: RankInput, policy: TriagePolicy): readonly QueueReason[] {
  if (notAnalysed === undefined) return [];
  return [
    reason('not-analysed', `not analysed by a model: ${notAnalysed}`, policy.notAnalysedHeadStartMinutes),
  ];
}

function riskReason(
  { declaredRisk, declarationReasons }: RankInput,
  policy: TriagePolicy,
): readonly QueueReason[] {
  if (declaredRisk === undefined) return [];
  const why = declarationReasons.length === 0 ? '' : ` (${declarationReasons.join('; ')})`;
  return [
    reason(
      'risk',
      `declared risk ${declaredRisk} of 100${why}`,
      policy.riskHeadStartMinutes * (declaredRisk / 100),
    ),
  ];
}

/** What the analyst compares the picture with; it moves nothing, since what is declared is no sign of risk by itself. */
function declaredReasons({ declared = [] }: RankInput): readonly QueueReason[] {
  return declared.map((words) => reason('declaration', words, 0));
}

function completenessReason({ completeness }: RankInput, policy: TriagePolicy): readonly QueueReason[] {
  if (completeness === undefined || !completenesses[completeness].isIncomplete) return [];
  return [reason('completeness', 'channels are missing or cut short', policy.incompleteHeadStartMinutes)];
}

function reason(code: QueueReason['code'], text: string, minutes: number): QueueReason {
  return { code, text, headStartMinutes: Math.round(minutes * 1000) / 1000 };
}

function bandOf(input: RankInput, policy: TriagePolicy): Case['band'] {
  const { percentile = 0, declaredRisk = 0 } = input;
  if (percentile >= policy.highPercentile || declaredRisk >= policy.highRisk) return 'high';
  const raised =
    percentile >= policy.raisedPercentile ||
    declaredRisk >= policy.raisedRisk ||
    input.notAnalysed !== undefined;
  return raised ? 'raised' : 'routine';
}
