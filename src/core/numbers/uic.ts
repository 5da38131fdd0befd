/**
 * Numbers of railway wagons: twelve digits, the last a check digit (UIC leaflet 438-2; the Luhn algorithm over the
 * first eleven). Written with blanks, hyphens and slashes.
 */
export function normaliseWagon(written: string): string {
  return written.replace(/[\s./-]/g, '');
}

/** Check digit of the first eleven digits. */
export function wagonCheckDigit(digits: string): number {
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return (10 - (sum % 10)) % 10;
}

/** Twelve digits whose last is the right check digit. */
export function isWagonNumber(normalised: string): boolean {
  if (!/^[0-9]{12}$/.test(normalised)) return false;
  return wagonCheckDigit(normalised.slice(0, 11)) === Number(normalised[11]);
}
