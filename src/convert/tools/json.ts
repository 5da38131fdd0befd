import { decodeText } from '../../codec/text.ts';
import { NiiError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import type { Json } from '../../core/scan/scan.ts';
import type { NamedBytes } from '../../sdk/file.ts';

const SIZE_CEILING = 16 * 1024 * 1024;

/** Reads a JSON text of any Unicode encoding. @throws NII_MALFORMED, NII_LIMIT_DEPTH, NII_LIMIT_BYTES */
export function parseJson({ name, bytes }: NamedBytes, limits: Pick<Limits, 'depth'>): Json {
  if (bytes.length > SIZE_CEILING)
    throw new NiiError('NII_LIMIT_BYTES', `${name}: JSON too large (${bytes.length} bytes)`);
  const { text } = decodeText(bytes);
  if (nesting(text) > limits.depth) throw new NiiError('NII_LIMIT_DEPTH', `${name}: nested too deeply`);
  try {
    // What JSON.parse returns is of no other shape than Json.
    return JSON.parse(text.replace(/^\ufeff/, '')) as Json;
  } catch (cause) {
    throw new NiiError('NII_MALFORMED', { detail: `${name}: not JSON`, field: name, cause });
  }
}

const quote = 0x22;
const backslash = 0x5c;
const opening: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const closing: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** Deepest bracket outside of strings; counted before anything is built, each character once. */
function nesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i += 1) {
    const letter = text.charCodeAt(i);
    if (letter === quote) inString = !inString;
    else if (inString) i += letter === backslash ? 1 : 0;
    else if (opening.has(letter)) deepest = Math.max(deepest, ++depth);
    else if (closing.has(letter)) depth -= 1;
  }
  return deepest;
}
