import Type from 'typebox';
import { Case, Verdict } from '../../core/case/case.ts';
import { defined } from '../../core/defined.ts';
import { View } from '../../core/scan/scan.ts';
import { actorOf } from '../../http/access.ts';
import { route } from '../../http/route.ts';
import { sendPicture } from '../../http/routes/pictures.ts';
import { pageOf, storedBytes } from '../../http/schemas/answers.ts';
import { CaseParams, closed, DEFAULT_PAGE, pageQuery } from '../../http/schemas/requests.ts';
import { getOwnDecision, listOwnDecisions, type OwnDecision, openOwnPreview } from './read.ts';
import { Became } from './rules.ts';

const { kind, reason, reasonLabel } = Verdict.properties;

const item = {
  caseId: Type.String(),
  site: Type.String(),
  container: Type.Optional(Type.String()),
  decidedAt: Type.String({ format: 'date-time', description: "Time of the caller's last decision on it" }),
  verdict: Type.Object({ kind, reason, reasonLabel }, closed),
  became: Became,
  canBeOpened: Type.Boolean({
    description: 'The verdict still counts, and no one may still read the image',
  }),
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
        { ...closed, description: 'Source of the preview: sides in stored samples' },
      ),
    ),
  },
  closed,
);

const Query = pageQuery({});

/** What a reader decided herself, and what became of it. */
export const ownDecisionRoutes = [
  route({
    id: 'listOwnDecisions',
    method: 'GET',
    url: '/v1/own-decisions',
    tag: 'triage',
    right: 'decide cases',
    summary: "List the caller's own decided cases with their results, newest first",
    errors: ['NII_CURSOR_EXPIRED'],
    schema: { querystring: Query, response: { 200: pageOf(Type.Object(item, closed)) } },
    handler: (deps: Parameters<typeof listOwnDecisions>[0]) => async (request) => {
      const { limit = DEFAULT_PAGE, cursor } = request.query;
      const { rows, next } = await listOwnDecisions(deps, actorOf(request), limit, cursor);
      return { items: rows.map(toItem), ...defined({ next }) };
    },
  }),
  route({
    id: 'getOwnDecision',
    method: 'GET',
    url: '/v1/own-decisions/:caseId',
    tag: 'triage',
    right: 'decide cases',
    summary: 'Get a case that the caller decided: the verdict, the outcome and the marks',
    errors: ['NII_NOT_FOUND'],
    schema: { params: CaseParams, response: { 200: Opened } },
    handler: (deps: Parameters<typeof getOwnDecision>[0]) => async (request) => {
      const opened = await getOwnDecision(deps, actorOf(request), request.params.caseId);
      const { value, shown, isCabMasked } = opened;
      return { ...toItem(opened), case: value, isCabMasked, ...defined({ shown }) };
    },
  }),
  route({
    id: 'getOwnPreview',
    method: 'GET',
    url: '/v1/own-decisions/:caseId/preview',
    tag: 'triage',
    right: 'decide cases',
    summary: 'Get the preview of a case that the caller decided',
    errors: ['NII_NOT_FOUND'],
    schema: { params: CaseParams, response: storedBytes('image/png', 'Picture') },
    handler: (deps: Parameters<typeof openOwnPreview>[0]) => async (request, reply) => {
      const picture = await openOwnPreview(deps, actorOf(request), request.params.caseId);
      return sendPicture(request, reply, picture);
    },
  }),
];

function toItem({ value, decidedAt, verdict, became, canBeOpened }: OwnDecision) {
  const { id: caseId, site, container } = value;
  return { caseId, site, ...defined({ container }), decidedAt, verdict, became, canBeOpened };
}
