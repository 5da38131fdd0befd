/** Holds by hand, recalls (H2, principles 1 and 5), the gap after a restore and the clock (H6, principles 8 and 9) and controls that are missing. */
import type {
  ClockJumped,
  Event,
  Expected,
  HeldByHand,
  PortalSent,
  Restored,
  ScanSent,
  Seconds,
} from '../history.ts';
import { type Known, type OpenFact, type Question, reachSeconds } from './known.ts';
import { includesBareMark, shareMark, toMarks } from './marks.ts';

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
    .filter(({ at, until }) => Math.min(at + reachSeconds, until ?? Number.POSITIVE_INFINITY) > known.now)
    .filter((set) => !isEndedByAnother(known, set))
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

const isAt = (site: string, event: { readonly site?: string }): boolean =>
  event.site === undefined || event.site === site;

const isClosedBySupervisor = ({ ever }: Known, restore: Restored, site: string): boolean =>
  ever
    .slice(ever.indexOf(restore) + 1)
    .some((event) => event.kind === 'gap-closed' && isAt(site, event) && event.by?.role === 'supervisor');

/** Before the restore, and not days ago, it was named as it is asked for now, or the image by which it is asked for was there. */
const wasThere = ({ ever, now }: Known, { vehicle, marks, asked }: Question, restore: Restored): boolean =>
  ever
    .slice(0, ever.indexOf(restore))
    .filter(isMessage)
    .filter(({ of }) => of === vehicle.id)
    .some(
      (message) =>
        (message.at + reachSeconds > now && shareMark(toMarks(message.named), marks)) ||
        (message.kind === 'scan-sent' && message.scan === asked?.id),
    );

/** Returns the restores whose gap is still open for a vehicle that was at the port before. */
export const gapFacts = (known: Known, question: Question): OpenFact[] =>
  known.ever
    .filter((event): event is Restored => event.kind === 'restored')
    .filter((restore) => wasThere(known, question, restore))
    .filter(
      (restore) =>
        !isClosedBySupervisor(known, restore, question.vehicle.site) && !isSentAgain(known, restore),
    )
    .map((restore) => ({
      reason: `H6, principle 9: the gap from ${restore.to} s to ${restore.at} s was neither sent again nor closed`,
      adverse: false,
      at: restore.at,
    }));

const isByTwoAdministrators = ({ areIndependent }: Known, { by, confirmedBy }: ClockJumped): boolean =>
  by?.role === 'administrator' &&
  confirmedBy?.role === 'administrator' &&
  areIndependent(by.person, confirmedBy.person);

/** Returns the jumps of the clock after which two administrators have not yet said that it is right. */
export const clockFacts = (known: Known, { vehicle }: Question): OpenFact[] =>
  known.ever
    .filter((event): event is ClockJumped => event.kind === 'clock-jumped')
    .filter(
      (jump) =>
        !known.ever
          .slice(known.ever.indexOf(jump) + 1)
          .some(
            (event) =>
              event.kind === 'clock-confirmed' &&
              isAt(vehicle.site, event) &&
              isByTwoAdministrators(known, event),
          ),
    )
    .map(({ at }) => ({
      reason: `H6, principle 8: the clock jumped at ${at} s, and two administrators have not confirmed it`,
      adverse: false,
      at,
    }));

/** A check-in reaches as far as the shortest days that count a vehicle as the same one. */
const expectedSeconds: Seconds = 24 * 3600;

const isExpected = (event: Event): event is Expected => event.kind === 'expected';

function newestCheckIns({ events }: Known): readonly Expected[] {
  return [...new Map(events.filter(isExpected).map((event) => [event.checkIn, event])).values()];
}

/** A portal is required, and no portal has told of the vehicle, whenever and however named. */
export const controlFacts = (known: Known, { vehicle, marks, scans }: Question): OpenFact[] => {
  const wasMeasured = [...known.records.values()].some(({ of, measured }) => of === vehicle.id && measured);
  if (wasMeasured) return [];
  return newestCheckIns(known)
    .filter(({ site, controls }) => site === vehicle.site && controls.includes('portal'))
    .filter((expected) => expected.marks.some((mark) => includesBareMark(marks, mark)))
    .filter(({ from, to }) =>
      scans.some(({ at }) => at > from - expectedSeconds && at < to + expectedSeconds),
    )
    .map(({ checkIn, at }) => ({
      reason: `H3, principle 11: check-in ${checkIn} requires a portal, and no portal has measured the vehicle`,
      adverse: false,
      at,
    }));
};
