/** Both ends of a 95 % interval, within 0..1. */
export type Interval = [low: number, high: number];

/** A share with its 95 % Wilson interval. */
export interface Rate {
  readonly hits: number;
  /** At least 1. */
  readonly of: number;
  readonly rate: number;
  readonly interval: Interval;
}

const Z = normalQuantile(0.975);

/** @param of at least 1 and at least `hits` */
export function rateOf(hits: number, of: number): Rate {
  return { hits, of, rate: hits / of, interval: wilson(hits, of) };
}

/** The 95 % interval of a share by Wilson's score method; it stays within 0..1 also for no hits. */
export function wilson(hits: number, of: number): Interval {
  const share = hits / of;
  const wide = (Z * Z) / of;
  const middle = (share + wide / 2) / (1 + wide);
  const half = (Z * Math.sqrt((share * (1 - share)) / of + wide / (4 * of))) / (1 + wide);
  return [hits === 0 ? 0 : Math.max(0, middle - half), hits === of ? 1 : Math.min(1, middle + half)];
}

/**
 * The lowest threshold above which at most this share of ordinary scores lies. A score alarms when it is higher.
 * @param scores at least one, in any order
 * @param falseAlarms 0 to 1
 */
export function thresholdFor(scores: readonly number[], falseAlarms: number): number {
  const sorted = [...scores].sort((a, b) => a - b);
  const allowed = Math.floor(sorted.length * falseAlarms + 1e-9);
  return sorted[Math.max(0, sorted.length - 1 - allowed)] ?? Number.POSITIVE_INFINITY;
}

/** Share that an observer with this d′ detects at a rate of false alarms between 0 and 1. */
export function detectionOf(dPrime: number, falseAlarms: number): number {
  return normalCdf(dPrime - normalQuantile(1 - falseAlarms));
}

/** Share of pairs that an observer with this d′ puts in the right order. */
export function aurocOf(dPrime: number): number {
  return normalCdf(dPrime / Math.SQRT2);
}

/** Share of a standard normal distribution below x, within 1e-7. */
export function normalCdf(x: number): number {
  if (x > 40) return 1;
  if (x < -40) return 0;
  return x < 0 ? upperTail(-x) : 1 - upperTail(x);
}

/** Abramowitz and Stegun, formula 26.2.17: |error| < 7.5e-8. */
function upperTail(x: number): number {
  const t = 1 / (1 + 0.2316419 * x);
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series;
}

/** The value below which this share of a standard normal distribution lies. @param share above 0 and below 1 */
export function normalQuantile(share: number): number {
  let low = -40;
  let high = 40;
  // the tail formula is good to 1e-7, and 60 halvings of 80 go far below that
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
