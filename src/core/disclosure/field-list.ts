import { defined } from '../defined.ts';
import { NiiScan } from '../scan/scan.ts';
import { CODE_KEYWORD } from '../trade/codes.ts';
import { CLASS_KEYWORD, type FieldClass, WCO_KEYWORD } from './field-class.ts';

/** One field of the record, as its schema has it. */
export interface RecordField {
  /** With `[]` behind lists, as units[].containers[].value. */
  readonly path: string;
  readonly type: string;
  readonly classes: readonly FieldClass[];
  readonly required: boolean;
  readonly wco?: string;
  readonly code?: string;
  readonly description?: string;
}

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly description?: string;
  readonly [CLASS_KEYWORD]?: readonly FieldClass[];
  readonly [WCO_KEYWORD]?: string;
  readonly [CODE_KEYWORD]?: string;
}

/** Every field of the record that holds a value, in the order of the schema. */
export function recordFields(): readonly RecordField[] {
  return fieldsOf(NiiScan as object as Schema, '', ['technical'], true);
}

function fieldsOf(
  schema: Schema,
  path: string,
  inherited: readonly FieldClass[],
  required: boolean,
): readonly RecordField[] {
  const classes = schema[CLASS_KEYWORD] ?? inherited;
  const { properties, items } = schema;
  if (properties !== undefined) {
    return Object.entries(properties).flatMap(([name, inner]) =>
      fieldsOf(
        inner,
        path === '' ? name : `${path}.${name}`,
        classes,
        schema.required?.includes(name) === true,
      ),
    );
  }
  if (items !== undefined) {
    const inner = fieldsOf(items, `${path}[]`, classes, required);
    return inner.map((field, i) =>
      i === 0 && inner.length === 1 ? { ...describedBy(schema), ...field } : field,
    );
  }
  return [{ path, type: typeOf(schema), classes, required, ...describedBy(schema) }];
}

function describedBy(schema: Schema): Partial<RecordField> {
  const { description } = schema;
  const wco = schema[WCO_KEYWORD];
  const code = schema[CODE_KEYWORD];
  return defined({ wco, code, description });
}

function typeOf({ type, enum: values, const: only }: Schema): string {
  if (values !== undefined) return values.join(', ');
  if (only !== undefined) return JSON.stringify(only);
  return type ?? 'any JSON';
}
