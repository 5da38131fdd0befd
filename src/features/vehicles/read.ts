import { type Actor, type Scope, scopeOf } from '../../core/access.ts';
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
import { oneQuestion, type QuestionTx } from '../../stored/side-by-side.ts';
import { scansByMark } from '../../stored/vehicle-scans.ts';
import { strictestOf } from '../../triage/lane.ts';

export type InstructionTx = Tx<'scan' | 'scans'> & LaneInstructionTx;

/**
 * What the lane may do with the vehicle that carries this mark: the strictest of the instructions on the newest scan with it, and
 * with each mark that a check-in states beside it.
 * @throws NII_NOT_FOUND where no scan at the site carries it; NII_NO_INSTRUCTION of a site in parallel mode
 */
export function instructionOf(
  deps: Viewing<QuestionTx & Tx<'scans'>> & LaneInstructionDeps,
  actor: Actor,
  site: string,
  mark: Mark,
): Promise<IssuedLaneInstruction> {
  const subject = `${mark.kind} ${mark.value}`;
  return viewed(deps, actor, 'lane answer', subject, { site }, async (tx) => {
    const place = { administration: actor.administration, site };
    const scope = scopeOf(actor);
    const known = { ...(await oneQuestion(tx)), scans: tx.scans };
    const issued = await instructionByMark(deps, known, place, mark, scope);
    if (issued === undefined)
      throw new NiiError('NII_NOT_FOUND', `No recent scan at this site has the ${subject}`);
    if (await isInParallel(known, place)) throw noInstruction(place);
    return limitToRole(known, actor, issued);
  });
}

/** Undefined where no scan at the site carries the mark. @param scope - scans that may be answered for */
export async function instructionByMark(
  deps: LaneInstructionDeps,
  tx: InstructionTx,
  place: Scope,
  mark: Mark,
  scope: Scope,
): Promise<IssuedLaneInstruction | undefined> {
  const rules = await rulesAt(tx, place, deps.policy);
  const found = await scansByMark(tx, place, mark, rules, deps.clock.now());
  // what was announced beside a container or visit that nobody has seen says nothing of it
  if (mark.kind !== 'plate' && !found.isCarried) return undefined;
  const issued = new Map<string, IssuedLaneInstruction>();
  for (const scans of found.ofEach) {
    const here = scans
      .filter((one) => one.site === place.site && rules.policy.queuedPurposes.includes(one.purpose))
      .filter(({ senders }) => scope.sender === undefined || senders.includes(scope.sender));
    const first = await firstToDecide(tx, here);
    // a plate ties no scans together, so each of them may be of the vehicle
    const asked = mark.kind === 'plate' ? here : here.filter((one) => one === first);
    for (const scan of asked) {
      if (issued.has(scan.id) || (await tx.scan(scope, scan.id)) === undefined) continue;
      const over = found.isCut ? { isMarkUnclear: true } : {};
      issued.set(scan.id, await issueInstructionFor(deps, tx, scan, over));
    }
  }
  return strictestOf([...issued.values()]);
}
