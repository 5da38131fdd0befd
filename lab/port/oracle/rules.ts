/** Rules of a live site that let more pass take two persons (H4, principle 5). */
import type { By, History, Loosened } from '../history.ts';
import { type AreIndependent, independenceOf } from './people.ts';

const isByTwo = (areIndependent: AreIndependent, by: By, confirmedBy: By | undefined): boolean =>
  confirmedBy !== undefined && areIndependent(by.person, confirmedBy.person);

const faultOf = ({ what, site, by, confirmedBy }: Loosened): string =>
  `H4, principle 5: ${by.person} loosened ${what} at ${site} ${
    confirmedBy === undefined ? 'alone' : `with ${confirmedBy.person}, who does not count as a second person`
  }, and it is in force`;

/** Returns each loosening that is in force although fewer than two independent persons agreed. */
export function faultsOfRules({ events, persons }: History): readonly string[] {
  const areIndependent = independenceOf(persons);
  return events
    .filter((event): event is Loosened => event.kind === 'loosened' && event.inForce)
    .filter(({ by, confirmedBy }) => !isByTwo(areIndependent, by, confirmedBy))
    .map(faultOf);
}
