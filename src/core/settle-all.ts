/**
 * What all of them come to, once each has ended: nothing goes on in a transaction that is over because one failed.
 * @throws what the first of them threw that failed
 */
export async function settleAll<T extends readonly unknown[]>(
  works: readonly [...{ [I in keyof T]: Promise<T[I]> }],
): Promise<T>;
export async function settleAll<T>(works: readonly Promise<T>[]): Promise<readonly T[]>;
export async function settleAll(works: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  const ends = await Promise.allSettled(works);
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return Promise.all(works);
}
