import Value from 'typebox/value';
import { defined } from '../../core/defined.ts';
import { Visit } from '../../core/scan/circumstances.ts';
import {
  type ContainerNumber,
  type InspectionUnit,
  type Operation,
  Purpose,
  UnitKind,
} from '../../core/scan/scan.ts';
import type { Converted } from '../../sdk/sdk.ts';
import type { Figure, MappedRecord, Step, Words } from '../schema/mapped.ts';
import type { Evaluation } from './evaluation.ts';
import { momentOf } from './moment.ts';

type SourceField = Exclude<keyof Converted['source'], 'format'>;
const sourceFields = [
  'manufacturer',
  'model',
  'serial',
  'software',
  'scannerId',
  'site',
  'lane',
  'visit',
] as const satisfies readonly SourceField[];

/** What of the record the fields fill. */
export function recordOf(
  record: MappedRecord,
  format: string,
  evaluation: Evaluation,
): Pick<Converted, 'source' | 'acquired' | 'purpose' | 'units' | 'history'> {
  const purpose = purposeOf(record, evaluation);
  const acquired =
    record.acquired === undefined ? undefined : momentOf(record.acquired, evaluation, evaluation.sdk.warn);
  const history = (record.history ?? []).flatMap((step) => operationOf(step, evaluation));
  return {
    source: sourceOf(record, format, evaluation),
    acquired: acquired ?? { zone: 'unknown' },
    ...defined({ purpose }),
    units: unitsOf(record, evaluation),
    ...defined({ history: history.length === 0 ? undefined : history }),
  };
}

export function wordsOf(words: Words | undefined, evaluation: Evaluation): string | undefined {
  const value = typeof words === 'object' ? evaluation.value(words.field) : words;
  return value === undefined ? undefined : evaluation.sdk.clip(String(value));
}

/** A number, or undefined with a warning for a field that holds none. A decimal comma is one. */
export function figureOf(figure: Figure | undefined, evaluation: Evaluation): number | undefined {
  if (typeof figure !== 'object') return figure;
  const value = evaluation.value(figure.field);
  if (typeof value !== 'string') return value;
  if (/^[+-]?\d{1,15}(?:[.,]\d{1,15})?$/.test(value)) return Number(value.replace(',', '.'));
  evaluation.sdk.warn('NII_W_FIELD_MALFORMED', { field: figure.field, value });
  return undefined;
}

function sourceOf(record: MappedRecord, format: string, evaluation: Evaluation): Converted['source'] {
  const given = sourceFields.flatMap((name) => {
    const value = wordsOf(record[name], evaluation);
    if (value === undefined) return [];
    if (name !== 'visit' || Value.Check(Visit, value)) return [[name, value] as const];
    evaluation.sdk.warn('NII_W_FIELD_MALFORMED', { field: name, value });
    return [];
  });
  return { format, ...Object.fromEntries(given) };
}

function purposeOf(record: MappedRecord, evaluation: Evaluation): Converted['purpose'] {
  const value = wordsOf(record.purpose, evaluation);
  if (value === undefined || Value.Check(Purpose, value)) return value;
  evaluation.sdk.warn('NII_W_FIELD_MALFORMED', { field: 'purpose', value });
  return undefined;
}

/** Plates, seals and the like are of the vehicle: each of its units has them. */
function unitsOf(record: MappedRecord, evaluation: Evaluation): readonly InspectionUnit[] {
  const units = evaluation.sdk.units(numbersOf(record, evaluation));
  const kind = wordsOf(record.unitKind, evaluation);
  const description = listOf(record.description, evaluation).join('; ');
  const common = {
    plates: [...listOf(record.plates, evaluation)].slice(0, 16),
    declarations: [...listOf(record.declarations, evaluation)].slice(0, 64),
    seals: [...listOf(record.seals, evaluation)].slice(0, 64),
    ...defined({ description: description === '' ? undefined : evaluation.sdk.clip(description) }),
  };
  return units.map((unit) => ({
    ...unit,
    ...common,
    kind: unit.kind === 'unknown' ? (kindOf(kind, evaluation) ?? unit.kind) : unit.kind,
  }));
}

function kindOf(kind: string | undefined, { sdk }: Evaluation): InspectionUnit['kind'] | undefined {
  if (kind === undefined || isUnitKind(kind)) return kind;
  sdk.warn('NII_W_FIELD_MALFORMED', { field: 'unitKind', value: kind });
  return undefined;
}

function isUnitKind(kind: string): kind is InspectionUnit['kind'] {
  return Value.Check(UnitKind, kind);
}

function numbersOf({ containers = [] }: MappedRecord, evaluation: Evaluation): readonly ContainerNumber[] {
  return containers.flatMap(({ field, source }) => {
    const value = evaluation.value(field);
    return value === undefined ? [] : evaluation.sdk.containers(String(value), source, field);
  });
}

/** Values of fields, each of which may hold several, one a line. */
function listOf(names: readonly string[] | undefined, evaluation: Evaluation): readonly string[] {
  return (names ?? []).flatMap((name) => {
    const value = evaluation.value(name);
    const parts = value === undefined ? [] : String(value).split('\n');
    return parts.map((part) => evaluation.sdk.clip(part.trim())).filter((part) => part !== '');
  });
}

function operationOf(step: Step, evaluation: Evaluation): readonly Operation[] {
  if (!holds(step.when, evaluation)) return [];
  const quiet = () => {};
  const start = step.start === undefined ? undefined : momentOf(step.start, evaluation, quiet);
  const end = step.end === undefined ? undefined : momentOf(step.end, evaluation, quiet);
  const marks = figureOf(step.marks, evaluation);
  const named = (['operator', 'workstation', 'system', 'site'] as const).flatMap((name) => {
    const value = wordsOf(step[name], evaluation);
    return value === undefined ? [] : [[name, value] as const];
  });
  const type = wordsOf(step.type, evaluation)?.slice(0, 64);
  const verdict = wordsOf(step.verdict, evaluation)?.slice(0, 256);
  return [
    {
      kind: step.kind,
      ...defined({ type, start, end }),
      ...Object.fromEntries(named),
      ...defined({ verdict }),
      ...defined({ marks: Number.isSafeInteger(marks) && Number(marks) >= 0 ? marks : undefined }),
    },
  ];
}

function holds(when: Step['when'], evaluation: Evaluation): boolean {
  if (when === undefined) return true;
  const value = evaluation.value(when.field);
  return value !== undefined && (when.atLeast === undefined || Number(value) >= when.atLeast);
}
