import { latin1 } from '../bytes.ts';

/** Defined terms of Specific Character Set (PS3.3 C.12.1.1.2) as encodings that Node decodes. */
const encodings: Readonly<Record<string, string>> = {
  'ISO_IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO_IR 144': 'iso-8859-5',
  'ISO_IR 127': 'iso-8859-6',
  'ISO_IR 126': 'iso-8859-7',
  'ISO_IR 138': 'iso-8859-8',
  'ISO_IR 148': 'windows-1254',
  'ISO_IR 13': 'shift_jis',
  'ISO_IR 166': 'windows-874',
  'ISO_IR 192': 'utf-8',
  GB18030: 'gb18030',
  GBK: 'gbk',
};

/**
 * Text with its trailing padding (blanks, NULs) off. Without a known character set each byte is one Latin-1
 * character, so that nothing is lost; escape sequences of ISO 2022 are not interpreted.
 */
export function decodeText(bytes: Uint8Array, characterSet: string | undefined): string {
  const first = characterSet?.split('\\')[0]?.trim().replace('ISO 2022 IR', 'ISO_IR');
  const encoding = first === undefined ? undefined : encodings[first];
  const text =
    encoding === undefined ? latin1(bytes) : new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
  return text.replace(/[ \0]+$/, '');
}

/** True when every character is of the default repertoire, so that no character set need be named. */
export function isDefaultRepertoire(text: string): boolean {
  return /^[\x20-\x7e\t\n\f\r]*$/.test(text);
}

/** Sets of one byte a character in which text is written, the first that holds it; UTF-8 holds the rest. */
const singleByteSets = [
  'ISO_IR 100',
  'ISO_IR 101',
  'ISO_IR 109',
  'ISO_IR 110',
  'ISO_IR 144',
  'ISO_IR 126',
  'ISO_IR 127',
  'ISO_IR 138',
  'ISO_IR 148',
  'ISO_IR 166',
] as const;
const FIRST_UPPER = 0xa0;

const bytesOfSets: ReadonlyMap<string, ReadonlyMap<string, number>> = new Map(
  singleByteSets.map((term) => [term, upperHalf(term)]),
);

/** The characters above ASCII of a set with their bytes; windows variants differ from it only below 0xa0. */
function upperHalf(term: string): ReadonlyMap<string, number> {
  const bytes = Array.from({ length: 0x100 - FIRST_UPPER }, (_, i) => FIRST_UPPER + i);
  const letters = bytes.map((byte) => [decodeText(Uint8Array.of(byte), term), byte] as const);
  return new Map(letters.filter(([letter]) => letter !== '' && letter !== '\ufffd'));
}

/** The set to name for this text: none for the default repertoire, one of single bytes where it fits, else UTF-8. */
export function characterSetFor(text: string): string | undefined {
  if (isDefaultRepertoire(text)) return undefined;
  const letters = new Set([...text].filter((letter) => !isDefaultRepertoire(letter)));
  const fits = (term: string) => [...letters].every((letter) => bytesOfSets.get(term)?.has(letter) === true);
  return singleByteSets.find(fits) ?? 'ISO_IR 192';
}

/** Text as bytes of a set that `characterSetFor` names. @throws RangeError for a character that the set lacks */
export function encodeText(text: string, term: string | undefined): Uint8Array {
  const bytes = term === undefined ? undefined : bytesOfSets.get(term);
  if (bytes === undefined) return Buffer.from(text, 'utf8');
  return Uint8Array.from([...text], (letter) => {
    const byte = isDefaultRepertoire(letter) ? letter.charCodeAt(0) : bytes.get(letter);
    if (byte === undefined) throw new RangeError(`${term} has no character ${letter}`);
    return byte;
  });
}
