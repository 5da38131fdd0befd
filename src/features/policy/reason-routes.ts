import Type from 'typebox';
import { VerdictKind } from '../../core/case/case.ts';
import { ReasonTerms } from '../../core/rules/reasons.ts';
import { actorOf } from '../../http/access.ts';
import { route } from '../../http/route.ts';
import { closed } from '../../http/schemas/requests.ts';
import { listReasons, type ReasonsDeps } from './reasons.ts';

const Reasons = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        {
          ...ReasonTerms.properties,
          usualFor: Type.Array(VerdictKind, { description: 'Verdicts for which it is suggested' }),
          isBuiltIn: Type.Boolean({ description: 'Built in for every administration' }),
        },
        closed,
      ),
      { description: 'In the order of the list; retired ones are not offered' },
    ),
  },
  closed,
);

/** The reasons that verdicts may have; `reasons` of the policy changes them. */
export const reasonRoutes = [
  route({
    id: 'listReasons',
    method: 'GET',
    url: '/v1/reasons',
    tag: 'rules',
    right: 'read cases',
    summary: 'List the reasons of verdicts with their labels, including retired ones',
    schema: { response: { 200: Reasons } },
    handler: (deps: ReasonsDeps) => async (request) => {
      const reasons = await listReasons(deps, actorOf(request));
      return { items: reasons.map(({ usualFor, ...one }) => ({ ...one, usualFor: [...usualFor] })) };
    },
  }),
];
