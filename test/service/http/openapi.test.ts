import { readFileSync } from 'node:fs';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import type { RouteOptions } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ErrorCode, errorTable } from '../../../src/core/errors.ts';
import { type Harness, openHarness, SITE } from '../../support/harness.ts';
import { operations } from '../../support/http/operations.ts';

type Json = Record<string, unknown>;

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

let service: Harness;
let document: Json;
const routes: RouteOptions[] = [];

beforeAll(async () => {
  const { version } = JSON.parse(read('package.json'));
  service = await openHarness({ version, enableDocs: true, onRoute: (route) => routes.push(route) });
  document = (await service.app.inject({ url: '/openapi.json' })).json();
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

function operationsIn(): readonly {
  readonly path: string;
  readonly method: string;
  readonly operation: Json;
}[] {
  return Object.entries(document.paths as Record<string, Record<string, Json>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
}

/** What a reference leads to; itself for what is none. */
function followed(stated: Json): Json {
  if (typeof stated.$ref !== 'string') return stated;
  const [, kind = '', name = ''] = /^#\/components\/([a-z]+[A-Za-z]*)\/([^/]+)$/i.exec(stated.$ref) ?? [];
  const found = (document.components as Record<string, Record<string, Json>>)[kind]?.[name];
  if (found === undefined) throw new Error(`${stated.$ref} leads to nothing`);
  return found;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description?: string;
}

function parametersOf(operation: Json): readonly Parameter[] {
  const stated = (operation.parameters ?? []) as readonly Json[];
  return stated.map((one) => followed(one) as unknown as Parameter);
}

test('the description is OpenAPI 3.1 and names every route, each once', () => {
  expect(document.openapi).toBe('3.1.0');
  const described = operationsIn().map(({ path, method }) => `${method.toUpperCase()} ${path}`);
  const served = routes
    .filter(({ method, url }) => !['HEAD', 'OPTIONS'].includes(String(method)) && !url.startsWith('/docs'))
    .map(({ method, url }) => `${String(method)} ${url.replaceAll(/:([A-Za-z0-9]+)/g, '{$1}')}`);
  const head = 'HEAD /v1/uploads/tus/{uploadId}'; // the only one that says more than GET without its body
  expect(new Set(described)).toEqual(new Set([...served, head]));
  expect(described).toHaveLength(Object.keys(operations).length + 1);
});

/** What a browser opens, and is sent on by. */
const redirecting = new Set(['/sign-in', '/sign-in/callback']);

test('every operation has an id of its own, a summary, a tag, its roles and its refusals', () => {
  const ids = operationsIn().map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const tags = (document.tags as { name: string }[]).map(({ name }) => name);
  for (const { path, method, operation } of operationsIn()) {
    const where = `${method} ${path}`;
    expect([where, String(operation.summary).length > 8]).toEqual([where, true]);
    expect(tags).toEqual(expect.arrayContaining(operation.tags as string[]));
    expect(String(operation.description)).toMatch(/^(Roles: |Open to anyone)/);
    const responses = operation.responses as Record<string, Json>;
    const open = (operation.security as unknown[]).length === 0;
    const expected = open ? ['400', '429', '500', '503'] : ['400', '401', '403', '429', '500', '503'];
    expect([where, Object.keys(responses)]).toEqual([where, expect.arrayContaining(expected)]);
    const success = redirecting.has(path) ? '303' : '2';
    expect([where, Object.keys(responses).some((status) => status.startsWith(success))]).toEqual([
      where,
      true,
    ]);
    for (const answer of Object.values(responses).map(followed)) {
      expect(typeof answer.description).toBe('string');
      expect([where, answer.description]).not.toEqual([where, 'Default Response']);
    }
  }
});

/** What an operation begins with: a generated client has a function of that name. */
const verbs =
  /^(accept|acknowledge|add|adjudicate|begin|change|check|claim|close|compare|confirm|convert|count|create|decide|declare|duplicate|end|export|get|hand|join|link|list|propose|put|raise|read|record|refer|register|release|remove|render|renew|reopen|report|request|retrieve|review|roll|search|send|set|settle|store|take|unjoin|upload|watch)[A-Z][A-Za-z]+$/;

test('every operation is named by a verb and a noun', () => {
  for (const { operation } of operationsIn()) expect(operation.operationId).toMatch(verbs);
});

test('every parameter in a path is declared and required, and no other', () => {
  for (const { path, operation } of operationsIn()) {
    const named = [...path.matchAll(/\{([A-Za-z0-9]+)\}/g)].map((match) => match[1]);
    const parameters = parametersOf(operation);
    const declared = parameters.filter((parameter) => parameter.in === 'path');
    expect([path, new Set(declared.map(({ name }) => name))]).toEqual([path, new Set(named)]);
    expect(declared.every(({ required }) => required)).toBe(true);
  }
});

test('every parameter says what it is for', () => {
  const silent = operationsIn().flatMap(({ path, operation }) =>
    parametersOf(operation)
      .filter(({ description = '' }) => description.length < 8)
      .map(({ name }) => `${path} ${name}`),
  );
  expect(silent).toEqual([]);
});

test('every schema that lists its values says their type', () => {
  const untyped: string[] = [];
  JSON.stringify(document, (key, value) => {
    if (Array.isArray(value?.enum) && value.type === undefined) untyped.push(`${key} ${value.enum}`);
    return value;
  });
  expect(untyped).toEqual([]);
});

test('every problem names its codes, and each has the status under which it stands', () => {
  for (const { path, operation } of operationsIn()) {
    for (const [status, stated] of Object.entries(operation.responses as Record<string, Json>)) {
      if (Number(status) < 400) continue;
      const codes = (followed(stated)['x-codes'] ?? []) as ErrorCode[];
      expect([path, status, codes.length > 0 || status === '409']).toEqual([path, status, true]);
      for (const code of codes) expect(errorTable[code].status).toBe(Number(status));
    }
  }
});

test('the linter of OpenAPI documents has nothing to say', async () => {
  // Of redirects alone, which the rule does not know, a test above says what they answer
  const rules = { 'operation-2xx-response': 'off' } as const;
  const config = await createConfig({ extends: ['recommended'], rules });
  const found = await lintFromString({ source: JSON.stringify(document), config });
  expect(found.map(({ message, location }) => `${location[0]?.pointer}: ${message}`)).toEqual([]);
});

test('the description is released as a file, and that is what the service of this version serves', () => {
  expect(JSON.parse(read('schemas/openapi.json'))).toEqual(document);
});

test('every reference leads to a component, and the published schemas are there once', () => {
  const text = JSON.stringify(document);
  const referred = new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map((match) => String(match[1])));
  for (const reference of referred) expect(followed({ $ref: reference })).toBeTypeOf('object');
  for (const name of ['Case', 'Scan', 'Declaration', 'Problem', 'ErrorCode', 'Region', 'PolicyTerms'])
    expect(referred).toContain(`#/components/schemas/${name}`);
  expect(text.match(/"NII_SET_ASIDE","NII_READER_CRASHED","NII_CONVERTER_INCONSISTENT"/g)).toHaveLength(1);
  expect(text).not.toContain('x-nii-component');
  expect(text).not.toContain('"$id"');
});

test('the pages for people are served with what they load', async () => {
  const page = await service.app.inject({ url: '/docs/' });
  expect(page.statusCode).toBe(200);
  expect(page.headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
  const loaded = [...page.body.matchAll(/(?:src|href)="\.\/(static\/[^"]+)"/g)].map((match) => match[1]);
  expect(loaded.length).toBeGreaterThan(3);
  for (const path of loaded)
    expect((await service.app.inject({ url: `/docs/${path}` })).statusCode).toBe(200);
});

test('every operation that takes JSON has an example, which the service takes', async () => {
  const rolesOf = (id: string) => operations[id as keyof typeof operations].roles;
  for (const { path, method, operation } of operationsIn()) {
    const content = (operation.requestBody as { content?: Record<string, { example?: object }> } | undefined)
      ?.content;
    const body = content?.['application/json'];
    if (body === undefined) continue;
    const id = String(operation.operationId);
    expect(body.example, id).toBeDefined();
    const roles = rolesOf(id);
    const role = roles === 'anyone' ? 'administrator' : (roles[0] ?? 'administrator');
    const url = path
      .replace('{ref}', `example-${id}`)
      .replace('{site}', SITE)
      .replace('{number}', '1')
      .replace('{kind}', 'container')
      .replace('{annotationId}', 'a'.repeat(32))
      .replace(/\{[a-zA-Z]+\}/g, 'x');
    const answer = await service.app.inject({
      method: method.toUpperCase() as 'POST',
      url,
      headers: {
        'if-match': '"0"',
        authorization: `Bearer ${await service.newToken(role, 'examples', '*')}`,
      },
      payload: body.example ?? {},
    });
    // What it is about is invented, so it may be missing; the words of the body are never wrong
    expect([200, 201, 202, 204, 404, 409, 412], `${id}: ${answer.body}`).toContain(answer.statusCode);
  }
});
