import type { Case } from '../core/case/case.ts';
import { notReaders } from '../core/case/not-readers.ts';
import { NiiError } from '../core/errors.ts';
import { isBy, type Move } from '../core/person/move.ts';
import { appendEvent, claimOf, mustHold, requireMove, withoutClaim } from './case-moves.ts';
import type { TriagePolicy } from './policy.ts';

/** How a case comes to a reader and back. */

/**
 * @throws NII_STATE_CONFLICT where the person has read it or asked for another reading, and where another has read it
 *   and nobody has linked the person
 */
export function claim(
  current: Case,
  move: Move,
  policy: TriagePolicy,
  how: 'by turn' | 'chosen' = 'by turn',
): Case {
  requireMove(current, 'claimed');
  const isRead = current.verdicts.length > 0;
  if (notReaders(current).some((id) => isBy(move, id)) || (isRead && move.isLinked !== true)) {
    const detail =
      'Only a linked person who has not read this case, and has not asked for another reading of it, can read it';
    throw new NiiError('NII_STATE_CONFLICT', detail);
  }
  const until = leaseEnd(move, policy);
  const own = { analyst: move.actor, until, revision: current.revision };
  const claimed = { ...own, ...(how === 'chosen' && { chosen: true as const }) };
  return appendEvent({ ...current, state: 'claimed', claim: claimed }, move, 'claimed', { until });
}

/**
 * The claim goes on while the reader works on it. The same case, where most of the lease is still left.
 * @throws NII_STATE_CONFLICT where it has been claimed for as long as the policy allows
 */
export function renew(current: Case, move: Move, policy: TriagePolicy): Case {
  mustHold(current, move);
  const claimed = current.history.findLast(({ kind }) => kind === 'claimed');
  const since = Date.parse(claimed?.at ?? move.at);
  const now = Date.parse(move.at);
  if (now - since >= policy.longestClaimMinutes * 60_000) {
    const detail = `A claim lasts at most ${policy.longestClaimMinutes} minutes: decide the case, or hand it back`;
    throw new NiiError('NII_STATE_CONFLICT', detail);
  }
  const own = claimOf(current);
  if (Date.parse(own.until) - now > (policy.claimMinutes * 60_000 * 2) / 3) return current;
  const until = leaseEnd(move, policy);
  return appendEvent({ ...current, claim: { ...own, until } }, move, 'renewed', { until });
}

/** Back to the queue by who holds it; it is not assigned to the same person again. */
export function handBack(current: Case, why: string, move: Move): Case {
  mustHold(current, move);
  return appendEvent({ ...withoutClaim(current), state: 'queued' }, move, 'released', { why });
}

/** Back to the queue by a supervisor, from whoever holds it. */
export function takeBack(current: Case, why: string, move: Move): Case {
  requireMove(current, 'taken back');
  const { analyst } = claimOf(current);
  return appendEvent({ ...withoutClaim(current), state: 'queued' }, move, 'released', { why, analyst });
}

/** The lease ended without a verdict; anyone else may have the case. */
export function leaseOver(current: Case, move: Move): Case {
  requireMove(current, 'taken back');
  const { analyst } = claimOf(current);
  return appendEvent({ ...withoutClaim(current), state: 'queued' }, move, 'lease-over', { analyst });
}

function leaseEnd({ at }: Move, { claimMinutes }: TriagePolicy): string {
  return new Date(Date.parse(at) + claimMinutes * 60_000).toISOString();
}
