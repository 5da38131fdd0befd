import type { RouteOptions } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { operations } from '../../../src/http/routes/table.ts';
import { type Harness, openHarness } from '../../support/harness.ts';

type Json = Record<string, unknown>;

let service: Harness;
let document: Json;
const routes: RouteOptions[] = [];

beforeAll(async () => {
  service = await openHarness({ enableDocs: true, onRoute: (route) => routes.push(route) });
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

test('the description is OpenAPI 3.1 and names every route, each once', () => {
  expect(document.openapi).toBe('3.1.0');
  const described = operationsIn().map(({ path, method }) => `${method.toUpperCase()} ${path}`);
  const served = routes
    .filter(({ method, url }) => !['HEAD', 'OPTIONS'].includes(String(method)) && !url.startsWith('/docs'))
    .map(({ method, url }) => `${String(method)} ${url.replaceAll(/:([A-Za-z0-9]+)/g, '{$1}')}`);
  expect(new Set(described)).toEqual(new Set(served));
  expect(described).toHaveLength(Object.keys(operations).length);
});

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
    expect(Object.keys(responses).some((status) => status.startsWith('2'))).toBe(true);
    for (const answer of Object.values(responses)) expect(typeof answer.description).toBe('string');
  }
});

/** What an operation begins with: a generated client has a function of that name. */
const verbs =
  /^(accept|acknowledge|adjudicate|begin|check|claim|close|compare|confirm|convert|create|decide|declare|duplicate|end|export|get|join|link|list|put|read|record|refer|register|release|render|renew|reopen|report|request|retrieve|review|search|send|set|settle|store|take|unjoin|upload)[A-Z][A-Za-z]+$/;

test('every operation is named by a verb and a noun', () => {
  for (const { operation } of operationsIn()) expect(operation.operationId).toMatch(verbs);
});

test('every parameter in a path is declared and required, and no other', () => {
  for (const { path, operation } of operationsIn()) {
    const named = [...path.matchAll(/\{([A-Za-z0-9]+)\}/g)].map((match) => match[1]);
    const parameters = (operation.parameters ?? []) as { name: string; in: string; required: boolean }[];
    const declared = parameters.filter((parameter) => parameter.in === 'path');
    expect([path, new Set(declared.map(({ name }) => name))]).toEqual([path, new Set(named)]);
    expect(declared.every(({ required }) => required)).toBe(true);
  }
});

test('every reference leads to a component, and the published schemas are there once', () => {
  const text = JSON.stringify(document);
  const components = (document.components as { schemas: Json }).schemas;
  const referred = new Set(
    [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1]),
  );
  expect(text.match(/"\$ref":"(?!#\/components\/schemas\/)/)).toBeNull();
  for (const name of referred) expect(components).toHaveProperty(String(name));
  for (const name of ['Case', 'Scan', 'Declaration', 'Problem']) expect(referred).toContain(name);
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
