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

const form = /^[A-Z]{3}[UJZ][0-9]{7}$/;
const partlyRead = /^[A-Z?]{3}[UJZ?][0-9?]{6,7}$/;

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

/** The number as ISO 6346 writes it: capitals, no blanks or punctuation. */
export function normaliseContainer(raw: string): string {
  return raw.toUpperCase().replace(/[\s\-./]/g, '');
}

/** Judges a normalised number. */
export function containerState(value: string): ContainerState {
  if (!form.test(value))
    return value.includes('?') && partlyRead.test(value) ? 'unread-characters' : 'not-iso6346';
  const remainder = checkRemainder(value.slice(0, 10));
  if (remainder % 10 !== Number(value[10])) return 'wrong-check-digit';
  return remainder === 10 ? 'ambiguous-check-digit' : 'valid';
}

/** Appends the check digit to owner code, category and serial number (ten characters). */
export function withCheckDigit(firstTen: string): string {
  return `${firstTen}${checkRemainder(firstTen) % 10}`;
}
