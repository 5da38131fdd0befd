import Type, { type Static } from 'typebox';
import { defined } from '../defined.ts';
import { Visit } from '../scan/circumstances.ts';
import { Mark, type MarkKind, markOf } from './vehicle-hold.ts';
import { versionProperties } from './version.ts';

/** A vehicle that a terminal or a carrier expects at a site: its marks, when it comes, and which controls it needs. */

const closed = { additionalProperties: false } as const;
const Time = Type.String({ format: 'date-time' });
/** Without U+0000: it is looked up in the database. */
const name = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, pattern: '^[^\\u0000]+$', description });

/** So many check-ins one message holds at most. */
export const CHECK_INS_AT_ONCE = 500;
/** More marks than one truck has in all versions of its check-in: it then joins vehicles that are not one. */
export const MARKS_OF_CHECK_IN = 32;

export const Control = Type.Enum(['portal', 'image'], {
  description: 'portal: a radiation portal measures the vehicle; image: a scanner makes an image of it',
});
export type Control = Static<typeof Control>;

export const Controls = Type.Immutable(
  Type.Array(Control, { maxItems: Control.enum.length, uniqueItems: true }),
);

/** What a sender states of a vehicle. */
export const CheckInTerms = Type.Object(
  {
    plates: Type.Optional(Type.Array(name(32, 'Licence plate'), { maxItems: 8 })),
    containers: Type.Optional(Type.Array(name(32, 'Container number'), { maxItems: 16 })),
    visit: Type.Optional(Visit),
    reference: Type.Optional(name(128, 'Booking or declaration')),
    expectedAt: Type.String({ format: 'date-time', description: 'When the vehicle is expected' }),
    controls: Type.Optional({
      ...Controls,
      description: 'Controls that the vehicle needs. Default: `requiredControls` of the site',
    }),
    cancelled: Type.Optional(Type.Boolean({ description: 'true: the vehicle does not come' })),
  },
  closed,
);
export type CheckInTerms = Readonly<Static<typeof CheckInTerms>>;

export const CheckInReport = Type.Object(
  {
    id: name(64, "The sender's own; the same id again replaces what was stated"),
    ...CheckInTerms.properties,
  },
  closed,
);
export type CheckInReport = Readonly<Static<typeof CheckInReport>>;

/** What counts for the vehicle: everything that was stated, until two persons have taken some of it off. */
export const Counting = Type.Object(
  {
    marks: Type.Immutable(Type.Array(Mark)),
    controls: Controls,
    from: Type.String({ format: 'date-time', description: 'Earliest of the expected times' }),
    to: Type.String({ format: 'date-time', description: 'Latest of the expected times' }),
  },
  closed,
);
export type Counting = Readonly<Static<typeof Counting>>;

/** One version. Kept as an object, so that a rebuilt database knows it. */
export const StoredCheckIn = Type.Object(
  {
    administration: Type.String(),
    site: Type.String(),
    id: Type.String(),
    sender: Type.String({ description: 'Sender of the check-in' }),
    senderId: Type.String({ description: "The sender's own id" }),
    ...versionProperties,
    terms: CheckInTerms,
    counting: Counting,
    waits: Type.Optional(
      Type.Object(
        { by: Type.Immutable(Type.Array(Type.String(), { minItems: 1 })) },
        {
          ...closed,
          description:
            'More counts than is stated, until a person other than these confirms that it is taken off',
        },
      ),
    ),
  },
  closed,
);
export type StoredCheckIn = Readonly<Static<typeof StoredCheckIn>>;

/** In the form in which they are compared; empty ones are left out. */
export function normalisedTerms(terms: CheckInTerms): CheckInTerms {
  const { plates = [], containers = [], visit, reference, expectedAt, controls, cancelled } = terms;
  const compared = (kind: MarkKind, written: readonly string[]) => {
    const values = new Set(written.map((one) => markOf(kind, one).value).filter((value) => value !== ''));
    return values.size === 0 ? undefined : [...values];
  };
  return {
    ...defined({ plates: compared('plate', plates), containers: compared('container', containers) }),
    ...defined({ visit, reference }),
    expectedAt,
    ...defined({ controls, cancelled: cancelled === true ? true : undefined }),
  };
}

