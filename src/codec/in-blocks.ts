/** The same bytes in blocks of this size; only the last may be shorter. Without bytes there is no block. */
export async function* inBlocks(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  blockBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + blockBytes - length);
      waiting.push(part);
      length += part.length;
      at += part.length;
      if (length < blockBytes) continue;
      yield joined(waiting);
      waiting = [];
      length = 0;
    }
  }
  if (length > 0) yield joined(waiting);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : Buffer.concat(parts);
}
