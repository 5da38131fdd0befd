import type { FastifyReply } from 'fastify';
import Type, { type Static } from 'typebox';
import type { ErrorCode } from '../../core/errors.ts';
import {
  ModelId,
  ModelState,
  ModelTerms,
  ModelVersion,
  NamedModel,
  standingOf,
} from '../../core/rules/model-choice.ts';
import { presentStanding, standingProperties } from '../../core/rules/version.ts';
import { actorOf } from '../../http/access.ts';
import { commandOf, versionTag } from '../../http/commands.ts';
import { route, versionErrors } from '../../http/route.ts';
import { CommandHeaders, closed } from '../../http/schemas/requests.ts';
import { type ChangeModelDeps, confirmModel, proposeModel, rollBackModel, shadowModel } from './decide.ts';
import { getModel, type ModelView, viewOf } from './states.ts';

const Model = Type.Object(
  {
    id: ModelId,
    versions: Type.Array(Type.Object({ ...NamedModel.properties, state: ModelState }, closed), {
      description: 'Versions installed at the responding process, in rising order',
    }),
    choice: Type.Integer({ minimum: 0, description: 'Increases with each action; 0: no choice yet' }),
    ...standingProperties(ModelTerms, 'An activation that waits for confirmation by another person'),
  },
  closed,
);
type Model = Static<typeof Model>;

const ModelParams = Type.Object({ model: { ...ModelId, description: 'Id of the model, as in /v1/models' } });
const Wanted = Type.Object({ version: ModelVersion }, closed);
const Shadow = Type.Object(
  { version: Type.Union([ModelVersion, Type.Null()], { description: 'null: no shadow version' }) },
  closed,
);
const Nothing = Type.Object({}, closed);

const modelErrors = [
  'NII_NOT_FOUND',
  'NII_STATE_CONFLICT',
  'NII_MODEL_GOLDEN',
  'NII_MODEL_UNKNOWN',
  'NII_MODEL_INVALID',
  'NII_MODEL_FAILED',
  ...versionErrors,
] satisfies readonly ErrorCode[];

/** Which versions of the models an administration uses. */
export const modelRoutes = [
  route({
    id: 'getModel',
    method: 'GET',
    url: '/v1/models/:model',
    tag: 'rules',
    right: 'read models',
    summary: 'Get a model: its versions, the active one, and a proposal',
    errors: ['NII_NOT_FOUND'],
    schema: { params: ModelParams, response: { 200: Model } },
    handler: (deps: Parameters<typeof getModel>[0]) => async (request, reply) =>
      send(reply, await getModel(deps, actorOf(request), request.params.model)),
  }),
  route({
    id: 'proposeModel',
    method: 'POST',
    url: '/v1/models/:model/activation',
    tag: 'rules',
    right: 'decide models',
    safety: { class: 'loosens', secondPerson: 'POST /v1/models/{model}/confirmation' },
    summary: 'Propose a version for activation; it is tested first, and another person confirms it',
    errors: modelErrors,
    example: { version: '2' },
    schema: { params: ModelParams, headers: CommandHeaders, body: Wanted, response: { 202: Model } },
    handler: (deps: ChangeModelDeps) => async (request, reply) => {
      const { model } = request.params;
      const command = commandOf(request, request.headers);
      const history = await proposeModel(deps, command, model, request.body.version);
      return send(reply.code(202), viewOf(deps.models, model, history));
    },
  }),
  route({
    id: 'confirmModel',
    method: 'POST',
    url: '/v1/models/:model/confirmation',
    tag: 'rules',
    right: 'decide models',
    safety: { class: 'loosens', secondPerson: 'POST /v1/models/{model}/activation' },
    summary: 'Confirm the version that another person proposed; it scores from the next scan on',
    errors: modelErrors,
    example: {},
    schema: { params: ModelParams, headers: CommandHeaders, body: Nothing, response: { 200: Model } },
    handler: (deps: ChangeModelDeps) => async (request, reply) => {
      const { model } = request.params;
      const history = await confirmModel(deps, commandOf(request, request.headers), model);
      return send(reply, viewOf(deps.models, model, history));
    },
  }),
  route({
    id: 'rollBackModel',
    method: 'POST',
    url: '/v1/models/:model/rollback',
    tag: 'rules',
    right: 'decide models',
    safety: {
      class: 'loosens',
      onePerson: 'An administrator; only to the previously active version',
    },
    summary: 'Roll back to the previous version immediately; one person is enough',
    errors: modelErrors,
    example: {},
    schema: { params: ModelParams, headers: CommandHeaders, body: Nothing, response: { 200: Model } },
    handler: (deps: ChangeModelDeps) => async (request, reply) => {
      const { model } = request.params;
      const history = await rollBackModel(deps, commandOf(request, request.headers), model);
      return send(reply, viewOf(deps.models, model, history));
    },
  }),
  route({
    id: 'setShadowModel',
    method: 'PUT',
    url: '/v1/models/:model/shadow',
    tag: 'rules',
    right: 'decide models',
    safety: 'neutral',
    summary: 'Start or stop a shadow version; its results do not affect cases',
    errors: modelErrors,
    example: { version: '2' },
    schema: { params: ModelParams, headers: CommandHeaders, body: Shadow, response: { 200: Model } },
    handler: (deps: ChangeModelDeps) => async (request, reply) => {
      const { model } = request.params;
      const command = commandOf(request, request.headers);
      const history = await shadowModel(deps, command, model, request.body.version ?? undefined);
      return send(reply, viewOf(deps.models, model, history));
    },
  }),
];

/** The ETag is of whichever version was written last, a proposal as well. */
function send(reply: FastifyReply, { id, versions, history }: ModelView): Model {
  const standing = standingOf(history);
  reply.header('etag', versionTag(history.length)).header('cache-control', 'private, no-cache');
  return {
    id,
    versions: versions.map(({ version, sha256, state }) => ({ version, sha256, state })),
    choice: standing.inForce?.version ?? 0,
    ...presentStanding(standing, {}),
  };
}
