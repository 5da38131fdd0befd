import Type, { type Static } from 'typebox';
import { MOST_OFFSET_SECONDS } from '../rules/clock.ts';
import { Zone } from '../rules/site.ts';
import { CabPlace } from '../scan/cab.ts';
import { ScannerFacts } from '../scan/scanner-facts.ts';

/** How far a clock is ahead of the true time. */
export const ClockOffset = Type.Integer({
  minimum: -MOST_OFFSET_SECONDS,
  maximum: MOST_OFFSET_SECONDS,
  description: 'Seconds by which its clock is ahead; negative: behind. Joins by time correct it',
});

/** What an administrator says of a scanner. Kept as an object, so that a rebuilt database knows who may add files. */
export const StoredRegister = Type.Object(
  {
    administration: Type.String(),
    site: Type.String(),
    id: Type.String(),
    sendersAllowed: Type.Immutable(
      Type.Array(Type.String(), {
        description: 'Senders that may add files to a scan, in addition to its own sender',
      }),
    ),
    zone: Type.Optional(Zone),
    clockOffsetSeconds: Type.Optional(ClockOffset),
    facts: Type.Optional(ScannerFacts),
    cab: Type.Optional(CabPlace),
    version: Type.Integer({
      minimum: 0,
      description: 'Increases with each change; 0: nothing was set',
    }),
  },
  { additionalProperties: false },
);
export type StoredRegister = Static<typeof StoredRegister>;

export type ScannerRegister = Omit<StoredRegister, 'administration' | 'site' | 'id'>;

/** What is said of its clock; absent: what the site says. */
export type ScannerClock = Pick<StoredRegister, 'zone' | 'clockOffsetSeconds'>;

export const emptyRegister: ScannerRegister = { sendersAllowed: [], version: 0 };
