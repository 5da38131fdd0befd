import { CODE_KEYWORD, type CodeKind } from './codes.ts';

/** What we look at of a JSON schema. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly [CODE_KEYWORD]?: CodeKind;
}

export interface CodeThere {
  readonly kind: CodeKind;
  readonly code: string;
  /** JSON pointer (RFC 6901). */
  readonly path: string;
}

/** Every code that a value holds where its schema says that one stands. */
export function* codesIn(value: unknown, schema: object, path = ''): Generator<CodeThere> {
  const { properties, items, [CODE_KEYWORD]: kind } = schema as Schema;
  if (kind !== undefined && typeof value === 'string') yield { kind, code: value, path };
  if (items !== undefined && Array.isArray(value)) {
    for (const [i, item] of value.entries()) yield* codesIn(item, items, `${path}/${i}`);
  }
  if (properties === undefined || typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    const innerSchema = properties[name];
    if (innerSchema !== undefined) yield* codesIn(inner, innerSchema, `${path}/${name}`);
  }
}
