import { defined } from '../../core/defined.ts';

/**
 * What many operations state alike stands once among the components, and the operations refer to it: parameters, and
 * problems of one code. Their names come from what they are, so that they stay when others are added.
 */

type Json = Readonly<Record<string, unknown>>;

interface Hoisted {
  readonly parameters: Map<string, unknown>;
  readonly responses: Map<string, unknown>;
}

/** Moves what is repeated of all operations into the components. */
export function hoistRepeated(document: Json): Json {
  const repeated = repeatedParameters(document);
  const hoisted: Hoisted = { parameters: new Map(), responses: new Map() };
  const paths = mapOperations(document, (operation) => ({
    ...operation,
    ...defined({
      parameters: Array.isArray(operation.parameters)
        ? operation.parameters.map((one) => hoistParameter(one, repeated, hoisted))
        : undefined,
    }),
    responses: mapEntries(recordAt(operation, 'responses'), (status, answer) =>
      hoistResponse(status, answer, hoisted),
    ),
  }));
  const components = {
    ...recordAt(document, 'components'),
    parameters: sorted(hoisted.parameters),
    responses: sorted(hoisted.responses),
  };
  return { ...document, paths, components };
}

/** The document with every operation changed. */
export function mapOperations(document: Json, change: (operation: Json) => Json): Json {
  return mapEntries(recordAt(document, 'paths'), (_path, item) =>
    mapEntries(toRecord(item), (_method, operation) => change(toRecord(operation))),
  );
}

/** Names of the parameters that several operations state, and all of them alike. */
function repeatedParameters(document: Json): ReadonlySet<string> {
  const forms = new Map<string, string[]>();
  mapOperations(document, (operation) => {
    for (const stated of Array.isArray(operation.parameters) ? operation.parameters : []) {
      const name = parameterName(toRecord(stated));
      forms.set(name, [...(forms.get(name) ?? []), JSON.stringify(stated)]);
    }
    return operation;
  });
  const alike = [...forms].filter(([, texts]) => texts.length > 1 && new Set(texts).size === 1);
  return new Set(alike.map(([name]) => name));
}

function hoistParameter(stated: unknown, repeated: ReadonlySet<string>, { parameters }: Hoisted): unknown {
  const name = parameterName(toRecord(stated));
  if (!repeated.has(name)) return stated;
  parameters.set(name, stated);
  return { $ref: `#/components/parameters/${name}` };
}

/** `PathScanId`, `HeaderIfMatch`. */
function parameterName({ in: place, name }: Json): string {
  return [place, ...String(name).split('-')].map((part) => capital(String(part))).join('');
}

/** Only problems that are the same at every operation; what two operations say differently stays where it is. */
function hoistResponse(status: string, answer: unknown, { responses }: Hoisted): unknown {
  const { content, 'x-codes': codes } = toRecord(answer);
  const name = problemName(status, codes);
  if (name === undefined || content === undefined) return answer;
  const text = JSON.stringify(answer);
  const known = responses.get(name) ?? answer;
  if (JSON.stringify(known) !== text) return answer;
  responses.set(name, answer);
  return { $ref: `#/components/responses/${name}` };
}

/** `NII_NOT_FOUND` is NotFound; an answer of several codes has no name, except the one that every operation gives. */
function problemName(status: string, codes: unknown): string | undefined {
  if (!Array.isArray(codes)) return undefined;
  if (status === '503' && codes.length === EVERYWHERE_503) return 'Unavailable';
  if (codes.length !== 1) return undefined;
  return String(codes[0])
    .split('_')
    .slice(1)
    .map((part) => capital(part.toLowerCase()))
    .join('');
}

/** Busy, too many connections, no database. */
const EVERYWHERE_503 = 3;

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function sorted(map: ReadonlyMap<string, unknown>): Json {
  return Object.fromEntries([...map].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function mapEntries(record: Json, change: (key: string, value: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(key, value)]));
}

function recordAt(value: Json, key: string): Json {
  return toRecord(value[key]);
}

function toRecord(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}
