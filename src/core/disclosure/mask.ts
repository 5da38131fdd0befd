import { NiiScan } from '../scan/scan.ts';
import { isWarningCode, warningTable } from '../warnings.ts';
import { CLASS_KEYWORD, type FieldClass, type MaskedClass } from './field-class.ts';

/** What we look at of a JSON schema. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly [CLASS_KEYWORD]?: readonly FieldClass[];
}

type JsonObject = Readonly<Record<string, unknown>>;

const MASKED = 'masked';

/**
 * The record without the fields of these classes: optional ones are left out, lists are empty, and a text that the schema
 * asks for is `masked`. Files are numbered in place of their names, and a warning says only what its code says. The
 * result is by the schema of the record. Technical fields are never masked: a record without them says nothing.
 */
export function maskRecord(scan: NiiScan, without: readonly MaskedClass[]): NiiScan {
  if (without.length === 0) return scan;
  const hidden: ReadonlySet<FieldClass> = new Set(without);
  const masked = maskObject(scan, NiiScan as object as Schema, ['technical'], hidden) as unknown as NiiScan;
  return withPlainWarnings(withNumberedFiles(scan, masked));
}

function isHidden(classes: readonly FieldClass[], hidden: ReadonlySet<FieldClass>): boolean {
  return classes.some((one) => hidden.has(one));
}

function maskObject(
  value: JsonObject,
  schema: Schema,
  classes: readonly FieldClass[],
  hidden: ReadonlySet<FieldClass>,
): JsonObject {
  const entries = Object.entries(value).flatMap(([name, inner]) => {
    const kept = maskValue(inner, schema.properties?.[name] ?? {}, classes, hidden);
    if (kept !== undefined) return [[name, kept]];
    return schema.required?.includes(name) === true ? [[name, placeholderOf(inner)]] : [];
  });
  return Object.fromEntries(entries);
}

/** What is left of a value; undefined where nothing is. */
function maskValue(
  value: unknown,
  schema: Schema,
  inherited: readonly FieldClass[],
  hidden: ReadonlySet<FieldClass>,
): unknown {
  const classes = schema[CLASS_KEYWORD] ?? inherited;
  const { properties, items } = schema;
  if (Array.isArray(value)) {
    if (items === undefined) return isHidden(classes, hidden) ? undefined : value;
    const kept = value.flatMap((item) => maskValue(item, items, classes, hidden) ?? []);
    return kept.length === 0 && value.length > 0 ? undefined : kept;
  }
  if (typeof value === 'object' && value !== null && properties !== undefined) {
    if (isHidden(classes, hidden)) return undefined;
    return maskObject(value as JsonObject, schema, classes, hidden);
  }
  return isHidden(classes, hidden) ? undefined : value;
}

function placeholderOf(value: unknown): unknown {
  if (Array.isArray(value)) return [];
  return typeof value === 'object' ? {} : MASKED;
}

/** Files stay told apart, and an attachment is still one of the originals. */
function withNumberedFiles(scan: NiiScan, masked: NiiScan): NiiScan {
  const names = new Map(scan.originals.map(({ name }, i) => [name, `file-${i + 1}`]));
  const renamed = <T extends { readonly name: string }>(before: readonly T[], after: readonly T[]) =>
    after.map((file, i) => ({ ...file, name: names.get(before[i]?.name ?? '') ?? MASKED }));
  return {
    ...masked,
    originals: renamed(scan.originals, masked.originals),
    attachments: renamed(scan.attachments, masked.attachments),
  };
}

/** A warning quotes what was odd, as a plate or a number. */
function withPlainWarnings(scan: NiiScan): NiiScan {
  const warnings = scan.warnings.map(({ code, message }) => ({
    code,
    message: isWarningCode(code) ? warningTable[code] : message,
  }));
  return { ...scan, warnings };
}
