import { startsWith } from './bytes.ts';

/** A text of unknown encoding, decoded by what its bytes show. */
export interface DecodedText {
  readonly text: string;
  /** Encoding that the bytes are in, as the WHATWG Encoding Standard names it. */
  readonly encoding: string;
  /** Encoding that the text declares of itself (XML declaration), lower case. */
  readonly declared: string | undefined;
  /** The declaration names another encoding than the bytes are in. */
  readonly mismatch: boolean;
}

const byteOrderMarks: readonly (readonly [string, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** Of ASCII text in UTF-16 every second byte is zero; that many pairs are looked at. */
const PROBE_PAIRS = 64;

/** By byte-order mark, then by the zeros of UTF-16, then by the XML declaration, then UTF-8. Never throws. */
export function decodeText(bytes: Uint8Array): DecodedText {
  const marked = byteOrderMarks.find(([, mark]) => startsWith(bytes, mark));
  const wide = marked?.[0] ?? wideByZeros(bytes);
  if (wide !== undefined) return described(decodeAs(bytes, wide), wide);
  const declared = declaredEncoding(Buffer.from(bytes.subarray(0, 256)).toString('latin1'));
  const encoding = narrowEncoding(bytes, declared);
  return described(decodeAs(bytes, encoding), encoding);
}

function described(text: string, encoding: string): DecodedText {
  const declared = declaredEncoding(text);
  return { text, encoding, declared, mismatch: declared !== undefined && !names(declared, encoding) };
}

/** `utf-16` names both byte orders; any other label names what the Encoding Standard says. */
function names(label: string, encoding: string): boolean {
  if (/^(utf-?16|unicode|iso-10646-ucs-2|ucs-2)$/.test(label)) return encoding.startsWith('utf-16');
  return label === encoding || canonical(label) === encoding || isAsciiOfUtf8(label, encoding);
}

function isAsciiOfUtf8(label: string, encoding: string): boolean {
  return encoding === 'utf-8' && /^(us-)?ascii$/.test(label);
}

/** The Encoding Standard's name for a label, if it has one. */
function canonical(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined; // an unknown label names no encoding
  }
}

function declaredEncoding(head: string): string | undefined {
  return /^\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/
    .exec(head)?.[1]
    ?.toLowerCase();
}

function wideByZeros(bytes: Uint8Array): string | undefined {
  const pairs = Math.min(PROBE_PAIRS, bytes.length >> 1);
  let even = 0;
  let odd = 0;
  for (let i = 0; i < pairs; i++) {
    if (bytes[2 * i] === 0) even++;
    if (bytes[2 * i + 1] === 0) odd++;
  }
  if (pairs < 2) return undefined;
  if (odd > pairs * 0.6 && even === 0) return 'utf-16le';
  if (even > pairs * 0.6 && odd === 0) return 'utf-16be';
  return undefined;
}

/** The declared encoding where it is one of single bytes or fits, else UTF-8 where it fits, else windows-1252. */
function narrowEncoding(bytes: Uint8Array, declared: string | undefined): string {
  const candidate = declared === undefined ? undefined : canonical(declared);
  const usable =
    candidate !== undefined && !candidate.startsWith('utf-16') ? [candidate, 'utf-8'] : ['utf-8'];
  return usable.find((encoding) => fits(bytes, encoding)) ?? 'windows-1252';
}

function fits(bytes: Uint8Array, encoding: string): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false; // bytes that this encoding does not have
  }
}

function decodeAs(bytes: Uint8Array, encoding: string): string {
  return new TextDecoder(encoding).decode(bytes);
}
