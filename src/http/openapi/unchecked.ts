import Type, { type TProperties } from 'typebox';
import { defined } from '../../core/defined.ts';
import type { RouteFacts } from '../route.ts';

/** Of what is stored under its hash (RFC 9110). */
const storedHeaders = {
  range: Type.Optional(
    Type.String({ description: 'One range of bytes, for example bytes=0-1023; several are ignored' }),
  ),
  'if-none-match': Type.Optional(
    Type.String({ description: 'ETag of the cached copy; 304 if it is unchanged' }),
  ),
};

interface Described {
  readonly headers?: unknown;
  readonly response?: object;
}

/** Adds to the schema of an operation the body and the headers that it takes besides. */
export function withUnchecked<T extends Described>({ unchecked = {} }: RouteFacts, schema: T): T {
  const { content } = unchecked;
  const headers: TProperties = {
    ...unchecked.headers,
    ...defined(isStored(schema) ? storedHeaders : {}),
  };
  const hasHeaders = Object.keys(headers).length > 0;
  return {
    ...schema,
    ...defined({
      body: content && { content },
      headers: hasHeaders ? Type.Object({ ...propertiesOf(schema), ...headers }) : undefined,
    }),
  };
}

function isStored({ response = {} }: Described): boolean {
  return '206' in response;
}

function propertiesOf({ headers }: Described): TProperties {
  return Object(headers).properties ?? {};
}
