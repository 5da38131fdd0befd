import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { VerdictKind } from '../../../core/case/case.ts';
import { ReasonTerms } from '../../../core/rules/reasons.ts';
import { listReasons, type ReasonsDeps } from '../../../look/reasons.ts';
import { actorOf } from '../../access.ts';
import { typed } from '../../context.ts';
import { closed } from '../../schemas/requests.ts';
import { at } from '../table.ts';

const Reasons = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        {
          ...ReasonTerms.properties,
          usualFor: Type.Array(VerdictKind, { description: 'Verdicts for which it is proposed' }),
          isBuiltIn: Type.Boolean({ description: 'Every administration has it' }),
        },
        closed,
      ),
      { description: 'In the order in which they are offered; retired ones are offered no more' },
    ),
  },
  closed,
);

/** The reasons that verdicts may have; `reasons` of the policy changes them. */
export function reasonRoutes(app: FastifyInstance, deps: ReasonsDeps): void {
  typed(app).route({
    ...at('listReasons'),
    schema: { response: { 200: Reasons } },
    handler: async (request) => {
      const reasons = await listReasons(deps, actorOf(request));
      return { items: reasons.map(({ usualFor, ...one }) => ({ ...one, usualFor: [...usualFor] })) };
    },
  });
}
