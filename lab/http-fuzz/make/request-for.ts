import type { SeededNumbers } from '../../../src/tools/contract/mutate.ts';
import type { Operation, Parameter } from '../description.ts';
import type { Json } from '../json.ts';
import { escaped, filledPath, type PathValues } from '../paths.ts';
import type { Caller, FuzzRequest, Header } from '../request.ts';
import { type Body, fileOf, formBody, jsonBody, relatedBody } from './bodies.ts';
import { oneIn, oneOf } from './chance.ts';
import { oddHeader, sendable } from './odd-headers.ts';
import { oddText } from './odd-text.ts';
import { resumableRequest } from './resumable.ts';
import type { Sources } from './sources.ts';
import { type Aim, type Making, makeValue } from './values.ts';

/** Longer waits are described, and would hold up all others: seldom. */
const USUAL_WAIT = 1;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'] as const;

/** One request to an operation: most often in order, else wrong in one place or another. */
export function requestFor(sources: Sources, operation: Operation): FuzzRequest {
  const { numbers } = sources;
  const aim = aimOf(numbers);
  if (operation.path.startsWith('/v1/uploads'))
    return withCaller(sources, operation, resumableRequest(sources, operation, aim));
  const wrongPlace = aim === 'valid' ? -1 : numbers.below(4);
  const aimAt = (place: number): Aim => (place === wrongPlace || oneIn(numbers, 30) ? aim : 'valid');
  const values = sources.learnt.place(numbers, operation.path);
  const body = bodyFor(sources, operation, aimAt(2));
  const made = {
    operation: operation.id,
    method: aim === 'wrong' && oneIn(numbers, 12) ? oneOf<string>(numbers, METHODS) : operation.method,
    target: pathFor(sources, operation, values, aimAt(0)) + queryFor(sources, operation, aimAt(1)),
    headers: [
      ...headersFor(sources, operation, values, aimAt(3)),
      ...(body?.headers ?? []),
      ...rangeHeaders(sources, operation, values),
      ...moreHeaders(numbers, aim),
    ],
    body: body?.bytes,
    framing: oneIn(numbers, 5) ? ('chunked' as const) : ('length' as const),
  };
  return withCaller(sources, operation, made);
}

function aimOf(numbers: SeededNumbers): Aim {
  const drawn = numbers.below(10);
  if (drawn < 5) return 'valid';
  return drawn < 7 ? 'border' : 'wrong';
}

function withCaller(
  sources: Sources,
  operation: Operation,
  request: Omit<FuzzRequest, 'caller'>,
): FuzzRequest {
  return { ...request, caller: callerOf(sources, operation) };
}

/** Most often one of a role that may. */
function callerOf({ numbers, roles }: Sources, operation: Operation): Caller {
  const drawn = numbers.below(60);
  const number = numbers.below(1000);
  if (drawn === 0) return { kind: 'none' };
  if (drawn === 1) return { kind: 'header', value: oddAuthorization(numbers) };
  if (drawn < 8 || operation.roles.length === 0) return { kind: 'key', role: oneOf(numbers, roles), number };
  const may = operation.roles.filter((role) => roles.includes(role));
  return { kind: 'key', role: oneOf(numbers, may.length === 0 ? roles : may), number };
}

function oddAuthorization(numbers: SeededNumbers): string {
  const known = [
    'Bearer',
    'Bearer ',
    'bearer nii_0000000000000000_x',
    'Basic YTpi',
    'Bearer nii_',
    'Digest x',
  ];
  return oneIn(numbers, 3) ? sendable(`Bearer ${oddText(numbers)}`) : oneOf(numbers, known);
}

function makingFor({ numbers, learnt }: Sources): Making {
  return { numbers, learnt: (name) => learnt.texts(name) };
}

function pathFor(sources: Sources, { path, parameters }: Operation, values: PathValues, aim: Aim): string {
  const { numbers } = sources;
  const stated = parameters.filter(({ place }) => place === 'path');
  const at = aim === 'valid' ? undefined : stated[numbers.below(stated.length)]?.name;
  const filled = filledPath(path, (name) => {
    const schema = stated.find((one) => one.name === name)?.schema ?? {};
    if (name === at && aim === 'wrong' && oneIn(numbers, 4)) return rawPart(oddText(numbers));
    const known = name === at ? undefined : values[name];
    return escaped(known ?? String(makeValue(makingFor(sources), schema, name === at ? aim : 'valid', name)));
  });
  return aim === 'wrong' && oneIn(numbers, 10) ? oddPath(numbers, filled) : filled;
}

/** As it stands, with its own escapes; only what could not be sent at all is escaped. */
function rawPart(text: string): string {
  return text.replaceAll(/[^\x21-\x7e]/g, (char) => escaped(char)).slice(0, 9000);
}

function oddPath(numbers: SeededNumbers, path: string): string {
  return oneOf(numbers, [
    `${path}/`,
    `/${path}`,
    `${path}%2F..`,
    `${path}/..`,
    `${path};a=b`,
    `${path}%00`,
    path.toUpperCase(),
    path.replace('/v1', '/v1/.'),
    path.replace(/./, '%2F'),
    `${path}#x`,
    'http://elsewhere.example/v1/scans',
    '*',
  ]);
}

