import { isObject, type Json, listAt, objectAt } from './json.ts';
import { checkerOf } from './schema-check.ts';

/** What the service says of itself in its OpenAPI document, as far as requests and answers go. */
export interface Description {
  readonly operations: readonly Operation[];
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  /** With names in braces. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Schemas of bodies by media type. */
  readonly bodies: ReadonlyMap<string, Json>;
  readonly answers: ReadonlyMap<number, Answer>;
  /** Names of the roles that may call it; none where it is open to anyone. */
  readonly roles: readonly string[];
}

export interface Parameter {
  readonly name: string;
  readonly place: 'path' | 'query' | 'header';
  readonly isRequired: boolean;
  readonly schema: Json;
}

export interface Answer {
  /** By media type; what is wrong with a value, or undefined. */
  readonly contents: ReadonlyMap<string, Check>;
  readonly requiredHeaders: readonly string[];
}

export type Check = (value: unknown) => string | undefined;

/** Nothing in the document leads in a circle; deeper than this it would be one. */
const DEPTH_CEILING = 40;
const METHODS = ['get', 'put', 'post', 'patch', 'delete'] as const;

/** @throws where the document is not OpenAPI 3.1 with operations */
export function readDescription(document: unknown): Description {
  if (!isObject(document) || document.openapi !== '3.1.0') throw new Error('this is no OpenAPI 3.1.0');
  const components = objectAt(document, 'components');
  const operations = Object.entries(objectAt(document, 'paths')).flatMap(([path, item]) =>
    operationsAt(path, follow(item, components, 0)),
  );
  if (operations.length === 0) throw new Error('the description names no operation');
  return { operations };
}

/** The same with every reference replaced by what it leads to. */
function follow(value: unknown, components: Json, depth: number): unknown {
  if (depth > DEPTH_CEILING) throw new Error('the description leads in a circle');
  if (Array.isArray(value)) return value.map((item) => follow(item, components, depth + 1));
  if (!isObject(value)) return value;
  const reference = value.$ref;
  if (typeof reference !== 'string')
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, follow(item, components, depth + 1)]),
    );
  const [, kind = '', name = ''] = /^#\/components\/([^/]+)\/([^/]+)$/.exec(reference) ?? [];
  const found = objectAt(components, kind)[name];
  if (!isObject(found)) throw new Error(`${reference} leads to nothing`);
  return follow(found, components, depth + 1);
}

function operationsAt(path: string, item: unknown): readonly Operation[] {
  return METHODS.filter((method) => isObject(item) && isObject(item[method])).map((method) =>
    operationOf(path, method, objectAt(item, method)),
  );
}

function operationOf(path: string, method: string, stated: Json): Operation {
  return {
    id: String(stated.operationId),
    method: method.toUpperCase(),
    path,
    parameters: listAt(stated, 'parameters').filter(isObject).map(parameterOf),
    bodies: new Map(
      Object.entries(objectAt(objectAt(stated, 'requestBody'), 'content')).map(([type, content]) => [
        type,
        objectAt(content, 'schema'),
      ]),
    ),
    answers: new Map(
      Object.entries(objectAt(stated, 'responses')).map(([status, answer]) => [
        Number(status),
        answerOf(answer),
      ]),
    ),
    roles: rolesOf(stated),
  };
}

function rolesOf({ description, security }: Json): readonly string[] {
  if (!Array.isArray(security) || security.length === 0) return [];
  const named = /Roles: ([a-z, -]+)\./.exec(String(description))?.[1];
  return named?.split(', ') ?? [];
}

function parameterOf(stated: Json): Parameter {
  return {
    name: String(stated.name),
    place: stated.in === 'path' || stated.in === 'header' ? stated.in : 'query',
    isRequired: stated.required === true,
    schema: objectAt(stated, 'schema'),
  };
}

function answerOf(stated: unknown): Answer {
  const headers = Object.entries(objectAt(stated, 'headers'));
  return {
    contents: new Map(
      Object.entries(objectAt(stated, 'content')).map(([type, content]) => [
        type,
        checkerOf(objectAt(content, 'schema')),
      ]),
    ),
    requiredHeaders: headers
      .filter(([, header]) => isObject(header) && header.required === true)
      .map(([name]) => name.toLowerCase()),
  };
}
