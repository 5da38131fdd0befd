import type { Sdk, XmlNode } from '../../src/sdk/sdk.ts';

/** Elements by local name: exporters bind the namespace to any prefix, and mix it with their own. */
export function localName({ name }: Pick<XmlNode, 'name'>): string {
  return name.slice(name.indexOf(':') + 1);
}

export function childrenOf(node: XmlNode, name: string): readonly XmlNode[] {
  return node.children.filter((child) => localName(child) === name);
}

export function childOf(node: XmlNode | undefined, name: string): XmlNode | undefined {
  return node?.children.find((child) => localName(child) === name);
}

/** Descendants of that name, in document order; the depth of the document is bounded. */
export function allOf(node: XmlNode, name: string): readonly XmlNode[] {
  return node.children.flatMap((child) => [
    ...(localName(child) === name ? [child] : []),
    ...allOf(child, name),
  ]);
}

/** Text of a child, or undefined where it is absent or empty. */
export function textOf(node: XmlNode | undefined, name: string): string | undefined {
  const text = childOf(node, name)?.text ?? '';
  return text === '' ? undefined : text;
}

export function attributeOf({ attributes }: XmlNode, name: string): string | undefined {
  const found = Object.entries(attributes).find(([key]) => key.slice(key.indexOf(':') + 1) === name);
  return found?.[1];
}

const numberForm = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** A finite number of at least 0 unless `signed`; anything else is a warning. */
export function numberIn(
  text: string | undefined,
  field: string,
  sdk: Sdk,
  signed = false,
): number | undefined {
  if (text === undefined) return undefined;
  const value = numberForm.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value) && (signed || value >= 0)) return value;
  sdk.warn('NII_W_FIELD_MALFORMED', { field, value: text });
  return undefined;
}

const durationForm = /^P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,12})?)S)?)?$/;

/** Seconds of an xsd:duration without years and months, which no measurement takes. */
export function secondsIn(text: string | undefined, field: string, sdk: Sdk): number | undefined {
  if (text === undefined) return undefined;
  const match = durationForm.exec(text);
  const parts = (match ?? []).slice(1);
  if (match === null || parts.every((part) => part === undefined)) {
    sdk.warn('NII_W_FIELD_MALFORMED', { field, value: text });
    return undefined;
  }
  const [days = '0', hours = '0', minutes = '0', seconds = '0'] = parts;
  return Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** An entry of a record where there is a value. */
export function optional<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [name in Key]?: Value } {
  if (value === undefined) return {};
  const entry: { [name in Key]?: Value } = {};
  entry[key] = value;
  return entry;
}

/** Fields of the record that are short. */
export function word(text: string | undefined): string | undefined {
  return text?.slice(0, 256);
}
