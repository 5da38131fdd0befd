import type { SeededNumbers } from '../../src/tools/contract/mutate.ts';
import { tokens } from './tokens.ts';

/** Of a file this many bytes are headers most often. */
const HEAD = 512;
const BLOCK_CEILING = 256;
/** No mutation makes a larger file. */
const SIZE_CEILING = 256 * 1024;

/** What a mutation draws from. */
export interface Draw {
  readonly numbers: SeededNumbers;
  /** Files of this and of other packages, to splice with. */
  readonly others: readonly Uint8Array[];
}

type ChangeBytes = (bytes: Uint8Array, draw: Draw) => Uint8Array;

/** Every way to change bytes, by name. */
export const byteChanges: Readonly<Record<string, ChangeBytes>> = {
  cut: (bytes, { numbers }) => bytes.slice(0, numbers.below(bytes.length + 1)),
  'flip bit': (bytes, { numbers }) => patched(bytes, numbers, (old) => old ^ (1 << numbers.below(8))),
  'set byte': (bytes, { numbers }) => patched(bytes, numbers, () => numbers.below(256)),
  integer: overwriteInteger,
  'delete block': (bytes, { numbers }) => {
    const { from, to } = block(bytes, numbers);
    return joined(bytes.subarray(0, from), bytes.subarray(to));
  },
  'duplicate block': (bytes, { numbers }) => {
    const { from, to } = block(bytes, numbers);
    const copies = Array.from({ length: 1 + numbers.below(8) }, () => bytes.subarray(from, to));
    return joined(bytes.subarray(0, to), ...copies, bytes.subarray(to));
  },
  'swap blocks': swapBlocks,
  'fill block': (bytes, { numbers }) => {
    const { from, to } = block(bytes, numbers);
    return bytes.slice().fill(pick([0, 0xff, 0x20, 0x41], numbers) ?? 0, from, to);
  },
  'insert random': (bytes, { numbers }) =>
    inserted(bytes, numbers.bytes(numbers.below(BLOCK_CEILING)), numbers),
  'insert token': (bytes, { numbers }) => inserted(bytes, token(numbers), numbers),
  'overwrite with token': (bytes, { numbers }) => {
    const word = token(numbers);
    const at = place(bytes, numbers);
    return joined(bytes.subarray(0, at), word, bytes.subarray(at + word.length));
  },
  splice: (bytes, { numbers, others }) => {
    const other = pick(others, numbers) ?? bytes;
    return joined(bytes.subarray(0, place(bytes, numbers)), other.subarray(place(other, numbers)));
  },
  'random tail': (bytes, { numbers }) =>
    joined(bytes.subarray(0, numbers.below(HEAD)), numbers.bytes(numbers.below(600))),
  append: (bytes, { numbers, others }) => joined(bytes, pick(others, numbers) ?? bytes),
};

export function pick<T>(items: readonly T[], numbers: SeededNumbers): T | undefined {
  return items[numbers.below(items.length)];
}

/** The parts one behind the other, cut to the ceiling. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts).subarray(0, SIZE_CEILING));
}

function token(numbers: SeededNumbers): Uint8Array {
  return pick(tokens, numbers) ?? new Uint8Array();
}

/** Most often among the headers. */
function place({ length }: Uint8Array, numbers: SeededNumbers): number {
  return numbers.below(numbers.below(3) === 0 ? length + 1 : Math.min(HEAD, length) + 1);
}

function block(bytes: Uint8Array, numbers: SeededNumbers): { from: number; to: number } {
  const from = place(bytes, numbers);
  return { from, to: Math.min(bytes.length, from + 1 + numbers.below(BLOCK_CEILING)) };
}

function patched(bytes: Uint8Array, numbers: SeededNumbers, value: (old: number) => number): Uint8Array {
  if (bytes.length === 0) return bytes;
  const copy = bytes.slice();
  const at = Math.min(place(bytes, numbers), bytes.length - 1);
  copy[at] = value(copy[at] ?? 0);
  return copy;
}

function inserted(bytes: Uint8Array, part: Uint8Array, numbers: SeededNumbers): Uint8Array {
  const at = place(bytes, numbers);
  return joined(bytes.subarray(0, at), part, bytes.subarray(at));
}

function swapBlocks(bytes: Uint8Array, { numbers }: Draw): Uint8Array {
  const [first, second] = [block(bytes, numbers), block(bytes, numbers)].toSorted((a, b) => a.from - b.from);
  if (first === undefined || second === undefined || second.from < first.to) return bytes;
  return joined(
    bytes.subarray(0, first.from),
    bytes.subarray(second.from, second.to),
    bytes.subarray(first.to, second.from),
    bytes.subarray(first.from, first.to),
    bytes.subarray(second.to),
  );
}

/** A whole number of 1, 2, 4 or 8 bytes becomes one at the edge of its range, or one beside what it was. */
function overwriteInteger(bytes: Uint8Array, { numbers }: Draw): Uint8Array {
  const width = pick([1, 2, 4, 4, 8], numbers) ?? 4;
  if (bytes.length < width) return bytes;
  const copy = bytes.slice();
  const at = Math.min(place(bytes, numbers), bytes.length - width);
  const view = new DataView(copy.buffer, at, width);
  const littleEndian = numbers.below(2) === 0;
  const value = edgeValue(readUnsigned(view, littleEndian), width, bytes.length, numbers);
  writeUnsigned(view, value, littleEndian);
  return copy;
}

function edgeValue(old: bigint, width: number, length: number, numbers: SeededNumbers): bigint {
  const top = 1n << BigInt(width * 8);
  const edges = [0n, 1n, 2n, top - 1n, top - 2n, top / 2n, top / 2n - 1n, top / 2n + 1n, top / 4n];
  const near = [old + 1n, old - 1n, old * 2n, old / 2n, BigInt(length), BigInt(length) + 1n];
  return pick([...edges, ...near], numbers) ?? 0n;
}

function readUnsigned(view: DataView, littleEndian: boolean): bigint {
  const bytes = Array.from(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return (littleEndian ? bytes.toReversed() : bytes).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

function writeUnsigned(view: DataView, value: bigint, littleEndian: boolean): void {
  for (let i = 0; i < view.byteLength; i++) {
    const byte = Number((value >> BigInt(8 * i)) & 0xffn);
    view.setUint8(littleEndian ? i : view.byteLength - 1 - i, byte);
  }
}
