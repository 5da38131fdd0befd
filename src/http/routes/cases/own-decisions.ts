import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { Became } from '../../../core/case/became.ts';
import { Case, Verdict } from '../../../core/case/case.ts';
import { defined } from '../../../core/defined.ts';
import { View } from '../../../core/scan/scan.ts';
import {
  getOwnDecision,
  listOwnDecisions,
  type OwnDecision,
  openOwnPreview,
} from '../../../look/own/decisions.ts';
import { actorOf } from '../../access.ts';
import { typed } from '../../context.ts';
import { pageOf, storedBytes } from '../../schemas/answers.ts';
import { CaseParams, closed, DEFAULT_PAGE, pageQuery } from '../../schemas/requests.ts';
import { sendPicture } from '../pictures.ts';
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
    isCabMasked: Type.Boolean({ description: 'The picture is flat where the cab of the truck is' }),
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
      const { value, shown, isCabMasked } = opened;
      return { ...toItem(opened), case: value, isCabMasked, ...defined({ shown }) };
    },
  });
  routes.route({
    ...at('getOwnPreview'),
    schema: { params: CaseParams, response: storedBytes('image/png', 'Picture') },
    handler: async (request, reply) => {
      const picture = await openOwnPreview(deps, actorOf(request), request.params.caseId);
      return sendPicture(request, reply, picture);
    },
  });
}

function toItem({ value, decidedAt, verdict, became, canBeOpened }: OwnDecision) {
  const { id: caseId, site, container } = value;
  return { caseId, site, ...defined({ container }), decidedAt, verdict, became, canBeOpened };
}
