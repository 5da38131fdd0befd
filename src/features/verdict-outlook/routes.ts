import { VerdictOutlooks } from '../../core/case/outlook.ts';
import { actorOf } from '../../http/access.ts';
import { route } from '../../http/route.ts';
import { CaseParams } from '../../http/schemas/requests.ts';
import { type OutlookDeps, verdictOutlook } from './read.ts';

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
