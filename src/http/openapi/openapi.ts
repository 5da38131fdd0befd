import swagger, { type SwaggerTransform } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifySchema } from 'fastify';
import Type from 'typebox';
import { type ErrorCode, errorTable } from '../../core/errors.ts';
import { accessOf } from '../access.ts';
import { typed } from '../context.ts';
import { at, isOperationId, type Operation, operations } from '../routes/table.ts';
import { Problem } from '../schemas/answers.ts';
import { withHeaders } from './answer-headers.ts';
import { type Components, markShared, referShared } from './components.ts';

/** What every address can answer besides what it names itself. */
const always: readonly ErrorCode[] = [
  'NII_BAD_REQUEST',
  'NII_REQUEST_TIMEOUT',
  'NII_EXPECTATION',
  'NII_RATE_LIMITED',
  'NII_LIMIT_HEADERS',
  'NII_INTERNAL',
  'NII_BUSY',
  'NII_LIMIT_CONNECTIONS',
  'NII_DATABASE_AWAY',
];
const withKey: readonly ErrorCode[] = ['NII_UNAUTHENTICATED', 'NII_FORBIDDEN'];
/** Of methods that may bring a body, also one that is not wanted. */
const withBody: readonly ErrorCode[] = ['NII_LIMIT_BYTES', 'NII_MEDIA_TYPE'];

/** Describes the routes that are registered after it as OpenAPI 3.1, from the schemas that check them. */
export function describeInterface(app: FastifyInstance, version: string): void {
  const components: Components = new Map();
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
            description: 'A key made with `nii keys`',
          },
        },
      },
      tags: tags(),
    },
    transform: (route) => described(route, components),
    transformObject: (document) =>
      addHeaders(
        referShared(
          'openapiObject' in document ? document.openapiObject : document.swaggerObject,
          components,
        ),
      ),
  });
}

/** The generator describes headers, but does not say that they are always there. */
function addHeaders(document: object): object {
  const { paths = {} } = document as { readonly paths?: Readonly<Record<string, object>> };
  const described = Object.entries(paths).map(([path, methods]) => [
    path,
    Object.fromEntries(Object.entries(methods).map(([method, stated]) => [method, withOwnHeaders(stated)])),
  ]);
  return { ...document, paths: Object.fromEntries(described) };
}

function withOwnHeaders(stated: {
  readonly operationId?: unknown;
  readonly responses: Record<string, object>;
}) {
  const { operationId, responses } = stated;
  return isOperationId(operationId) ? { ...stated, responses: withHeaders(operationId, responses) } : stated;
}

function tags() {
  const names = new Set(Object.values(operations).map((operation) => operation.tag));
  return [...names].map((name) => ({ name }));
}

export function openapiRoute(app: FastifyInstance): void {
  typed(app).route({
    ...at('getOpenapi'),
    schema: { response: { 200: Type.Record(Type.String(), Type.Unknown()) } },
    handler: async () => ({ ...app.swagger() }),
  });
}

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
  { schema, url, route }: Parameters<SwaggerTransform>[0],
  components: Components,
): ReturnType<SwaggerTransform> {
  const config: unknown = route.config;
  const operationId =
    typeof config === 'object' && config !== null && 'operationId' in config ? config.operationId : undefined;
  if (!isOperationId(operationId)) return { schema: { ...schema, hide: true }, url };
  const operation: Operation = operations[operationId];
  const words = wordsOf(operationId, operation, config);
  const whole = addBody(operationId, { ...schema, ...words, response: answersOf(schema, operation) });
  return { schema: Object(markShared(whole, components)), url };
}

function wordsOf(operationId: string, operation: Operation, config: unknown) {
  const access = accessOf(config);
  const who =
    access === 'anyone' || access === undefined ? 'Open to anyone.' : `Roles: ${access.join(', ')}.`;
  return {
    operationId,
    summary: operation.summary,
    tags: [operation.tag],
    description: who,
    security: access === 'anyone' ? [] : [{ key: [] }],
  };
}

/** The success answers of the route with one problem for each status that it can fail with. */
function answersOf(schema: FastifySchema | undefined, operation: Operation): Record<string, unknown> {
  const codes = codesOf(operation);
  const statuses = [...new Set(codes.map((code) => errorTable[code].status))];
  const problems = statuses.map((status) => [
    String(status),
    {
      description: codes
        .filter((code) => errorTable[code].status === status)
        .map((code) => `${code}: ${errorTable[code].title}`)
        .join('\n\n'),
      content: { 'application/problem+json': { schema: Problem } },
    },
  ]);
  const own = typeof schema?.response === 'object' && schema.response !== null ? schema.response : {};
  return { ...Object.fromEntries(problems), ...own };
}

function codesOf({ roles, method, errors }: Operation): readonly ErrorCode[] {
  const more = [...(roles === 'anyone' ? [] : withKey), ...(method === 'GET' ? [] : withBody), ...errors];
  return [...new Set([...always, ...more])];
}

const Binary = Type.String({ format: 'binary' });
const UploadForm = Type.Object({
  file: Type.Array(Binary, { description: 'The files; parts may have any name' }),
  site: Type.Optional(
    Type.String({ maxLength: 63, description: "Must be the key's own unless the key is for any site" }),
  ),
  scanner: Type.Optional(Type.String({ maxLength: 128 })),
  lane: Type.Optional(Type.String({ maxLength: 128 })),
  purpose: Type.Optional(Type.String()),
});

/** Read by a process of its own, so no schema checks it. */
const stationContent = {
  'text/csv': {
    schema: Type.String({
      description: 'A header of container, scan, decision, at, officer, and a line each',
    }),
  },
  'application/xml': {
    schema: Type.String({
      description: 'The same names as elements or attributes of each child of the root',
    }),
  },
};

/** The upload is streamed, so no schema checks its body; it is described here. */
function addBody(operationId: string, schema: object): object {
  if (operationId === 'sendStationDecisions') return { ...schema, body: { content: stationContent } };
  if (operationId !== 'uploadScans') return schema;
  return {
    ...schema,
    body: {
      content: {
        'multipart/form-data': { schema: UploadForm },
        'application/octet-stream': { schema: Binary },
        'application/zip': { schema: Binary },
        'application/x-tar': { schema: Binary },
        'application/dicom': { schema: Binary },
      },
    },
  };
}
