/**
 * The oracle: from what truly happened, may a vehicle be told `proceed`? It is written from the safety case alone and
 * shares nothing with the service. It accuses only where the safety case demands a hold.
 */
import type { History, Seconds, Word } from '../history.ts';
import { alarmFacts } from './alarms.ts';
import { clockFacts, controlFacts, gapFacts, handHoldFacts } from './holds.ts';
import { imageFacts } from './images.ts';
import { askByMarks, askByScan, type Known, knownAt, type Question } from './known.ts';

export { smallPost } from './images.ts';
export { faultsOfRules } from './rules.ts';

function answer(known: Known, question: Question): Word {
  const facts = [alarmFacts, imageFacts, handHoldFacts, gapFacts, clockFacts, controlFacts].flatMap((of) =>
    of(known, question),
  );
  return {
    vehicle: question.vehicle.id,
    word: facts.length > 0 ? 'must-hold' : 'may-proceed',
    because: [...new Set(facts.map(({ reason }) => reason))],
  };
}

/** Judges a final `proceed` for each vehicle that is asked by all its true marks. */
export function judge(history: History, now: Seconds): readonly Word[] {
  const known = knownAt(history, now);
  return known.vehicles.map((vehicle) => answer(known, askByMarks(known, vehicle)));
}

/**
 * Judges a final `proceed` that answers for one scan: facts of that scan, and of what its own marks lead to. Undefined
 * if no such operational scan is known.
 */
export function judgeByScan(history: History, now: Seconds, scan: string): Word | undefined {
  const known = knownAt(history, now);
  const asked = known.scans.get(scan);
  const vehicle = known.vehicles.find(({ id }) => id === asked?.of);
  if (asked === undefined || vehicle === undefined) return undefined;
  return answer(known, askByScan(known, vehicle, asked));
}
