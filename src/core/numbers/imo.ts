/**
 * IMO ship identification number (IMO resolution A.1117(30)): seven digits, the last the check digit. Written with or
 * without "IMO" and blanks.
 */
export function normaliseImo(written: string): string {
  return written
    .toUpperCase()
    .replace(/[\s.-]/g, '')
    .replace(/^IMO/, '');
}

/** Seven digits whose last is that of 7·a + 6·b + 5·c + 4·d + 3·e + 2·f. */
export function isImoNumber(normalised: string): boolean {
  if (!/^[0-9]{7}$/.test(normalised)) return false;
  const sum = [...normalised.slice(0, 6)].reduce((total, digit, i) => total + Number(digit) * (7 - i), 0);
  return sum % 10 === Number(normalised[6]);
}
