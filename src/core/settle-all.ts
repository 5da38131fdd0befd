/**
 * What all of them come to, once each has ended: nothing goes on in a transaction that is over because one failed.
 * @throws what failed first: in a transaction that is the cause, and each statement after it fails because of it
 */
export async function settleAll<T extends readonly unknown[]>(
  works: readonly [...{ [I in keyof T]: Promise<T[I]> }],
): Promise<T>;
export async function settleAll<T>(works: readonly Promise<T>[]): Promise<readonly T[]>;
export async function settleAll(works: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  const note = (failure: unknown) => failures.push(failure);
  await Promise.all(works.map((work) => work.catch(note)));
  if (failures.length > 0) throw failures[0];
  return Promise.all(works);
}
