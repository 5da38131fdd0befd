import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import Value from 'typebox/value';
import { NiiError } from '../core/errors.ts';

/** Parts of a request that are text on the wire, so that "5" may stand for 5; a JSON body is taken as it is. */
const textual: ReadonlySet<string> = new Set(['querystring', 'params', 'headers']);

/** Checks requests against their schemas; nothing is filled in, dropped or turned into something else. */
export const checkRequests: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const validator = Compile(schema);
  const isText = textual.has(httpPart ?? '');
  return (value: unknown) => {
    const given = isText ? Value.Convert(schema, value) : value;
    if (validator.Check(given)) return { value: given };
    const [first] = validator.Errors(given);
    return { error: refusal(httpPart ?? 'request', first?.instancePath ?? '', first?.message ?? 'is wrong') };
  };
};

function refusal(part: string, pointer: string, message: string): NiiError {
  const field = pointer.slice(1).replaceAll('/', '.');
  const where = field === '' ? part : field;
  return new NiiError('NII_BAD_REQUEST', { detail: `${part}: ${where} ${message}`, field: where });
}
