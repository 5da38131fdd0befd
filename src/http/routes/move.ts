import type { Static, TSchema } from 'typebox';
import type { CaseAnswer, Command } from '../../commands/command.ts';
import { Case } from '../../core/case/case.ts';
import { commandOf, sendCase } from '../commands.ts';
import { type MoveFacts, moveErrors, route, versioned } from '../route.ts';
import { CaseParams, CommandHeaders } from '../schemas/requests.ts';

/** A move of a case; the body is what is said with it. */
export function move<const Id extends string, Deps, Body extends TSchema>(
  facts: MoveFacts<Id>,
  body: Body,
  apply: (deps: Deps, command: Command, id: string, body: Static<Body>) => Promise<CaseAnswer>,
) {
  return route({
    headers: versioned,
    ...facts,
    method: 'POST',
    tag: 'triage',
    errors: moveErrors,
    answers: { 200: 'The case as it is now' },
    schema: { params: CaseParams, headers: CommandHeaders, body, response: { 200: Case } },
    handler: (deps: Deps) => async (request, reply) => {
      const command = commandOf(request, request.headers);
      // The route has checked it against this very schema.
      const checked = request.body as Static<Body>;
      return sendCase(reply, await apply(deps, command, request.params.caseId, checked));
    },
  });
}
