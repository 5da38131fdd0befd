import type { Sdk } from '../../sdk/sdk.ts';
import type { MappedField } from '../schema/field.ts';

/** Longer texts are no fields; patterns are never let loose on more. */
const TEXT_CEILING = 4096;

export type FieldValue = string | number;

/** What a layout does to a value that was found: decoded, cut out, checked, mapped, scaled. @throws NII_UNSUPPORTED_VARIANT */
export function treated(
  found: FieldValue | undefined,
  field: MappedField,
  name: string,
  sdk: Sdk,
): FieldValue | undefined {
  const value = cutOut(decoded(textOrNumber(found), field, name, sdk), field);
  if (value === undefined || includes(field.none, value)) return field.default;
  if (field.only !== undefined && !includes(field.only, value)) {
    throw sdk.error('NII_UNSUPPORTED_VARIANT', `unsupported ${name} ${value}: use ${field.only.join(', ')}`);
  }
  if (field.usual !== undefined && !includes(field.usual, value)) {
    sdk.warn('NII_W_HEADER_CONSTANT', { field: name, value: String(value) });
  }
  const mapped = mappedTo(value, field, name, sdk);
  return mapped === undefined ? field.default : scaled(mapped, field);
}

/** Blanks around a text say nothing, and an empty one is none. */
function textOrNumber(found: FieldValue | undefined): FieldValue | undefined {
  if (typeof found !== 'string') return found;
  const text = found.slice(0, TEXT_CEILING).trim();
  return text === '' ? undefined : text;
}

function includes(list: readonly FieldValue[] | undefined, value: FieldValue): boolean {
  return list?.some((one) => String(one) === String(value)) ?? false;
}

function decoded(
  value: FieldValue | undefined,
  field: MappedField,
  name: string,
  sdk: Sdk,
): FieldValue | undefined {
  if (field.decode === undefined || typeof value !== 'string') return value;
  const compact = value.replace(/\s/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)) {
    sdk.warn('NII_W_FIELD_MALFORMED', { field: name, value });
    return value;
  }
  const bytes = new Uint8Array(Buffer.from(compact, 'base64'));
  return textOrNumber(sdk.text({ name, bytes }).text.replace(/\0+$/, ''));
}

function cutOut(value: FieldValue | undefined, { pattern }: MappedField): FieldValue | undefined {
  if (pattern === undefined || value === undefined) return value;
  const match = new RegExp(pattern, 'u').exec(String(value));
  return match === null ? undefined : textOrNumber(match.groups?.value ?? match[0]);
}

function mappedTo(value: FieldValue, field: MappedField, name: string, sdk: Sdk): FieldValue | undefined {
  const { map, otherwise } = field;
  if (map === undefined) return value;
  if (Object.hasOwn(map, String(value))) return map[String(value)];
  if (otherwise === undefined) sdk.warn('NII_W_FIELD_MALFORMED', { field: name, value: String(value) });
  return otherwise;
}

function scaled(value: FieldValue, { scale }: MappedField): FieldValue {
  const product = Number(value) * (scale ?? 1);
  return scale === undefined || !Number.isFinite(product) ? value : product;
}
