/*
 * JPEG Lossless with first-order prediction (ITU-T T.81 Annex H, process 14, selection value 1), one component, samples of
 * 8 or 16 bits in memory: the loops over samples alone. Headers, tables and every check of a stream are in
 * src/codec/pixels/jpeg-lossless/. The caller says where in memory what lies; nothing is allocated here.
 *
 * AssemblyScript. Built by `npm run kernels` into src/codec/pixels/jpeg-lossless/kernel.ts.
 */

/** Bits of a difference (T.81 table H.2): 0 for none, 16 for 32768, which has no further bits. */
function categoryOf(difference: i32): i32 {
  return 32 - <i32>clz(abs(difference));
}

/** Modulo 2^16, as T.81 H.1.2.1 has it. */
function differenceOf(sample: i32, prediction: i32): i32 {
  return ((sample - prediction) << 16) >> 16;
}

/** Counts the categories of a frame into 17 numbers of 32 bits; gives all samples joined by OR. */
function tally<T>(samples: usize, rows: i32, columns: i32, first: i32, counts: usize): i32 {
  let at = samples;
  let above = first;
  let all = 0;
  for (let row = 0; row < rows; row++) {
    let before = above;
    above = <i32>load<T>(at);
    const end = at + <usize>columns * sizeof<T>();
    for (; at < end; at += sizeof<T>()) {
      const sample = <i32>load<T>(at);
      all |= sample;
      const count = counts + ((<usize>categoryOf(differenceOf(sample, before))) << 2);
      store<u32>(count, load<u32>(count) + 1);
      before = sample;
    }
  }
  return all;
}

export function tally8(samples: usize, rows: i32, columns: i32, first: i32, counts: usize): i32 {
  return tally<u8>(samples, rows, columns, first, counts);
}

export function tally16(samples: usize, rows: i32, columns: i32, first: i32, counts: usize): i32 {
  return tally<u16>(samples, rows, columns, first, counts);
}

/** Whether one of four bytes is 0xFF. */
function hasMarkerByte(word: u32): bool {
  return ((~word - 0x01010101) & word & 0x80808080) != 0;
}

/** One byte of entropy-coded data; a zero follows 0xFF (T.81 F.1.2.3). */
function putByte(out: usize, byte: u32): usize {
  store<u8>(out, <u8>byte);
  if ((byte & 0xff) != 0xff) return out + 1;
  store<u8>(out + 1, 0);
  return out + 2;
}

/**
 * Codes a frame. `codes`: for each of 17 categories the code, moved left by the further bits, and how many bits both are,
 * 32 bits each. Gives the end of what it wrote from `out` on; 0 where that would pass `limit`.
 */
function encode<T>(
  samples: usize,
  rows: i32,
  columns: i32,
  first: i32,
  codes: usize,
  out: usize,
  limit: usize,
): usize {
  let at = samples;
  let above = first;
  let bits: u64 = 0;
  let count = 0;
  for (let row = 0; row < rows; row++) {
    let before = above;
    above = <i32>load<T>(at);
    const end = at + <usize>columns * sizeof<T>();
    for (; at < end; at += sizeof<T>()) {
      const sample = <i32>load<T>(at);
      const difference = differenceOf(sample, before);
      before = sample;
      const category = categoryOf(difference);
      const code = codes + ((<usize>category) << 3);
      const further = (difference + (difference >> 31)) & ((1 << (category & 15)) - 1);
      const length = load<i32>(code, 4);
      bits = (bits << length) | <u64>(load<u32>(code) | further);
      count += length;
      if (count >= 32) {
        count -= 32;
        const word = <u32>(bits >> count);
        if (out + 8 > limit) return 0;
        if (hasMarkerByte(word)) {
          out = putByte(out, word >> 24);
          out = putByte(out, (word >> 16) & 0xff);
          out = putByte(out, (word >> 8) & 0xff);
          out = putByte(out, word & 0xff);
        } else {
          store<u32>(out, bswap(word));
          out += 4;
        }
      }
    }
  }
  if (out + 10 > limit) return 0;
  for (; count >= 8; count -= 8) out = putByte(out, <u32>(bits >> (count - 8)) & 0xff);
  if (count > 0) out = putByte(out, (((<u32>bits) << (8 - count)) | ((1 << (8 - count)) - 1)) & 0xff);
  return out;
}

