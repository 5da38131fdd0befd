/**
 * The rest of an iteration of which the first step has been taken. What is given up before it is read is given up
 * behind it as well: a generator that never began would not do that.
 */
export function resumed(
  first: IteratorResult<Uint8Array>,
  rest: AsyncIterator<Uint8Array>,
): AsyncIterable<Uint8Array> {
  let taken: IteratorResult<Uint8Array> | undefined = first;
  const iterator: AsyncIterator<Uint8Array> = {
    next: async () => {
      const step = taken ?? (await rest.next());
      taken = undefined;
      return step;
    },
    return: async () => {
      await rest.return?.();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
