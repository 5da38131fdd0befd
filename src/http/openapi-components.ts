/**
 * Schemas that are published under an address of their own appear once in the description, among its components,
 * and are referred to from everywhere else.
 */
export function shareSchemas<Document extends object>(document: Document): Document {
  const components = new Map<string, unknown>();
  const shared = replaceShared(document, components);
  if (!isRecord(shared)) return document;
  const old = isRecord(shared.components) ? shared.components : {};
  const known = isRecord(old.schemas) ? old.schemas : {};
  return { ...document, ...shared, components: { ...old, schemas: { ...known, ...Object.fromEntries(components) } } };
}

function replaceShared(value: unknown, components: Map<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((item) => replaceShared(item, components));
  if (!isRecord(value)) return value;
  const plain = Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, replaceShared(item, components)]),
  );
  const name = componentName(value.$id);
  if (name === undefined) return plain;
  const { $id, ...schema } = plain;
  components.set(name, schema);
  return { $ref: `#/components/schemas/${name}` };
}

/** `https://nii-hub.org/schemas/case-1.0.json` is Case. */
function componentName(id: unknown): string | undefined {
  if (typeof id !== 'string') return undefined;
  const name = /\/schemas\/([a-z]+)-[0-9.]+\.json$/.exec(id)?.[1];
  return name === undefined ? undefined : `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
