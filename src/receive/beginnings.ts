import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { ObjectReads } from '../core/ports/objects.ts';
import type { Comparison, IsBeginning } from './merge-originals.ts';

/** Reads each second file once, as far as the longest first file goes. */
export async function compareBytes(
  objects: ObjectReads,
  comparisons: readonly Comparison[],
): Promise<IsBeginning> {
  const wholes = new Map(comparisons.map(({ whole }) => [whole.sha256, whole]));
  const beginnings = new Map<string, ReadonlySet<string>>();
  for (const [sha256, whole] of wholes) {
    const pairs = comparisons.filter((one) => one.whole.sha256 === sha256);
    const lengths = pairs.map(({ begin }) => begin.bytes);
    beginnings.set(sha256, await beginningsOf(await piecesOf(objects, whole), lengths));
  }
  return (begin, whole) => beginnings.get(whole.sha256)?.has(begin.sha256) ?? false;
}

async function piecesOf(
  objects: ObjectReads,
  whole: Comparison['whole'],
): Promise<AsyncIterable<Uint8Array>> {
  return 'path' in whole ? createReadStream(whole.path) : await objects.stream(whole.key);
}

/** SHA-256 of the first bytes of a file, for each of the lengths that it has. */
async function beginningsOf(
  pieces: AsyncIterable<Uint8Array>,
  lengths: readonly number[],
): Promise<ReadonlySet<string>> {
  const left = [...new Set(lengths)].sort((a, b) => a - b);
  const hash = createHash('sha256');
  const found = new Set<string>();
  let read = 0;
  for await (const piece of pieces) {
    let at = 0;
    for (let [next] = left; next !== undefined && next <= read + piece.byteLength; [next] = left) {
      hash.update(piece.subarray(at, next - read));
      found.add(hash.copy().digest('hex'));
      at = next - read;
      left.shift();
    }
    if (left.length === 0) break;
    hash.update(piece.subarray(at));
    read += piece.byteLength;
  }
  return found;
}
