import Type, { type Static } from 'typebox';
import { normaliseContainer } from '../check-digits.ts';
import { NiiError } from '../errors.ts';
import { versionProperties } from './version.ts';

/** A vehicle that people hold by hand: by one of its marks, for every scan of the site that names it. */

const closed = { additionalProperties: false } as const;

/** What a vehicle is known by. */
export const MarkKind = Type.Enum(['container', 'visit', 'plate'], { description: 'What the mark is' });
export type MarkKind = Static<typeof MarkKind>;

export const Mark = Type.Object(
  {
    kind: MarkKind,
    value: Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'In capitals, without blanks and separators: both spellings are the same vehicle',
    }),
  },
  closed,
);
export type Mark = Readonly<Static<typeof Mark>>;

export const VehicleHoldTerms = Type.Object(
  {
    isHeld: Type.Boolean({ description: 'false ends the hold' }),
    reason: Type.String({ minLength: 1, maxLength: 1024, description: 'Why it is held, or why it ends' }),
    until: Type.Optional(
      Type.String({ format: 'date-time', description: 'It ends at this time by itself. Default: never' }),
    ),
  },
  closed,
);
export type VehicleHoldTerms = Readonly<Static<typeof VehicleHoldTerms>>;

/** One version. Kept as an object, so that a rebuilt database knows it. */
export const StoredVehicleHold = Type.Object(
  {
    administration: Type.String(),
    site: Type.String(),
    mark: Mark,
    ...versionProperties,
    since: Type.Optional(
      Type.String({ format: 'date-time', description: 'Since when it has been held without a break' }),
    ),
    terms: VehicleHoldTerms,
  },
  closed,
);
export type StoredVehicleHold = Readonly<Static<typeof StoredVehicleHold>>;

export const noVehicleHold: VehicleHoldTerms = { isHeld: false, reason: 'nobody holds it' };

/** The mark as it is compared. Of a plate only letters and digits count, as in the terms that scans are found by. */
export function markOf(kind: MarkKind, written: string): Mark {
  const value =
    kind === 'plate' ? written.toUpperCase().replace(/[^\p{L}\p{N}]/gu, '') : normaliseContainer(written);
  return { kind, value };
}

/** A mark that somebody asks for. @throws NII_BAD_REQUEST for one that consists of blanks and separators alone */
export function askedMark(kind: MarkKind, written: string): Mark {
  const mark = markOf(kind, written);
  if (mark.value !== '') return mark;
  const detail = `Invalid mark "${written}": give the letters and digits of the ${kind}`;
  throw new NiiError('NII_BAD_REQUEST', { detail, field: 'mark' });
}

/** Whether it holds the vehicle at this time; also until a time that nobody can read. */
export function holdsAt({ isHeld, until }: VehicleHoldTerms, at: Date): boolean {
  return isHeld && (until === undefined || !(Date.parse(until) <= at.getTime()));
}

/** Whether a change lets the vehicle go, or go sooner; that takes two persons. */
export function isLooser(before: VehicleHoldTerms, after: VehicleHoldTerms, at: Date): boolean {
  if (!holdsAt(before, at)) return false;
  const end = ({ isHeld, until }: VehicleHoldTerms) =>
    isHeld ? Date.parse(until ?? '9999-12-31T00:00:00.000Z') : 0;
  return !(end(after) >= end(before));
}
