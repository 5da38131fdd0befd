import type { Analysis, UnitScore } from '../../core/case/finding.ts';
import { percentileOf } from '../../core/case/percentile.ts';
import type { ShadowPair } from '../../core/ports/records/models.ts';

/** Scans of one scanner and purpose; a running reference needs as many scores. */
const FEWEST_SCANS = 50;

/** A scan on which the active version looked, too. */
export interface LookedAt extends Omit<ShadowPair, 'active'> {
  readonly active: Analysis;
}

/** Of the highest score of one scan, from 0 to 100. */
export interface Percentiles {
  readonly active: number;
  readonly shadow: number;
  /** Both are among the same scans, or each among its package, so their gap says how far apart the versions are. */
  readonly isAlike: boolean;
}

/**
 * Where both versions looked at enough scans of one scanner and purpose, each percentile is among the scores that the
 * same version gave to these scans. Before, each is as it was stored: that of the shadow is among the reference of its
 * package alone, so it is alike only where that of the active version is so, too
 * (docs/decisions/0052-running-reference.md).
 */
export function percentilesAmong(pairs: readonly LookedAt[]): (pair: LookedAt) => Percentiles {
  const scores = new Map<string, { readonly active: number[]; readonly shadow: number[] }>();
  for (const pair of pairs) {
    const kind = kindOf(pair);
    const { active, shadow } = scores.get(kind) ?? { active: [], shadow: [] };
    active.push(highestOf(pair.active).score);
    shadow.push(highestOf(pair.shadow).score);
    scores.set(kind, { active, shadow });
  }
  for (const { active, shadow } of scores.values()) {
    active.sort((a, b) => a - b);
    shadow.sort((a, b) => a - b);
  }
  return (pair) => {
    const [active, shadow] = [highestOf(pair.active), highestOf(pair.shadow)];
    const among = scores.get(kindOf(pair));
    if (pair.origin === undefined || among === undefined || among.active.length < FEWEST_SCANS)
      return {
        active: active.anomalyPercentile,
        shadow: shadow.anomalyPercentile,
        isAlike: pair.active.reference?.ofScanner === undefined,
      };
    return {
      active: percentileOf(active.score, among.active),
      shadow: percentileOf(shadow.score, among.shadow),
      isAlike: true,
    };
  };
}

/** Scanner and purpose, and what was active: scores of two versions have no common scale. */
function kindOf({ origin, active, shadow }: LookedAt): string {
  return JSON.stringify([
    origin?.site,
    origin?.scanner,
    origin?.purpose,
    active.model.sha256,
    shadow.model.sha256,
  ]);
}

/** The unit that stands out most. */
export function highestOf({ units }: Analysis): Pick<UnitScore, 'score' | 'anomalyPercentile'> {
  const none = { score: Number.NEGATIVE_INFINITY, anomalyPercentile: 0 };
  return units.reduce<Pick<UnitScore, 'score' | 'anomalyPercentile'>>(
    (best, unit) => (unit.score > best.score ? unit : best),
    none,
  );
}
