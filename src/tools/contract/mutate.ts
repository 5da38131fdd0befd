import type { Fixture, NamedBytes } from './fixtures.ts';

const TAIL_CEILING = 600;
const KEPT_CEILING = 200;
const HEAD = 4096;

/** Numbers that a seed determines (xorshift32), so that a failure can be shown again. */
export class SeededNumbers {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed >>> 0 || 1) ^ 0x9e3779b9;
    if (this.#state === 0) this.#state = 1;
    for (let i = 0; i < 8; i++) this.below(2);
  }

  /** A whole number from 0 to below the limit. */
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % Math.max(1, limit);
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.below(256));
  }
}

/** Files that are not what a scanner wrote, and how they came about. */
export interface Mutation {
  readonly what: string;
  readonly files: readonly NamedBytes[];
}

/** Of a scan of many files each is cut to at least this many lengths. */
const LEAST_CUTS = 12;

/** The files of a fixture, one at a time, cut to about `cuts` lengths in all; the others left as they are. */
export function* truncations({ name, files }: Fixture, cuts: number): Generator<Mutation> {
  const each = Math.max(LEAST_CUTS, Math.ceil(cuts / files.length));
  for (const [i, file] of files.entries()) {
    const step = Math.max(1, Math.floor(file.bytes.length / each));
    for (let length = 0; length < file.bytes.length; length += step) {
      const cut = { name: file.name, bytes: file.bytes.slice(0, length) };
      yield { what: `${name}: ${file.name} cut to ${length} bytes`, files: files.with(i, cut) };
    }
  }
}

/** One byte of one file set to another value; most often in the head, where headers are. */
export function changedByte(fixtures: readonly Fixture[], numbers: SeededNumbers): Mutation | undefined {
  const fixture = fixtures[numbers.below(fixtures.length)];
  const index = numbers.below(fixture?.files.length ?? 0);
  const file = fixture?.files[index];
  if (fixture === undefined || file === undefined || file.bytes.length === 0) return undefined;
  const reach = numbers.below(4) === 0 ? file.bytes.length : Math.min(HEAD, file.bytes.length);
  const at = numbers.below(reach);
  const bytes = file.bytes.slice();
  bytes[at] = numbers.below(256);
  const what = `${fixture.name}: byte ${at} of ${file.name} set to ${bytes[at]}`;
  return { what, files: fixture.files.with(index, { name: file.name, bytes }) };
}

/** Random bytes behind the beginning of a good file, alone. */
export function randomTail(fixtures: readonly Fixture[], numbers: SeededNumbers): Mutation | undefined {
  const fixture = fixtures[numbers.below(fixtures.length)];
  const file = fixture?.files[numbers.below(fixture.files.length)];
  if (fixture === undefined || file === undefined) return undefined;
  const kept = numbers.below(4) === 0 ? 0 : numbers.below(KEPT_CEILING);
  const tail = numbers.bytes(numbers.below(TAIL_CEILING));
  const bytes = new Uint8Array(Buffer.concat([file.bytes.subarray(0, kept), tail]));
  return {
    what: `${fixture.name}: ${kept} bytes of ${file.name}, then ${tail.length} random ones`,
    files: [{ name: file.name, bytes }],
  };
}
