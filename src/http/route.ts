import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyContextConfig,
  FastifyInstance,
  FastifySchema,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
  RouteGenericInterface,
  RouteHandlerMethod,
} from 'fastify';
import type { TProperties } from 'typebox';
import { roles } from '../core/access.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Access } from './access.ts';
import type { AnswerHeaders } from './openapi/answer-headers.ts';
import { type Right, rolesWho } from './routes/rights.ts';
import type { Safety } from './safety.ts';
import type { Stopping } from './stopping.ts';

export type Tag =
  | 'upload'
  | 'scans'
  | 'pixels'
  | 'triage'
  | 'radiation'
  | 'declarations'
  | 'persons'
  | 'rules'
  | 'catalogue'
  | 'dicomweb'
  | 'measures'
  | 'record'
  | 'service';

/** One endpoint as it is stated: the guard, the description and the tests read this object. */
export type RouteFacts<Id extends string = string> = CommonFacts<Id> & MethodFacts;

/** What changes something states what it can do to the safety of a live site. */
type MethodFacts =
  | { readonly method: 'GET'; readonly safety?: never }
  | { readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'; readonly safety: Safety };

interface CommonFacts<Id extends string> {
  /** Its name in the description and in generated clients. */
  readonly id: Id;
  readonly url: string;
  readonly tag: Tag;
  /** What the caller must be allowed to do; both where there are two. */
  readonly right: Right | readonly [Right, Right] | 'any key' | 'anyone';
  readonly summary: string;
  /** What it can fail with besides what every endpoint can. */
  readonly errors?: readonly ErrorCode[];
  /** A body in JSON that it takes. */
  readonly example?: object;
  /** Headers of its successes, by status; `?`: not always there. */
  readonly headers?: AnswerHeaders;
  /** What its successes carry, by status; the summary unless given. */
  readonly answers?: Readonly<Record<number, string>>;
  /** What requests carry that no schema checks: bodies that are read as streams, and headers of other standards. */
  readonly unchecked?: { readonly content?: object; readonly headers?: TProperties };
}

/** What differs between moves of one kind. */
export type MoveFacts<Id extends string> = Omit<CommonFacts<Id>, 'tag' | 'errors'> & {
  readonly safety: Safety;
};

type Handler<Schema extends FastifySchema> = RouteHandlerMethod<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  RouteGenericInterface,
  unknown,
  Schema,
  TypeBoxTypeProvider
>;

export type Route<Id extends string = string, Deps = never> = RouteFacts<Id> & Registered<Deps>;

interface Registered<Deps> {
  readonly roles: Access;
  /** Adds it to an app, with what its handler uses. */
  readonly addTo: (app: FastifyInstance, deps: Deps) => void;
}

/** What hooks read of a route. */
interface Config extends FastifyContextConfig {
  /** Also for those who signed in and wait until an administrator links them to a person. */
  readonly isForUnlinked?: true;
  /** Browsers ask by themselves, and send no header that says so: it keeps no session alive. */
  readonly isBackground?: true;
}

interface StatedConfig extends Config {
  readonly roles: Access;
  readonly operationId: string;
  readonly safety?: Safety | undefined;
}

interface Working<Deps, Schema extends FastifySchema> {
  readonly schema: Schema;
  readonly config?: Config;
  readonly handler: (deps: Deps) => Handler<Schema>;
}

/** States an endpoint, once. */
export function route<const Id extends string, Deps, const Schema extends FastifySchema>({
  schema,
  config,
  handler,
  ...facts
}: RouteFacts<Id> & Working<Deps, Schema>): Route<Id, Deps> {
  const { id, method, url, right, safety } = facts;
  const access = accessBy(right);
  const stated: StatedConfig = { ...config, roles: access, operationId: id, safety };
  return {
    ...facts,
    roles: access,
    addTo: (app, deps) => {
      app
        .withTypeProvider<TypeBoxTypeProvider>()
        .route({ method, url, config: stated, schema, handler: handler(deps) });
    },
  };
}

function accessBy(right: RouteFacts['right']): Access {
  if (right === 'anyone') return right;
  if (right === 'any key') return roles;
  const all = [right].flat().map(rolesWho);
  return roles.filter((role) => all.every((may) => may.includes(role)));
}

/** What a move of a case or a hold can fail with. */
export const moveErrors = [
  'NII_NOT_FOUND',
  'NII_STATE_CONFLICT',
  'NII_PRECONDITION_FAILED',
  'NII_IDEMPOTENCY_MISMATCH',
] satisfies readonly ErrorCode[];

/** What a new version of something can fail with. */
export const versionErrors = [
  'NII_PRECONDITION_FAILED',
  'NII_PRECONDITION_REQUIRED',
  'NII_IDEMPOTENCY_MISMATCH',
] satisfies readonly ErrorCode[];

/** What a file can be rejected with that is read while its sender waits. */
export const readErrors = [
  'NII_MALFORMED',
  'NII_TRUNCATED',
  'NII_UNSUPPORTED_VARIANT',
  'NII_LIMIT_DEPTH',
  'NII_LIMIT_ELEMENTS',
  'NII_LIMIT_RECORD',
  'NII_LIMIT_EXPANSION',
  'NII_LIMIT_TIME',
  'NII_LIMIT_MEMORY',
  'NII_READER_CRASHED',
] satisfies readonly ErrorCode[];

/** Headers of an answer that names the version of what it carries. */
export const versioned = { 200: ['ETag'], 201: ['ETag'], 202: ['ETag'] } as const;

/** An instance whose routes take their types from their schemas. */
export function typed(app: FastifyInstance) {
  return app.withTypeProvider<TypeBoxTypeProvider>();
}

/** The process that the routes are in. */
export interface RouteContext {
  readonly stopping: Stopping;
  readonly version: string;
}
