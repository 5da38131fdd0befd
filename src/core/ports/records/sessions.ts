import type { Identity } from '../../person/person.ts';
import type { Session } from '../../sign-in/session.ts';

/** Whose sessions: those of a person, or those of an identity in every administration. */
export type SessionOwner = Identity | { readonly person: string };

/** A sign-in that is on its way to the provider. */
export interface SignIn {
  /** SHA-256 of what the cookie of the browser says, hex. */
  readonly cookieSha256: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** Path at which the browser goes on. */
  readonly to: string;
  readonly endsAt: string;
}

export interface Sessions {
  beginSession(session: Session): Promise<void>;
  /** @returns false where it had ended, or is not there */
  endSession(id: string, at: string): Promise<boolean>;

  /** Those that have not ended and whose time is not over, oldest first. */
  openSessions(owner: SessionOwner, at: string): Promise<readonly Session[]>;

  /** Notes that it was used, if it was not in the minute before. */
  sessionUsed(id: string, at: string): Promise<void>;

  /** What was begun as one person is this other one's. */
  moveSessions(from: string, to: string): Promise<void>;

  // What is over.
  /** Removes sessions that ended before this time, and sign-ins whose time was over. @returns how many */
  forgetSessions(before: string): Promise<number>;

  /** @returns false where as many are open already as there may be */
  beginSignIn(signIn: SignIn, most: number): Promise<boolean>;

  /** Takes it out, so that it comes back once. */
  takeSignIn(cookieSha256: string): Promise<SignIn | undefined>;
}
