import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import swagger, { type SwaggerTransform } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifySchema } from 'fastify';
import Type from 'typebox';
import { defined } from '../../core/defined.ts';
import { type ErrorCode, errorTable } from '../../core/errors.ts';
import { type Route, type RouteFacts, route } from '../route.ts';
import { statedSafety } from '../safety.ts';
import { Problem } from '../schemas/answers.ts';
import { headerComponents, type StatedAnswers, withHeaders } from './answer-headers.ts';
import { type Components, markShared, referShared, withTypes } from './components.ts';
import { addHead } from './head.ts';
import { hoistRepeated, mapOperations } from './hoist.ts';
import { withUnchecked } from './unchecked.ts';
import { answerWords, describedTags, parameterWords } from './words.ts';

/** What every address can answer besides what it names itself. */
const always: readonly ErrorCode[] = [
  'NII_BAD_REQUEST',
  'NII_REQUEST_TIMEOUT',
  'NII_EXPECTATION',
  'NII_RATE_LIMITED',
  'NII_LIMIT_HEADERS',
  'NII_INTERNAL',
  'NII_CHILD_START',
  'NII_BUSY',
  'NII_LIMIT_CONNECTIONS',
  'NII_DATABASE_UNREACHABLE',
];
const withKey: readonly ErrorCode[] = ['NII_UNAUTHENTICATED', 'NII_FORBIDDEN', 'NII_NOT_LINKED'];
/** Of changes that a session may make. */
const withSession: readonly ErrorCode[] = ['NII_CROSS_SITE'];
/** Of methods that may bring a body, also one that is not wanted. */
const withBody: readonly ErrorCode[] = ['NII_LIMIT_BYTES', 'NII_MEDIA_TYPE'];

type Routes = ReadonlyMap<unknown, Route>;

/** Describes the routes, which are registered after it, as OpenAPI 3.1 from the schemas that check them. */
export function describeInterface(app: FastifyInstance, version: string, routes: readonly Route[]): void {
  const components: Components = new Map();
  const byId: Routes = new Map(routes.map((one) => [one.id, one]));
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'nii-hub',
        version,
        description:
          'Non-intrusive inspection: upload, scans, pixels, triage. Failures are RFC 9457 problem documents.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          key: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'nii_…',
            description: 'A key created with `nii keys`',
          },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: '__Host-nii-session',
            description:
              'Cookie that /sign-in sets in a browser; changes need the header nii-page: 1, and nii-page: background does not extend the session',
          },
        },
      },
      servers: [{ url: '/', description: 'This service' }],
      tags: describedTags(),
    },
    transform: (registered) => described(registered, byId, components),
    transformObject: (document) =>
      finish('openapiObject' in document ? document.openapiObject : document.swaggerObject, byId, components),
  });
}

/** What the generator cannot say: headers that are always there, HEAD with a meaning of its own, what is repeated. */
function finish(document: object, routes: Routes, components: Components): object {
  const referring = referShared(document, components);
  const described = {
    ...referring,
    paths: mapOperations(referring, (stated) => withOwnHeaders(stated, routes)),
  };
  return hoistRepeated(withHeaderComponents(addHead(described)));
}

function withOwnHeaders(stated: Readonly<Record<string, unknown>>, routes: Routes) {
  const known = routes.get(stated.operationId);
  if (known === undefined) return stated;
  const responses = withHeaders(known, stated as unknown as StatedAnswers); // the generator's own
  return {
    ...stated,
    ...defined({ requestBody: withExample(known, withOptionalBody(stated.requestBody)) }),
    responses: withCodes(codesOf(known), responses),
    ...defined({ 'x-safety': known.safety && statedSafety(known.safety) }),
  };
}

/** A move that needs no words may come without a body. */
function withOptionalBody(requestBody: unknown): unknown {
  const schema: Record<string, unknown> = Object(
    Object(Object(requestBody).content)['application/json'],
  ).schema;
  const isOptional = schema?.type === 'object' && schema.required === undefined;
  return isOptional ? { ...Object(requestBody), required: false } : requestBody;
}

function withExample({ example }: RouteFacts, requestBody: unknown): unknown {
  const { content }: Record<string, unknown> = Object(requestBody);
  const json: unknown = Object(content)['application/json'];
  if (example === undefined || json === undefined) return requestBody;
  return {
    ...Object(requestBody),
    content: { ...Object(content), 'application/json': { ...Object(json), example } },
  };
}

/** For programs that read the description: the codes of each status, as the table of errors has them. */
function withCodes(codes: readonly ErrorCode[], responses: Readonly<Record<string, object>>) {
  return Object.fromEntries(
    Object.entries(responses).map(([status, answer]) => {
      const own = codes.filter((code) => String(errorTable[code].status) === status);
      return [status, own.length === 0 ? answer : { ...answer, 'x-codes': own }];
    }),
  );
}

