import type { SeededNumbers } from '../../../src/tools/contract/mutate.ts';
import { oneIn, oneOf } from './chance.ts';

/** Text that programs take for something else. */
const oddTexts = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\u0001\u001f\u007f',
  'line\nbreak',
  'line\r\nx-injected: 1',
  '\u202egpj.exe',
  '\ud800',
  'a\udfff',
  '\ufeffx',
  '\u{1f69a}\u{10ffff}',
  'ﬀ\u0130\u0131ß',
  'e\u0301',
  '../../etc/passwd',
  '..',
  '.',
  '/',
  '\\\\host\\share',
  '%00',
  '%2e%2e%2f',
  '%zz',
  '%ff%fe',
  '%',
  "' or 1=1 --",
  '";--',
  '$1',
  '%s%n',
  '<script>alert(1)</script>',
  '{{7*7}}',
  '#{7*7}',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'NaN',
  'true',
  '[]',
  '{}',
  '0',
  '-0',
  '-1',
  '1e308',
  '1e309',
  '0x10',
  '9007199254740993',
  '99999999999999999999999999',
  '2147483648',
  '1.5',
  '+1',
  '٣',
  'latest',
  '*',
  '"',
  '2026-02-30T25:61:61Z',
  '0000-01-01T00:00:00Z',
  '+275760-09-14T00:00:00Z',
  '2026-06-01',
] as const;

const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.';
const longLengths = [64, 65, 100, 101, 128, 129, 255, 256, 512, 1024, 4096, 4097, 7000] as const;

export function oddText(numbers: SeededNumbers): string {
  if (oneIn(numbers, 6)) return longText(numbers, oneOf<number>(numbers, longLengths));
  if (oneIn(numbers, 6)) return randomText(numbers);
  return oneOf<string>(numbers, oddTexts);
}

/** Letters and digits. */
export function word(numbers: SeededNumbers, length: number): string {
  return Array.from({ length }, () => alphabet[numbers.below(alphabet.length)]).join('');
}

/** The same character, so that it is cheap to make and to keep. */
export function longText(numbers: SeededNumbers, length: number): string {
  return oneOf(numbers, ['a', '0', '9', 'é', '%', '.', ',', '[', '"']).repeat(length);
}

/** Any code units, also halves of pairs. */
function randomText(numbers: SeededNumbers): string {
  const units = Array.from({ length: 1 + numbers.below(24) }, () =>
    oneIn(numbers, 3) ? numbers.below(0x10000) : numbers.below(0x80),
  );
  return String.fromCharCode(...units);
}
