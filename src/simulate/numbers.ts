import { checkRemainder, wagonCheckDigit, withCheckDigit } from '../core/check-digits.ts';
import { Random } from './random.ts';

/** Owner code NIIU is nobody's. Serial numbers whose check digit would be ambiguous are not used, as in the trade. */
export function containerNumber(random: Random): string {
  for (;;) {
    const firstTen = `NIIU${String(random.integer(100_000, 999_999))}`;
    if (checkRemainder(firstTen) !== 10) return withCheckDigit(firstTen);
  }
}

/** RFC 3339, UTC, within half a year. */
export function acquisitionTime(seed: number): string {
  const second = new Random(seed, 'time').integer(0, 180 * 24 * 3600);
  return new Date(Date.UTC(2026, 0, 5) + second * 1000).toISOString().replace('.000Z', 'Z');
}

/** Country code 00 is no country's; 31 to 33 are interchangeable freight wagons. */
export function wagonNumber(random: Random): string {
  const digits = `${random.integer(31, 33)}00${String(random.integer(4_000_000, 4_999_999))}`;
  return `${digits}${wagonCheckDigit(digits)}`;
}
