import Type from 'typebox';
import { actorOf, heldRolesOf } from '../../http/access.ts';
import { route } from '../../http/route.ts';
import { closed } from '../../http/schemas/requests.ts';
import { type ListProposalsDeps, listProposals, proposedKinds } from './read.ts';

const Proposal = Type.Object(
  {
    kind: Type.Enum([...proposedKinds]),
    site: Type.Optional(Type.String()),
    subject: Type.Optional(
      Type.String({ description: 'Scanner, model, container number or visit id that it is about' }),
    ),
    version: Type.Integer({ minimum: 1, description: 'For If-Match' }),
    at: Type.String({ format: 'date-time' }),
    by: Type.String({ description: 'Id of the person who proposed it' }),
    mayConfirm: Type.Boolean({ description: 'false: the caller is not surely another person' }),
    confirmation: Type.String({
      description: 'Path on this service: confirm it there by POST with If-Match',
    }),
    changes: Type.Array(
      Type.Object(
        {
          field: Type.String({ description: 'As in the terms of its own endpoint, with dots' }),
          before: Type.Optional(Type.String({ description: 'Absent: it is not set now' })),
          after: Type.Optional(Type.String({ description: 'Absent: it is no longer set' })),
        },
        closed,
      ),
      { description: 'What is no longer set first, then what is changed, then what is new' },
    ),
    isCut: Type.Optional(
      Type.Literal(true, {
        description:
          'There are more changes: read the whole proposal at its own endpoint before you confirm it',
      }),
    ),
  },
  closed,
);

/** What waits for a second person, of every kind that two persons decide. */
export const proposalRoutes = [
  route({
    id: 'listProposals',
    method: 'GET',
    url: '/v1/proposals',
    tag: 'rules',
    right: 'hold vehicles',
    summary: 'List proposals that someone with the roles of the caller must confirm, oldest first',
    schema: { response: { 200: Type.Object({ items: Type.Array(Proposal) }, closed) } },
    handler: (deps: ListProposalsDeps) => async (request) => {
      const proposals = await listProposals(deps, actorOf(request), heldRolesOf(request));
      return {
        items: proposals.map(({ changes, ...one }) => ({
          ...one,
          changes: changes.map((change) => ({ ...change })),
        })),
      };
    },
  }),
];
