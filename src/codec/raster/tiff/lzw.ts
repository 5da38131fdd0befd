const CLEAR = 256;
const END = 257;
const FIRST = 258;
const CODES = 4096;

/**
 * LZW as TIFF 6.0 section 13 has it: codes of 9 to 12 bits, the most significant first, a width that grows one code
 * early. Stops at `limit` bytes, at the end code or at the end of the bytes; undefined when a code is none.
 */
export function inflateLzw(packed: Uint8Array, limit: number): Uint8Array | undefined {
  const out = new Uint8Array(limit);
  const prefix = new Uint16Array(CODES);
  const last = new Uint8Array(CODES);
  const length = new Uint16Array(CODES);
  for (let code = 0; code < CLEAR; code += 1) {
    last[code] = code;
    length[code] = 1;
  }
  let next = FIRST;
  let width = 9;
  let previous = -1;
  let at = 0;
  for (let bit = 0; bit + width <= packed.length * 8 && at < limit; ) {
    const code = codeAt(packed, bit, width);
    bit += width;
    if (code === END) break;
    if (code === CLEAR) {
      next = FIRST;
      width = 9;
      previous = -1;
      continue;
    }
    const known = code < CLEAR || code < next;
    if (previous < 0 ? code >= CLEAR : !known && code !== next) return undefined;
    if (previous >= 0 && next < CODES) {
      prefix[next] = previous;
      length[next] = (length[previous] ?? 0) + 1;
      last[next] = firstOf(known ? code : previous, prefix, last);
      next += 1;
    } else if (!known) return undefined;
    at = write(out, at, code, prefix, last, length);
    previous = code;
    if (next + 1 >= 1 << width && width < 12) width += 1;
  }
  return out.subarray(0, Math.min(at, limit));
}

function codeAt(packed: Uint8Array, bit: number, width: number): number {
  const at = bit >> 3;
  const three = ((packed[at] ?? 0) << 16) | ((packed[at + 1] ?? 0) << 8) | (packed[at + 2] ?? 0);
  return (three >> (24 - width - (bit & 7))) & ((1 << width) - 1);
}

/** Each prefix is a smaller code than what it begins, so this ends. */
function firstOf(code: number, prefix: Uint16Array, last: Uint8Array): number {
  let one = code;
  while (one >= FIRST) one = prefix[one] ?? 0;
  return last[one] ?? 0;
}

function write(
  out: Uint8Array,
  at: number,
  code: number,
  prefix: Uint16Array,
  last: Uint8Array,
  length: Uint16Array,
): number {
  const end = at + (length[code] ?? 0);
  for (let to = end - 1, one = code; to >= at; to -= 1) {
    if (to < out.length) out[to] = last[one] ?? 0;
    one = prefix[one] ?? 0;
  }
  return end;
}
