import Type, { type Static } from 'typebox';

/** What can be said of a container number (ISO 6346:2022). A bad one is a warning, never a lost scan. */
export const ContainerState = Type.Enum([
  'valid',
  'wrong-check-digit',
  'ambiguous-check-digit',
  'unread-characters',
  'not-iso6346',
]);
export type ContainerState = Static<typeof ContainerState>;

const containerForm = /^[A-Z]{3}[UJZ][0-9]{7}$/;
const partlyReadContainer = /^[A-Z?]{3}[UJZ?][0-9?]{6,7}$/;

/** Letter values of ISO 6346 annex A: A = 10, upwards, skipping the multiples of 11. */
function letterValue(letter: string): number {
  const index = letter.charCodeAt(0) - 65;
  return 10 + index + Math.floor((index + 9) / 10);
}

function characterValue(character: string): number {
  return /[0-9]/.test(character) ? Number(character) : letterValue(character);
}

/** The remainder of ISO 6346 annex A, 0 to 10, of the first ten characters; 10 is written as the digit 0. */
export function checkRemainder(firstTen: string): number {
  const sum = [...firstTen].reduce((total, character, i) => total + characterValue(character) * 2 ** i, 0);
  return sum % 11;
}

/** The number as ISO 6346 writes it: capitals, no blanks or punctuation. `mark_of` of the database does the same. */
export function normaliseContainer(raw: string): string {
  return raw.toUpperCase().replace(/[\s\-./]/g, '');
}

/** Judges a normalised number. */
export function containerState(value: string): ContainerState {
  if (!containerForm.test(value))
    return value.includes('?') && partlyReadContainer.test(value) ? 'unread-characters' : 'not-iso6346';
  const remainder = checkRemainder(value.slice(0, 10));
  if (remainder % 10 !== Number(value[10])) return 'wrong-check-digit';
  return remainder === 10 ? 'ambiguous-check-digit' : 'valid';
}

/** Appends the check digit to owner code, category and serial number (ten characters). */
export function withCheckDigit(firstTen: string): string {
  return `${firstTen}${checkRemainder(firstTen) % 10}`;
}

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
