import { VerdictOutlooks } from '../../../core/case/outlook.ts';
import { type OutlookDeps, verdictOutlook } from '../../../look/outlook.ts';
import { actorOf } from '../../access.ts';
import { route } from '../../route.ts';
import { CaseParams } from '../../schemas/requests.ts';

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
