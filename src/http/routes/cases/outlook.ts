import type { FastifyInstance } from 'fastify';
import { VerdictOutlooks } from '../../../core/case/outlook.ts';
import { type OutlookDeps, verdictOutlook } from '../../../look/outlook.ts';
import { actorOf } from '../../access.ts';
import { typed } from '../../context.ts';
import { CaseParams } from '../../schemas/requests.ts';
import { at } from '../table.ts';

/** What the lane would be told, before a verdict is given. */
export function outlookRoutes(app: FastifyInstance, deps: OutlookDeps): void {
  typed(app).route({
    ...at('getVerdictOutlook'),
    schema: { params: CaseParams, response: { 200: VerdictOutlooks } },
    handler: (request) => verdictOutlook(deps, actorOf(request), request.params.caseId),
  });
}
