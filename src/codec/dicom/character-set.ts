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
