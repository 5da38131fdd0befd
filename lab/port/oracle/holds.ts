/** Holds by hand, recalls (H2, principles 1 and 5) and the gap after a restore (H6, principle 9). */
import type { Event, HeldByHand, PortalSent, Restored, ScanSent } from '../history.ts';
import { type Known, type OpenFact, type Question, reachSeconds } from './known.ts';
import { includesBareMark } from './marks.ts';

const isHold = (event: Event): event is HeldByHand => event.kind === 'held-by-hand';

const isEndedByAnother = ({ events, areIndependent }: Known, set: HeldByHand): boolean =>
  events
    .slice(events.indexOf(set) + 1)
    .some(
      (event) =>
        event.kind === 'hand-hold-ended' &&
        event.hold === set.hold &&
        areIndependent(event.by.person, set.by.person),
    );

/** Returns the holds by hand and recalls that are open on one of the marks. */
export const handHoldFacts = (known: Known, { vehicle, marks }: Question): OpenFact[] =>
  known.events
    .filter(isHold)
    .filter((set) => set.site === vehicle.site && includesBareMark(marks, set.mark))
    .filter((set) => set.at + reachSeconds > known.now && !isEndedByAnother(known, set))
    .map((set) => ({
      reason: `H2, principle 5: hold ${set.hold} on ${set.mark} was not ended by another person`,
      adverse: true,
      at: set.at,
    }));

const isMessage = (event: Event): event is ScanSent | PortalSent =>
  (event.kind === 'scan-sent' || event.kind === 'portal-sent') && event.purpose === 'operational';

const nameOf = (message: ScanSent | PortalSent): string =>
  message.kind === 'scan-sent' ? `scan ${message.scan}` : `record ${message.record}`;

function isSentAgain({ ever }: Known, restore: Restored): boolean {
  const index = ever.indexOf(restore);
  const lost = ever
    .slice(0, index)
    .filter(isMessage)
    .filter(({ at }) => at > restore.to);
  const again = new Set(
    ever
      .slice(index + 1)
      .filter(isMessage)
      .map(nameOf),
  );
  return lost.length > 0 && lost.every((message) => again.has(nameOf(message)));
}

const isClosedBySupervisor = ({ ever }: Known, restore: Restored): boolean =>
  ever
    .slice(ever.indexOf(restore) + 1)
    .some((event) => event.kind === 'gap-closed' && event.by?.role === 'supervisor');

const wasThere = ({ ever }: Known, vehicle: string, restore: Restored): boolean =>
  ever
    .slice(0, ever.indexOf(restore))
    .filter(isMessage)
    .some(({ of }) => of === vehicle);

/** Returns the restores whose gap is still open for a vehicle that was at the port before. */
export const gapFacts = (known: Known, { vehicle }: Question): OpenFact[] =>
  known.ever
    .filter((event): event is Restored => event.kind === 'restored')
    .filter((restore) => wasThere(known, vehicle.id, restore))
    .filter((restore) => !isClosedBySupervisor(known, restore) && !isSentAgain(known, restore))
    .map((restore) => ({
      reason: `H6, principle 9: the gap from ${restore.to} s to ${restore.at} s was neither sent again nor closed`,
      adverse: false,
      at: restore.at,
    }));
