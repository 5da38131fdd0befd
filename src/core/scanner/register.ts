import Type, { type Static } from 'typebox';
import { MOST_OFFSET_SECONDS } from '../rules/clock.ts';
import { Zone } from '../rules/site.ts';
import { type Standing, versionProperties } from '../rules/version.ts';
import { CabPlace } from '../scan/cab.ts';
import { ScannerFacts } from '../scan/scanner-facts.ts';

/** How far a clock is ahead of the true time. */
export const ClockOffset = Type.Integer({
  minimum: -MOST_OFFSET_SECONDS,
  maximum: MOST_OFFSET_SECONDS,
  description: 'Seconds by which its clock is ahead; negative: behind. Joins by time correct it',
});

const closed = { additionalProperties: false } as const;
const scanner = { administration: Type.String(), site: Type.String(), id: Type.String() };

/** What an administrator says of a scanner. */
export const RegisterTerms = Type.Object(
  {
    sendersAllowed: Type.Immutable(
      Type.Array(Type.String(), {
        description: 'Senders that may add files to a scan, in addition to its own sender',
      }),
    ),
    zone: Type.Optional(Zone),
    clockOffsetSeconds: Type.Optional(ClockOffset),
    facts: Type.Optional(ScannerFacts),
    cab: Type.Optional(CabPlace),
  },
  closed,
);
export type RegisterTerms = Readonly<Static<typeof RegisterTerms>>;

/** One version of it. Kept as an object, so that a rebuilt database knows who may add files. */
export const StoredRegister = Type.Object({ ...scanner, ...versionProperties, terms: RegisterTerms }, closed);
export type StoredRegister = Readonly<Static<typeof StoredRegister>>;

/** A version as 0.2.0 wrote it: in force at once, by one person. */
export const EarlierRegister = Type.Object(
  { ...scanner, ...RegisterTerms.properties, version: Type.Integer({ minimum: 0 }) },
  closed,
);
/** A version in any form that is stored. */
export type AnyRegister = StoredRegister | Readonly<Static<typeof EarlierRegister>>;

/** What is in force. Version 0: nothing was set. */
export interface ScannerRegister extends RegisterTerms {
  readonly version: number;
}

/** What a stored version puts in force; undefined for a proposal. */
export function registerIn(stored: AnyRegister): ScannerRegister | undefined {
  if ('terms' in stored)
    return stored.state === 'proposed' ? undefined : { ...stored.terms, version: stored.version };
  const { administration: _, site: __, id: ___, ...register } = stored;
  return register;
}

/** The proposal that waits for another person. */
export function proposalIn({ newest }: Standing<StoredRegister>): StoredRegister | undefined {
  return newest?.state === 'proposed' ? newest : undefined;
}

/**
 * The fields by which a change could free a vehicle, or change what readers see. Nobody can say which way of a clock is the
 * loose one, so each change of it counts; so does each of the mask, and another sender that may add files.
 */
export function loosenedTerms(before: RegisterTerms, after: RegisterTerms): readonly string[] {
  const isMoved = JSON.stringify(placeIn(before)) !== JSON.stringify(placeIn(after));
  const isAdded = after.sendersAllowed.some((sender) => !before.sendersAllowed.includes(sender));
  return [
    ...(before.zone === after.zone ? [] : ['zone']),
    ...(offsetIn(before) === offsetIn(after) ? [] : ['clockOffsetSeconds']),
    ...(isMoved ? ['cab'] : []),
    ...(isAdded ? ['sendersAllowed'] : []),
  ];
}

function offsetIn({ clockOffsetSeconds = 0 }: RegisterTerms): number {
  return clockOffsetSeconds;
}

function placeIn({ cab }: RegisterTerms): readonly unknown[] {
  return cab === undefined ? [] : [cab.side, cab.share];
}

/** What is said of its clock; absent: what the site says. */
export type ScannerClock = Pick<RegisterTerms, 'zone' | 'clockOffsetSeconds'>;

export const emptyRegister: ScannerRegister = { sendersAllowed: [], version: 0 };
