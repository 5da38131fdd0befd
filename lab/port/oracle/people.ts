/** Which persons count as two (H4, principle 5). */
import type { TruePerson } from '../history.ts';

export type AreIndependent = (one: string, other: string) => boolean;

function makerAbove(makers: ReadonlyMap<string, string>, person: string): string {
  const seen = new Set([person]);
  let current = person;
  for (
    let maker = makers.get(current);
    maker !== undefined && !seen.has(maker);
    maker = makers.get(current)
  ) {
    seen.add(maker);
    current = maker;
  }
  return current;
}

/**
 * Two persons are independent if no chain of recent makers leads from both to one person. Otherwise one administrator
 * could make the second person, or both.
 */
export function independenceOf(persons: readonly TruePerson[]): AreIndependent {
  const makers = new Map(
    persons.flatMap(({ id, madeBy }) => (madeBy === undefined ? [] : [[id, madeBy] as const])),
  );
  return (one, other) => makerAbove(makers, one) !== makerAbove(makers, other);
}

export const includesTwo = (persons: readonly string[], areIndependent: AreIndependent): boolean =>
  persons.some((one) => persons.some((other) => areIndependent(one, other)));