function queryFor(sources: Sources, { parameters }: Operation, aim: Aim): string {
  const { numbers } = sources;
  const stated = parameters.filter(({ place }) => place === 'query');
  const used = stated.filter(({ name, isRequired }) => isRequired || name === 'wait' || oneIn(numbers, 3));
  const at = aim === 'valid' ? -1 : numbers.below(used.length);
  const pairs = used.flatMap((parameter, i) => pairsOf(sources, parameter, i === at ? aim : 'valid'));
  const odd = aim === 'wrong' ? oddPairs(numbers, pairs) : pairs;
  return odd.length === 0 ? '' : `?${odd.join('&')}`;
}

function pairsOf(sources: Sources, { name, schema }: Parameter, aim: Aim): readonly string[] {
  if (name === 'wait' && !oneIn(sources.numbers, 400))
    return [`wait=${sources.numbers.below(USUAL_WAIT + 1)}`];
  const value = makeValue(makingFor(sources), schema, aim, name);
  const texts = (Array.isArray(value) ? value : [value]).map((item) =>
    typeof item === 'string' ? item : JSON.stringify(item),
  );
  return texts.map((text) => `${name}=${escaped(String(text))}`);
}

function oddPairs(numbers: SeededNumbers, pairs: readonly string[]): readonly string[] {
  switch (numbers.below(5)) {
    case 0:
      return [...pairs, ...pairs];
    case 1:
      return [...pairs, `${escaped(oddText(numbers))}=${escaped(oddText(numbers))}`];
    case 2:
      return [...pairs, rawPart(oddText(numbers))];
    case 3:
      // without a wait an answer may take a minute
      return pairs.filter((pair, i) => i > 0 || pair.startsWith('wait='));
    default:
      return pairs;
  }
}

function headersFor(
  sources: Sources,
  { parameters }: Operation,
  values: PathValues,
  aim: Aim,
): readonly Header[] {
  const { numbers, learnt } = sources;
  return parameters.flatMap(({ name, place, schema, isRequired }): readonly Header[] => {
    if (place !== 'header' || ofRanges.has(name) || (!isRequired && oneIn(numbers, 2))) return [];
    const version = learnt.version(values);
    if (name === 'if-match' && aim === 'valid' && version !== undefined) return [[name, version]];
    // Few different ones, so that the same comes twice
    if (name === 'idempotency-key' && aim === 'valid') return [[name, `key-${numbers.below(500)}`]];
    return [[name, sendable(String(makeValue(makingFor(sources), schema, aim, name)))]];
  });
}

/** Headers that `rangeHeaders` makes. */
const ofRanges: ReadonlySet<string> = new Set(['range', 'if-none-match']);

/** Of what is stored, a piece is asked for as often as the whole, and now and then only what is newer. */
function rangeHeaders(
  { numbers, learnt }: Sources,
  { answers }: Operation,
  values: PathValues,
): readonly Header[] {
  if (!answers.has(206) || oneIn(numbers, 2)) return [];
  const version = learnt.version(values);
  if (oneIn(numbers, 3)) return [['if-none-match', version ?? '*']];
  const [first, count] = [numbers.below(400), numbers.below(400)];
  const range = oneOf(numbers, [`${first}-${first + count}`, `${first}-`, `-${count}`, `${first}-${first}`]);
  const kept: Header = ['range', `bytes=${range}`];
  return version !== undefined && oneIn(numbers, 4) ? [kept, ['if-range', version]] : [kept];
}

function moreHeaders(numbers: SeededNumbers, aim: Aim): readonly Header[] {
  if (aim === 'valid' && !oneIn(numbers, 4)) return [];
  return Array.from({ length: 1 + numbers.below(3) }, () => oddHeader(numbers));
}

function bodyFor(sources: Sources, operation: Operation, aim: Aim): Body | undefined {
  const { numbers, files, dicomFiles } = sources;
  if (/^\/dicomweb/.test(operation.path) && operation.method === 'POST')
    return relatedBody(numbers, dicomFiles, aim);
  const [type, schema] = oneOf(numbers, [...operation.bodies, ['', undefined] as const]);
  if (operation.bodies.size === 0) return oneIn(numbers, 40) ? strayBody(sources) : undefined;
  if (operation.bodies.has('application/json')) {
    const stated: Json = operation.bodies.get('application/json') ?? {};
    return aim === 'wrong' && oneIn(numbers, 6)
      ? strayBody(sources)
      : jsonBody(makingFor(sources), stated, aim);
  }
  if (schema === undefined) return strayBody(sources);
  if (type === 'multipart/form-data') return formBody(makingFor(sources), files, schema ?? {}, aim);
  return {
    headers: [['content-type', type === '' ? 'application/octet-stream' : type]],
    bytes: fileOf(numbers, files, aim).bytes,
  };
}

/** Bytes where none are taken, or of another kind than is taken. */
function strayBody({ numbers }: Sources): Body {
  const text = oddText(numbers).slice(0, 2000);
  return {
    headers: oneIn(numbers, 3) ? [] : [['content-type', 'text/plain']],
    bytes: new Uint8Array(Buffer.from(text)),
  };
}
