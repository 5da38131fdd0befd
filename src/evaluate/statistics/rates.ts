import { normalCdf, normalQuantile } from './normal.ts';

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