/** What the vehicle is known by. */
export function marksOfTerms({
  plates = [],
  containers = [],
  visit,
}: {
  readonly plates?: readonly string[];
  readonly containers?: readonly string[];
  readonly visit?: string;
}): readonly Mark[] {
  const marks = [
    ...plates.map((plate) => markOf('plate', plate)),
    ...containers.map((container) => markOf('container', container)),
    ...(visit === undefined ? [] : [markOf('visit', visit)]),
  ];
  return marks.filter(({ value }) => value !== '');
}

const DAY_MS = 86_400_000;
/** A time further away is a mistake of the sender: then the vehicle is looked for from its statement on, too. */
const MOST_DAYS = 60;

/**
 * What counts of the terms alone; nothing of a vehicle that does not come.
 * @param unless - controls where the sender names none
 * @param at - when they were stated
 */
export function statedIn(terms: CheckInTerms, unless: readonly Control[], at: string): Counting {
  const { expectedAt, controls = unless, cancelled = false } = terms;
  const stated = cancelled ? { marks: [], controls: [] } : { marks: marksOfTerms(terms), controls };
  const isFar = Math.abs(Date.parse(expectedAt) - Date.parse(at)) > MOST_DAYS * DAY_MS;
  return { ...stated, ...spanOf([expectedAt, ...(isFar ? [at] : [])]) };
}

function spanOf(times: readonly string[]): Pick<Counting, 'from' | 'to'> {
  const all = times.map((time) => Date.parse(time));
  return {
    from: new Date(Math.min(...all)).toISOString(),
    to: new Date(Math.max(...all)).toISOString(),
  };
}

/** The next version of what counts: what was stated before stays. */
export function countedWith(before: Counting, stated: Counting): Counting {
  const marks = new Map([...before.marks, ...stated.marks].map((mark) => [nameOf(mark), mark]));
  return {
    marks: [...marks.values()],
    controls: [...new Set([...before.controls, ...stated.controls])],
    ...spanOf([before.from, before.to, stated.from, stated.to]),
  };
}

/** Whether less is stated than counts. Another time is not less: the days around the earlier one still count. */
export function isLessThan(stated: Counting, counting: Counting): boolean {
  const marks = new Set(stated.marks.map(nameOf));
  const controls = new Set(stated.controls);
  return (
    counting.marks.some((mark) => !marks.has(nameOf(mark))) ||
    counting.controls.some((control) => !controls.has(control))
  );
}

/** Both people and the database tell marks apart by it. */
export function nameOf({ kind, value }: Mark): string {
  return `${kind}:${value}`;
}

/** Where an expected vehicle is on its way through its controls. */
export const CheckInState = Type.Enum(
  ['expected', 'arrived', 'complete', 'missing-control', 'overdue', 'cancelled'],
  {
    description:
      'arrived: something of it was received; complete: every required control is done; missing-control: it passed a lane, or another control was done a while ago, without a required one; overdue: nothing came in time',
  },
);
export type CheckInState = Static<typeof CheckInState>;

/** What has come of an expected vehicle. */
export const CheckInProgress = Type.Object(
  {
    state: CheckInState,
    missing: Type.Immutable(Type.Array(Control, { description: 'Required controls that are not done' })),
    arrivedAt: Type.Optional({ ...Time, description: 'When the first of it was received' }),
    passedAt: Type.Optional({ ...Time, description: 'When it first passed a lane, as reported' }),
    scans: Type.Immutable(Type.Array(Type.String(), { description: 'Its scans and radiation records' })),
  },
  closed,
);
export type CheckInProgress = Readonly<Static<typeof CheckInProgress>>;
