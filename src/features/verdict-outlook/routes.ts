import { type Actor, placeOf, scopeOf } from '../../core/access.ts';
import { VerdictOutlooks } from '../../core/case/outlook.ts';
import { NiiError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/process.ts';
import type { Tx } from '../../core/ports/records.ts';
import { actorOf } from '../../http/access.ts';
import { route } from '../../http/route.ts';
import { CaseParams } from '../../http/schemas/requests.ts';
import { isOpenTo, noInstruction, type Viewing, viewed } from '../../queries/read.ts';
import { type KnownTx, knownOf } from '../../stored/lane-instruction.ts';
import { rulesAt } from '../../stored/rules.ts';
import type { TriagePolicy } from '../../triage/policy.ts';
import { undoWindowSecondsAt } from '../../triage/site-rules.ts';
import { outlookOf } from './rules.ts';

interface OutlookDeps extends Viewing<Tx<'case' | 'scan'> & KnownTx> {
  readonly clock: Clock;
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
}

/**
 * What the lane would be told by each verdict that the caller may give on the case in hand.
 * @throws NII_NOT_FOUND; NII_STATE_CONFLICT where nobody has it in hand; NII_NO_INSTRUCTION of a site in parallel mode
 */
function verdictOutlook(deps: OutlookDeps, actor: Actor, id: string): Promise<VerdictOutlooks> {
  return viewed(deps, actor, 'verdict outlook', id, {}, async (tx) => {
    const current = await tx.case(placeOf(actor), id);
    if (current === undefined || !isOpenTo(actor, current))
      throw new NiiError('NII_NOT_FOUND', `Unknown case "${id}"`);
    if (current.state !== 'claimed')
      throw new NiiError('NII_STATE_CONFLICT', 'The case is not claimed: claim it first');
    const scan = await tx.scan(scopeOf(actor), current.scanId);
    if (scan === undefined) throw new NiiError('NII_NOT_FOUND', `Unknown case "${id}"`);
    const rules = await rulesAt(tx, scan, deps.policy);
    if (rules.site.mode === 'parallel') throw noInstruction(scan);
    const { holds, near, controls } = await knownOf(tx, scan, rules, deps.clock.now());
    const ofCase = controls?.ofUnits[current.unitId] ?? {};
    const units = (await tx.newestConverted(scan.id))?.scan?.units ?? [];
    const known = {
      scan,
      holds,
      near,
      hasOtherObjects: units.length > 1,
      hasVisit: scan.visit !== undefined,
      ...(controls && { controls: { ofScan: controls.ofScan, ofCase } }),
    };
    const seconds = undoWindowSecondsAt(rules.site, rules.policy);
    const outlooks = outlookOf(known, { ...rules.policy, ...ofCase }, seconds);
    return {
      undoWindowSeconds: seconds,
      verdicts: outlooks.map(({ reasons, mayHold, ...one }) => ({
        ...one,
        reasons: [...reasons],
        mayHold: [...mayHold],
      })),
    };
  });
}

/** What the lane would be told, before a verdict is given. */
export const outlookRoutes = [
  route({
    id: 'getVerdictOutlook',
    method: 'GET',
    url: '/v1/cases/:caseId/verdict-outlook',
    tag: 'triage',
    right: 'decide cases',
    summary: 'Preview the lane instruction for each verdict on the claimed case',
    errors: ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', 'NII_NO_INSTRUCTION'],
    schema: { params: CaseParams, response: { 200: VerdictOutlooks } },
    handler: (deps: OutlookDeps) => (request) =>
      verdictOutlook(deps, actorOf(request), request.params.caseId),
  }),
];