/** Only those that an answer refers to. */
function withHeaderComponents(document: Readonly<Record<string, unknown>>) {
  const text = JSON.stringify(document);
  const headers = Object.entries(headerComponents).filter(([name]) =>
    text.includes(`"#/components/headers/${name}"`),
  );
  return {
    ...document,
    components: { ...Object(document.components), headers: Object.fromEntries(headers) },
  };
}

export const descriptionRoutes = [
  route({
    id: 'getOpenapi',
    method: 'GET',
    url: '/openapi.json',
    tag: 'service',
    right: 'anyone',
    summary: 'This description, as OpenAPI 3.1',
    schema: { response: { 200: Type.Record(Type.String(), Type.Unknown()) } },
    handler: () => async (request) => ({ ...request.server.swagger() }),
  }),
];

/** Of the pages that describe the interface. */
const logo = {
  type: 'image/svg+xml',
  content:
    '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="32"><text y="24" font-family="sans-serif" font-size="22" fill="#fff">nii-hub</text></svg>',
};

/** The description for people, at /docs; open to anyone like the description itself. */
export function documentationPages(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, ...{ roles: 'anyone' } };
  });
  app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    transformStaticCSP: asElsewhere,
    uiConfig: { docExpansion: 'list' },
    // its own files, named here as the bundle of the program has no folder beside it
    baseDir: join(dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui')), 'static'),
    logo,
  });
}

/** The service itself speaks plain HTTP, so nothing is upgraded; the rest as every other answer has it. */
function asElsewhere(policy: string): string {
  return policy
    .replace(/upgrade-insecure-requests;?/, '')
    .replace("base-uri 'self'", "base-uri 'none'")
    .replace("frame-ancestors 'self'", "frame-ancestors 'none'");
}

function described(
  { schema, url, route: registered }: Parameters<SwaggerTransform>[0],
  routes: Routes,
  components: Components,
): ReturnType<SwaggerTransform> {
  const known = routes.get(Object(registered.config).operationId);
  if (known === undefined) return { schema: { ...schema, hide: true }, url };
  const stated = { ...schema, ...wordsOf(known), response: answersOf(schema, known) };
  const { body, response, ...request } = withUnchecked(known, stated);
  const shared = markShared({ body, response }, components);
  return { schema: { ...Object(withWords(withTypes(request))), ...defined(Object(shared)) }, url };
}

function wordsOf({ id, summary, tag, roles }: Route) {
  const isOpen = roles === 'anyone';
  return {
    operationId: id,
    summary,
    tags: [tag],
    description: isOpen ? 'Open to anyone.' : `Roles: ${roles.join(', ')}.`,
    security: isOpen ? [] : [{ key: [] }, { session: [] }],
  };
}

/** The success answers of the route with one problem for each status that it can fail with. */
function answersOf(schema: FastifySchema | undefined, stated: Route): Record<string, unknown> {
  const codes = codesOf(stated);
  const statuses = [...new Set(codes.map((code) => errorTable[code].status))];
  const problems = statuses.map((status) => [
    String(status),
    problemAnswer(codes.filter((code) => errorTable[code].status === status)),
  ]);
  const own = Object.entries(Object(schema?.response)).map(([status, answer]) => [
    status,
    withAnswerWords(answer, answerWords(stated, status)),
  ]);
  return { ...Object.fromEntries(problems), ...Object.fromEntries(own) };
}

function problemAnswer(codes: readonly ErrorCode[]) {
  return {
    description: codes.map((code) => `${code}: ${errorTable[code].title}`).join('\n\n'),
    content: { 'application/problem+json': { schema: Problem } },
  };
}

/** A bare schema becomes an answer in JSON; one that describes itself, or has no body, stays. */
function withAnswerWords(answer: unknown, words: string): unknown {
  const { content, type, description = words }: Record<string, unknown> = Object(answer);
  if (content !== undefined || type === 'null') return answer;
  return { description, content: { 'application/json': { schema: answer } } };
}

/** Describes the parameters that say nothing of themselves. */
function withWords(request: unknown): object {
  const { params, querystring, headers, ...others }: Record<string, unknown> = Object(request);
  return {
    ...others,
    ...defined({ params: worded(params), querystring: worded(querystring), headers: worded(headers) }),
  };
}

function worded(group: unknown): object | undefined {
  if (group === undefined) return undefined;
  const properties = Object.entries(Object(Object(group).properties)).map(([name, schema]) => [
    name,
    { ...defined({ description: parameterWords(name) }), ...Object(schema) },
  ]);
  return { ...Object(group), properties: Object.fromEntries(properties) };
}

function codesOf({ roles, method, errors = [] }: Route): readonly ErrorCode[] {
  const byCaller = roles === 'anyone' ? [] : [...withKey, ...(method === 'GET' ? [] : withSession)];
  const more = [...byCaller, ...(method === 'GET' ? [] : withBody), ...errors];
  return [...new Set([...always, ...more])];
}
