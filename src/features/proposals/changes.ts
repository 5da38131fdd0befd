import { defined } from '../../core/defined.ts';

/** One value that a proposal changes; absent where there is none. */
export interface FieldChange {
  /** Names of properties and places in lists, as `windows.0.seconds`. */
  readonly field: string;
  readonly before?: string;
  readonly after?: string;
}

/** What differs between two versions of some terms, in the order of the new one; what it leaves out stands last. */
export function changesBetween(before: unknown, after: unknown): readonly FieldChange[] {
  const [old, next] = [new Map(valuesIn(before)), new Map(valuesIn(after))];
  const fields = [...new Set([...next.keys(), ...old.keys()])];
  return fields
    .filter((field) => old.get(field) !== next.get(field))
    .map((field) => ({ field, ...defined({ before: old.get(field), after: next.get(field) }) }));
}

function valuesIn(value: unknown, field = ''): readonly (readonly [string, string])[] {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null) return [[field, String(value)]];
  return Object.entries(value).flatMap(([name, one]) =>
    valuesIn(one, field === '' ? name : `${field}.${name}`),
  );
}
