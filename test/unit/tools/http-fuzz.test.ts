import { describe, expect, test } from 'vitest';
import { readDescription } from '../../../lab/http-fuzz/description.ts';
import { Learnt } from '../../../lab/http-fuzz/learnt.ts';
import { judgeLife } from '../../../lab/http-fuzz/life.ts';
import { requestFor } from '../../../lab/http-fuzz/make/request-for.ts';
import { judge } from '../../../lab/http-fuzz/oracle.ts';
import type { FuzzAnswer, FuzzRequest } from '../../../lab/http-fuzz/request.ts';
import { curlLine } from '../../../lab/http-fuzz/show.ts';
import { shrunk } from '../../../lab/http-fuzz/shrink.ts';
import { SeededNumbers } from '../../../src/tools/contract/mutate.ts';

const problem = {
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};
const description = readDescription({
  openapi: '3.1.0',
  components: { schemas: { Problem: { type: 'object', required: ['code'] } } },
  paths: {
    '/v1/things/{thingId}': {
      get: {
        operationId: 'getThing',
        description: 'Roles: peer.',
        security: [{ key: [] }],
        parameters: [
          {
            name: 'thingId',
            in: 'path',
            required: true,
            schema: { type: 'string', minLength: 1, maxLength: 8 },
          },
          { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 200 } },
        ],
        responses: {
          200: {
            headers: { ETag: { required: true } },
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  required: ['id'],
                  properties: { id: { type: 'string' } },
                  additionalProperties: false,
                },
              },
            },
          },
          400: problem,
          404: problem,
          503: problem,
        },
      },
    },
  },
});

const request: FuzzRequest = {
  operation: 'getThing',
  method: 'GET',
  target: '/v1/things/a?limit=1',
  caller: { kind: 'key', role: 'peer', number: 0 },
  headers: [
    ['accept', '*/*'],
    ['range', 'bytes=0-'],
  ],
  body: undefined,
  framing: 'length',
};

function answer(status: number, body: unknown, headers: Record<string, string> = {}): FuzzAnswer {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  return {
    status,
    headers: { 'content-type': type, etag: '"1"', ...headers },
    body: new Uint8Array(Buffer.from(JSON.stringify(body))),
    isWhole: true,
    milliseconds: 1,
  };
}

const kindsOf = (given: FuzzAnswer) => judge(description, request, given).map(({ kind }) => kind);

describe('the judge of answers', () => {
  test('has nothing against one that is as described', () => {
    expect(kindsOf(answer(200, { id: 'a' }))).toEqual([]);
    expect(kindsOf(answer(404, { code: 'NII_NOT_FOUND' }))).toEqual([]);
    expect(kindsOf(answer(503, { code: 'NII_BUSY' }, { 'retry-after': '5' }))).toEqual([]);
  });

  test.each([
    ['a 500', answer(500, { code: 'NII_INTERNAL' }), 'server-error'],
    [
      '503 for another reason than much work',
      answer(503, { code: 'NII_DATABASE_UNREACHABLE' }, { 'retry-after': '5' }),
      'server-error',
    ],
    ['503 that does not say when to come again', answer(503, { code: 'NII_BUSY' }), 'server-error'],
    ['a status that is not described', answer(409, { code: 'NII_CONFLICT' }), 'undescribed-status'],
    ['a missing property', answer(200, {}), 'body-not-as-described'],
    ['a property too many', answer(200, { id: 'a', more: 1 }), 'body-not-as-described'],
    ['a problem without a code', answer(404, {}), 'body-not-as-described'],
    [
      'another media type',
      answer(200, { id: 'a' }, { 'content-type': 'text/html' }),
      'undescribed-media-type',
    ],
    ['a part of a body', { ...answer(200, { id: 'a' }), isWhole: false }, 'cut-answer'],
    ['a stack', answer(400, { code: 'NII_BAD_REQUEST', detail: 'at x (/a/node_modules/b)' }), 'stack-shown'],
  ] as const)('reports %s', (_what, given, kind) => {
    expect(kindsOf(given)).toEqual([kind]);
  });

  test('reports a described header that is not there', () => {
    const { etag: _, ...headers } = answer(200, {}).headers;
    expect(kindsOf({ ...answer(200, { id: 'a' }), headers })).toEqual(['header-missing']);
  });

  test('reports what becomes of the process', () => {
    const first = { pid: 1, residentBytes: 100, openFiles: 10 };
    expect(judgeLife(first, first)).toEqual([]);
    expect(judgeLife(first, undefined).map(({ kind }) => kind)).toEqual(['process-lost']);
    expect(judgeLife(first, { ...first, pid: 2 }).map(({ kind }) => kind)).toEqual(['process-lost']);
    const grown = { ...first, residentBytes: 1e9, openFiles: 1000 };
    expect(judgeLife(first, grown).map(({ kind }) => kind)).toEqual(['memory-grown', 'files-grown']);
  });
});

describe('requests', () => {
  const [operation] = description.operations;
  const file = { name: 'a.fake', bytes: new Uint8Array(9) };
  const drawn = (seed: number, count: number) => {
    const learnt = new Learnt(description);
    learnt.learn(request, answer(200, { thingId: 'learnt' }));
    const sources = { learnt, roles: ['peer'], files: [file], dicomFiles: [file] };
    const numbers = new SeededNumbers(seed);
    return Array.from({ length: count }, () =>
      operation === undefined ? undefined : requestFor({ ...sources, numbers }, operation),
    );
  };

  test('are the same for the same seed', () => {
    expect(drawn(7, 50)).toEqual(drawn(7, 50));
    expect(drawn(7, 50)).not.toEqual(drawn(8, 50));
  });

  test('use what answers named, stay within the schema, and leave it', () => {
    const targets = drawn(3, 4000).map((one) => one?.target ?? '');
    expect(targets.some((target) => target.startsWith('/v1/things/learnt'))).toBe(true);
    for (const limit of ['limit=1', 'limit=200', 'limit=0', 'limit=201'])
      expect(
        targets.some((target) => target.endsWith(limit)),
        limit,
      ).toBe(true);
  });

  test('are cut down to what still shows a fault', async () => {
    const fault = { kind: 'server-error', detail: 'x' } as const;
    const faultsOf = async ({ headers }: FuzzRequest) =>
      headers.some(([name]) => name === 'range') ? [fault] : [];
    const small = await shrunk(request, fault, faultsOf);
    expect(small).toMatchObject({ target: '/v1/things/a', headers: [['range', 'bytes=0-']] });
    expect(curlLine({ kind: 'request', request: small })).toBe(
      'curl -i --path-as-is -X GET -H "authorization: Bearer $KEY" -H "range: bytes=0-" "$H/v1/things/a"',
    );
  });
});
