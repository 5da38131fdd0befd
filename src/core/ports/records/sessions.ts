import type { Identity } from '../../person/person.ts';
import type { Session } from '../../sign-in/session.ts';

/** Whose sessions: those of a person, or those of an identity in every administration. */
export type SessionOwner = Identity | { readonly person: string };

export interface Sessions {
  /** @returns false if there is a session with this id */
  beginSession(session: Session): Promise<boolean>;
  /** @returns false where it had ended, or is not there */
  endSession(id: string, at: string): Promise<boolean>;

  /** Those that have not ended and whose time is not over, oldest first. */
  openSessions(owner: SessionOwner, at: string): Promise<readonly Session[]>;

  /** Notes that it was used, if it was not in the minute before. */
  sessionUsed(id: string, at: string): Promise<void>;

  /** What was begun as one person is this other one's. */
  moveSessions(from: string, to: string): Promise<void>;

  /** Removes sessions that ended before this time. @returns how many */
  forgetSessions(before: string): Promise<number>;

  /** A secret of this installation, which seals the cookies of sign-ins. */
  signInSecret(): Promise<string>;
}
