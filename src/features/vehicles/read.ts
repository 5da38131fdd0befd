import { type Actor, scopeOf } from '../../core/access.ts';
import type { IssuedLaneInstruction } from '../../core/case/lane.ts';
import { NiiError } from '../../core/errors.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Mark } from '../../core/rules/vehicle-hold.ts';
import { limitToRole, noInstruction, type Viewing, viewed } from '../../queries/read.ts';
import {
  firstToDecide,
  issueInstructionFor,
  type LaneInstructionDeps,
  type LaneInstructionTx,
} from '../../stored/lane-instruction.ts';
import { isInParallel, rulesAt } from '../../stored/rules.ts';
import { scansOfMark } from '../../stored/vehicle-scans.ts';

/**
 * What the lane may do with the vehicle that carries this mark, or one that a check-in states beside it: the instruction on its
 * newest scan at the site, within the days of the policy.
 * @throws NII_NOT_FOUND where no scan at the site carries it; NII_NO_INSTRUCTION of a site in parallel mode
 */
export function instructionOf(
  deps: Viewing<Tx<'scan' | 'scans'> & LaneInstructionTx> & LaneInstructionDeps,
  actor: Actor,
  site: string,
  mark: Mark,
): Promise<IssuedLaneInstruction> {
  const subject = `${mark.kind} ${mark.value}`;
  return viewed(deps, actor, 'lane answer', subject, { site }, async (tx) => {
    const place = { administration: actor.administration, site };
    const rules = await rulesAt(tx, place, deps.policy);
    const found = await scansOfMark(tx, place, mark, rules, deps.clock.now());
    const { sender } = scopeOf(actor);
    const visible = found
      .filter((one) => one.site === site && rules.policy.queuedPurposes.includes(one.purpose))
      .filter(({ senders }) => sender === undefined || senders.includes(sender));
    const newest = await firstToDecide(tx, visible);
    const scan = newest && (await tx.scan(scopeOf(actor), newest.id));
    if (scan === undefined)
      throw new NiiError('NII_NOT_FOUND', `No scan of the last days at this site carries the ${subject}`);
    if (await isInParallel(tx, scan)) throw noInstruction(scan);
    return limitToRole(actor, await issueInstructionFor(deps, tx, scan));
  });
}
