/**
 * A Huffman table as a stream carries it (ITU-T T.81 B.2.4.2): how many codes there are of 1, 2 … 16 bits, and the
 * categories of differences that they stand for, shortest code first.
 */
export interface HuffmanTable {
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
}

/** Categories of differences, 0 to 16 (T.81 table H.2). */
export const CATEGORIES = 17;
const MOST_BITS = 16;
/** Stands for the code of ones alone, which no category may have (T.81 K.2). */
const RESERVED = CATEGORIES;

/** The table that codes this many differences of each category in the fewest bits (T.81 K.2). */
export function bestTable(frequencies: ArrayLike<number>): HuffmanTable {
  const sizes = codeSizes(Array.from({ length: CATEGORIES }, (_, category) => frequencies[category] ?? 0));
  const counts = withinMostBits(sizes);
  const symbols = Array.from({ length: CATEGORIES }, (_, category) => category)
    .filter((category) => (sizes[category] ?? 0) > 0)
    .toSorted((a, b) => (sizes[a] ?? 0) - (sizes[b] ?? 0) || a - b);
  return { counts, symbols };
}

/** Bits of each code before any is shortened: T.81 figure K.1. */
function codeSizes(categories: readonly number[]): number[] {
  const trees = [...categories, 1].map((frequency, symbol) => ({ frequency, symbols: [symbol] }));
  const sizes = trees.map(() => 0);
  let open = trees.filter(({ frequency }) => frequency > 0);
  while (open.length > 1) {
    const least = rarest(open);
    const rest = open.filter((tree) => tree !== least);
    const next = rarest(rest);
    const symbols = [...least.symbols, ...next.symbols];
    for (const symbol of symbols) sizes[symbol] = (sizes[symbol] ?? 0) + 1;
    // the joined tree stands where the rarest stood: where frequencies are equal, places decide
    const joined = { frequency: least.frequency + next.frequency, symbols };
    open = open.flatMap((tree) => (tree === least ? [joined] : tree === next ? [] : [tree]));
  }
  return sizes;
}

interface Tree {
  readonly frequency: number;
  readonly symbols: readonly number[];
}

/** The last of the rarest. */
function rarest(trees: readonly Tree[]): Tree {
  return trees.reduce((least, tree) => (tree.frequency <= least.frequency ? tree : least));
}

/** How many codes there are of each length, none longer than 16 bits and none of ones alone: T.81 figure K.3. */
function withinMostBits(sizes: readonly number[]): readonly number[] {
  const counts = new Array<number>(RESERVED + 2).fill(0);
  const at = (bits: number) => counts[bits] ?? 0;
  const add = (bits: number, more: number) => {
    counts[bits] = at(bits) + more;
  };
  for (const size of sizes) if (size > 0) add(size, 1);
  for (let bits = counts.length - 1; bits > MOST_BITS; bits -= 1) {
    while (at(bits) > 0) {
      let shorter = bits - 2;
      while (at(shorter) === 0) shorter -= 1;
      add(bits, -2);
      add(bits - 1, 1);
      add(shorter + 1, 2);
      add(shorter, -1);
    }
  }
  const longest = counts.findLastIndex((count) => count > 0);
  add(longest, -1);
  return counts.slice(1, MOST_BITS + 1);
}

/** A code of the table. */
export interface Code {
  readonly category: number;
  readonly code: number;
  readonly bits: number;
}

/**
 * The codes of a table in order (T.81 C.2). Undefined where the counts ask for more codes than this many bits have, or for a
 * code of ones alone, and where the symbols are other than categories.
 */
export function codesOf({ counts, symbols }: HuffmanTable): readonly Code[] | undefined {
  const codes: Code[] = [];
  let code = 0;
  for (let bits = 1; bits <= MOST_BITS; bits += 1) {
    for (let i = 0; i < (counts[bits - 1] ?? 0); i += 1) {
      const category = symbols[codes.length];
      if (category === undefined || category >= CATEGORIES || code >= 2 ** bits - 1) return undefined;
      codes.push({ category, code, bits });
      code += 1;
    }
    code *= 2;
  }
  return codes.length === symbols.length ? codes : undefined;
}