export function encode8(
  s: usize,
  rows: i32,
  columns: i32,
  first: i32,
  codes: usize,
  out: usize,
  limit: usize,
): usize {
  return encode<u8>(s, rows, columns, first, codes, out, limit);
}

export function encode16(
  s: usize,
  rows: i32,
  columns: i32,
  first: i32,
  codes: usize,
  out: usize,
  limit: usize,
): usize {
  return encode<u16>(s, rows, columns, first, codes, out, limit);
}

/** Codes of at most so many bits are found at once. */
const QUICK_BITS = 10;

/**
 * Decodes a frame from the entropy-coded data between `input` and `end`, where the next marker lies. `quick`: by the next
 * 10 bits the length of the code (high byte) and its category, 16 bits; 0 for longer codes. `long`: for each length from
 * 1 to 16 the first code beyond those of this length, moved left to 16 bits, and what to add to a code for its place
 * in `symbols`, 32 bits each. Returns 0; 1 where the data are not exactly this frame; 2 where a sample has a bit beyond
 * `mask`.
 */
function decode<T>(
  input: usize,
  end: usize,
  rows: i32,
  columns: i32,
  first: i32,
  tables: usize,
  out: usize,
  mask: i32,
): i32 {
  const quick = tables;
  const long = tables + (2 << QUICK_BITS);
  const symbols = long + 17 * 8;
  let at = out;
  let above = first;
  let bits: u64 = 0;
  let count = 0;
  let missing = 0;
  let all = 0;
  for (let row = 0; row < rows; row++) {
    let before = above;
    const rowEnd = at + <usize>columns * sizeof<T>();
    for (; at < rowEnd; at += sizeof<T>()) {
      if (count < 32) {
        if (input + 4 <= end && !hasMarkerByte(load<u32>(input))) {
          bits |= (<u64>bswap(load<u32>(input))) << (32 - count);
          input += 4;
          count += 32;
        } else {
          while (count <= 56) {
            let byte: u64 = 0;
            if (input < end) {
              byte = load<u8>(input++);
              if (byte == 0xff) {
                if (input >= end || load<u8>(input) != 0) return 1;
                input++;
              }
            } else missing += 8;
            bits |= byte << (56 - count);
            count += 8;
          }
        }
      }
      let entry = <i32>load<u16>(quick + ((<usize>(bits >> (64 - QUICK_BITS))) << 1));
      if (entry == 0) {
        const next = <i32>(bits >> 48);
        let length = QUICK_BITS + 1;
        while (length <= 16 && next >= load<i32>(long + ((<usize>length) << 3))) length++;
        if (length > 16) return 1;
        const place = (next >> (16 - length)) + load<i32>(long + ((<usize>length) << 3), 4);
        entry = (length << 8) | <i32>load<u8>(symbols + <usize>place);
      }
      const length = entry >> 8;
      const category = entry & 0xff;
      bits <<= length;
      let difference = 0;
      let further = 0;
      if (category == 16) difference = 32768;
      else if (category > 0) {
        further = category;
        const value = <i32>(bits >> (64 - category));
        difference = value - (((value >> (category - 1)) - 1) & ((1 << category) - 1));
        // a value without its highest bit stands for a negative difference
      }
      bits <<= further;
      count -= length + further;
      before = (before + difference) & 0xffff;
      all |= before;
      store<T>(at, <T>before);
    }
    above = <i32>load<T>(rowEnd - <usize>columns * sizeof<T>());
  }
  if (input != end || count < missing || count - missing >= 8) return 1;
  return (all & ~mask) == 0 ? 0 : 2;
}

export function decode8(
  input: usize,
  end: usize,
  rows: i32,
  columns: i32,
  first: i32,
  tables: usize,
  out: usize,
  mask: i32,
): i32 {
  return decode<u8>(input, end, rows, columns, first, tables, out, mask);
}

export function decode16(
  input: usize,
  end: usize,
  rows: i32,
  columns: i32,
  first: i32,
  tables: usize,
  out: usize,
  mask: i32,
): i32 {
  return decode<u16>(input, end, rows, columns, first, tables, out, mask);
}
