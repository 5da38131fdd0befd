import { nameOf } from './named.ts';

/**
 * Schemas that have a name appear once in the description, among its components, and are referred to from everywhere
 * else. It takes two passes, because the generator between them follows every
 * reference that it finds: first a mark in place of the schema, then the reference in place of the mark.
 */
const MARK = 'x-nii-component';

export type Components = Map<string, unknown>;

/** Replaces schemas with a name by marks, and collects them. */
export function markShared(value: unknown, components: Components): unknown {
  if (Array.isArray(value)) return value.map((item) => markShared(item, components));
  if (!isRecord(value)) return value;
  const plain = withType(mapped(value, (item) => markShared(item, components)));
  const name = componentName(value.$id) ?? nameOf(value);
  if (name === undefined) return plain;
  const { $id, ...schema } = plain;
  components.set(name, schema);
  return { [MARK]: name };
}

/** States the type of schemas that only list their values: generators want it. */
export function withTypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withTypes);
  return isRecord(value) ? withType(mapped(value, withTypes)) : value;
}

function withType(schema: Record<string, unknown>): Record<string, unknown> {
  if (!Array.isArray(schema.enum) || schema.type !== undefined) return schema;
  if (schema.enum.every((item) => typeof item === 'string')) return { type: 'string', ...schema };
  return schema.enum.every(Number.isInteger) ? { type: 'integer', ...schema } : schema;
}

/** Replaces the marks in the finished description by references to its components. */
export function referShared(document: object, components: Components): Readonly<Record<string, unknown>> {
  const referring = refer(document);
  if (!isRecord(referring)) return { ...document };
  const known = isRecord(referring.components) ? referring.components : {};
  const byName = [...components].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const schemas = Object.fromEntries(byName.map(([name, schema]) => [name, refer(schema)]));
  return { ...referring, components: { ...known, schemas } };
}

function refer(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(refer);
  if (!isRecord(value)) return value;
  const name = value[MARK];
  return typeof name === 'string' ? { $ref: `#/components/schemas/${name}` } : mapped(value, refer);
}

/** `https://nii-hub.org/schemas/case-1.0.json` is Case. */
function componentName(id: unknown): string | undefined {
  if (typeof id !== 'string') return undefined;
  const name = /\/schemas\/([a-z]+)-[0-9.]+\.json$/.exec(id)?.[1];
  return name === undefined ? undefined : `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function mapped(value: Record<string, unknown>, change: (item: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item)]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
