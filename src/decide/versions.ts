import { actingAs } from '../core/access.ts';
import { NiiError } from '../core/errors.ts';
import { isOther, moveOf } from '../core/person/move.ts';
import type { Version } from '../core/rules/version.ts';
import type { Command } from './command.ts';

/** The two ways to the next version of what an administration or a site has decided: to write it, or to confirm it. */

/**
 * Whoever changes it has read the newest version, a proposal as well.
 * @param what - as the start of a sentence: "The policy"
 * @throws NII_PRECONDITION_REQUIRED, NII_PRECONDITION_FAILED
 */
export function requireNewest({ ifMatch }: Command, newest: number, what: string): void {
  if (ifMatch === undefined) {
    const detail = `Missing If-Match: send the ETag of ${what.charAt(0).toLowerCase()}${what.slice(1)}`;
    throw new NiiError('NII_PRECONDITION_REQUIRED', detail);
  }
  if (ifMatch !== String(newest))
    throw new NiiError('NII_PRECONDITION_FAILED', `${what} has changed; reload and retry`);
}

/** The next version: in force at once, or, where it loosens something, a proposal in place of any before. */
export function writtenNext<Terms>(
  { actor }: Command,
  newest: number,
  terms: Terms,
  { isLooser, at }: { readonly isLooser: boolean; readonly at: string },
): Version<Terms> {
  const state = isLooser ? 'proposed' : 'in-force';
  return { version: newest + 1, state, at, by: actingAs(actor), terms };
}

/**
 * The proposal as the next version, in force.
 * @throws NII_STATE_CONFLICT where nothing is proposed, or by whom it was proposed
 */
export function confirmedNext<One extends Version<unknown>>(
  { actor }: Command,
  newest: One | undefined,
  at: string,
): One {
  if (newest?.state !== 'proposed')
    throw new NiiError('NII_STATE_CONFLICT', 'No proposal waits for a confirmation: PUT a change first');
  if (!isOther(moveOf(actor, new Date(at)), newest.by))
    throw new NiiError(
      'NII_STATE_CONFLICT',
      'A proposal is confirmed by another person than the one who made it, whom an administrator has linked',
    );
  const { version, by: proposedBy } = newest;
  return { ...newest, version: version + 1, state: 'in-force', at, by: actingAs(actor), proposedBy };
}
