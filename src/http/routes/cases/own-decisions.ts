import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { Became } from '../../../core/case/became.ts';
import { Case, Verdict } from '../../../core/case/case.ts';
import { withAnomalyPercentile } from '../../../core/case/finding.ts';
import { defined } from '../../../core/defined.ts';
import { View } from '../../../core/scan/scan.ts';
import {
  getOwnDecision,
  listOwnDecisions,
  type OwnDecision,
  openOwnPreview,
} from '../../../look/own/decisions.ts';
import { actorOf } from '../../access.ts';
import { sendBytes } from '../../bytes-answer.ts';
import { typed } from '../../context.ts';
import { pageOf, storedBytes } from '../../schemas/answers.ts';
import { CaseParams, closed, DEFAULT_PAGE, pageQuery } from '../../schemas/requests.ts';
import { hashed } from '../objects.ts';
import { at } from '../table.ts';

const { kind, reason, reasonLabel } = Verdict.properties;

const item = {
  caseId: Type.String(),
  site: Type.String(),
  container: Type.Optional(Type.String()),
  decidedAt: Type.String({ format: 'date-time', description: 'The last time that the caller decided it' }),
  verdict: Type.Object({ kind, reason, reasonLabel }, closed),
  became: Became,
  canBeOpened: Type.Boolean({ description: 'The verdict still counts, and nobody may still read the image' }),
};

const Side = Type.Integer({ minimum: 1 });
const Opened = Type.Object(
  {
    ...item,
    case: Case,
    shown: Type.Optional(
      Type.Object(
        { view: Type.String(), rows: Side, columns: Side, display: View.properties.display },
        { ...closed, description: 'What the preview was drawn from: sides in stored samples' },
      ),
    ),
  },
  closed,
);

const Query = pageQuery({});

type OwnDecisionDeps = Parameters<typeof listOwnDecisions>[0] &
  Parameters<typeof getOwnDecision>[0] &
  Parameters<typeof openOwnPreview>[0];

/** What a reader decided herself, and what became of it. */
export function ownDecisionRoutes(app: FastifyInstance, deps: OwnDecisionDeps): void {
  const routes = typed(app);
  routes.route({
    ...at('listOwnDecisions'),
    schema: { querystring: Query, response: { 200: pageOf(Type.Object(item, closed)) } },
    handler: async (request) => {
      const { limit = DEFAULT_PAGE, cursor } = request.query;
      const { rows, next } = await listOwnDecisions(deps, actorOf(request), limit, cursor);
      return { items: rows.map(toItem), ...defined({ next }) };
    },
  });
  routes.route({
    ...at('getOwnDecision'),
    schema: { params: CaseParams, response: { 200: Opened } },
    handler: async (request) => {
      const opened = await getOwnDecision(deps, actorOf(request), request.params.caseId);
      const { value, shown } = opened;
      return { ...toItem(opened), case: withAnomalyPercentile(value), ...defined({ shown }) };
    },
  });
  routes.route({
    ...at('getOwnPreview'),
    schema: { params: CaseParams, response: storedBytes('image/png', 'Picture') },
    handler: async (request, reply) => {
      const opened = await openOwnPreview(deps, actorOf(request), request.params.caseId);
      return sendBytes(request, reply, hashed(opened), 'ask-again');
    },
  });
}

function toItem({ value, decidedAt, verdict, became, canBeOpened }: OwnDecision) {
  const { id: caseId, site, container } = value;
  return { caseId, site, ...defined({ container }), decidedAt, verdict, became, canBeOpened };
}
