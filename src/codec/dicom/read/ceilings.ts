import type { ByteReader } from '../../bytes.ts';
import { dicomError } from '../dicom-error.ts';

/** Elements, items and fragments of one file. Each becomes an object: a file of empty ones is small. */
const NODES_CEILING = 500_000;
/** Numbers and texts of all elements of one file together. Pixels and other bytes are views, and not counted. */
export const VALUES_CEILING = 2_000_000;

/** What one file has taken so far, so that what is read of it is bounded by more than its bytes. */
export class Spent {
  readonly #name: string;
  #nodes = 0;
  #values = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** @throws NII_LIMIT_ELEMENTS */
  node(at: number): void {
    this.#nodes += 1;
    if (this.#nodes <= NODES_CEILING) return;
    const detail = `more than ${NODES_CEILING} elements, items and fragments`;
    throw dicomError('NII_LIMIT_ELEMENTS', this.#name, detail, at);
  }

  /** Counted before they are made. @throws NII_LIMIT_ELEMENTS */
  values(count: number, what: string, at: number): void {
    this.#values += count;
    if (this.#values <= VALUES_CEILING) return;
    const detail = `${what} has too many values: at most ${VALUES_CEILING} in all elements`;
    throw dicomError('NII_LIMIT_ELEMENTS', this.#name, detail, at);
  }
}

/** Where the next byte that is not zero was last found. */
const nonZero = new WeakMap<ByteReader, number>();

/** Whether nothing but zeros is left. Each zero is looked at once, however often this is asked. */
export function onlyZerosLeft(reader: ByteReader): boolean {
  if ((nonZero.get(reader) ?? -1) >= reader.offset) return false;
  const left = reader.peek(reader.remaining);
  let at = 0;
  while (at < left.length && left[at] === 0) at += 1;
  if (at === left.length) return true;
  nonZero.set(reader, reader.offset + at);
  return false;
}
