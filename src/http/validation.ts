import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import Value from 'typebox/value';
import { NiiError, orList } from '../core/errors.ts';

/** Parts of a request that are text on the wire, so that "5" may stand for 5; a JSON body is taken as it is. */
const textual: ReadonlySet<string> = new Set(['querystring', 'params', 'headers']);

/**
 * Checks requests against their schemas; nothing is filled in, dropped or turned into something else. A schema is
 * compiled for its first request: a start does not wait for hundreds.
 */
export const checkRequests: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  let compiled: Validator | undefined;
  const isText = textual.has(httpPart ?? '');
  return (value: unknown) => {
    compiled ??= Compile(schema);
    const validator = compiled;
    const given = isText ? Value.Convert(schema, value) : value;
    if (validator.Check(given)) return { value: given };
    return { error: rejection(httpPart ?? 'request', nearestFault(validator.Errors(given)), given) };
  };
};

/** The first fault; of a value that may have several forms, the first of the form that it comes nearest to. */
function nearestFault(faults: readonly TLocalizedValidationError[]): TLocalizedValidationError | undefined {
  const [first] = faults;
  const [, forms] = /^(.*?)\/anyOf\/\d+/.exec(first?.schemaPath ?? '') ?? [];
  if (forms === undefined) return first;
  const whole = faults.find(({ keyword, schemaPath }) => keyword === 'anyOf' && schemaPath === forms);
  const inside = faults.filter(
    ({ instancePath, schemaPath }) =>
      instancePath.startsWith(whole?.instancePath ?? '') && schemaPath.startsWith(`${forms}/anyOf/`),
  );
  const formOf = ({ schemaPath }: TLocalizedValidationError) => schemaPath.slice(forms.length).split('/')[2];
  const byForm = [...new Set(inside.map(formOf))].map((form) => inside.filter((one) => formOf(one) === form));
  const [nearest] = byForm.toSorted((a, b) => a.length - b.length);
  return nearest?.[0] ?? first;
}

function rejection(part: string, fault: TLocalizedValidationError | undefined, given: unknown): NiiError {
  const field = fault === undefined ? '' : fieldOf(fault);
  const where = field === '' ? part : field;
  const detail = fault === undefined ? `Invalid ${part}` : whatIsWrong(where, fault, given);
  return new NiiError('NII_BAD_REQUEST', { detail, field: where });
}

/** Names the wrong value and what is allowed. */
function whatIsWrong(where: string, fault: TLocalizedValidationError, given: unknown): string {
  if (fault.keyword === 'required') return `Missing ${where}`;
  const invalid = `Invalid ${where}${quoted(Value.Pointer.Get(given, fault.instancePath))}`;
  return fault.keyword === 'enum'
    ? `${invalid}: use ${orList(fault.params.allowedValues.map(String))}`
    : `${invalid}: ${fault.message}`;
}

const MOST_QUOTED = 64;

/** Texts, numbers and truth values as they came; nothing of a list or an object. */
function quoted(value: unknown): string {
  if (!['string', 'number', 'boolean'].includes(typeof value)) return '';
  const text = String(value);
  return ` "${text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED)}…` : text}"`;
}

/** The field that is wrong, missing or unknown, dotted. */
function fieldOf(fault: TLocalizedValidationError): string {
  const path = fault.instancePath.slice(1).split('/');
  const more = fault.keyword === 'required' ? fault.params.requiredProperties.slice(0, 1) : [];
  return [...path, ...more].filter((name) => name !== '').join('.');
}
