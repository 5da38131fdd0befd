import { defined } from '../../core/defined.ts';

/** One value that a proposal changes; absent where there is none. */
export interface FieldChange {
  /** Names of properties and places in lists, as `windows.0.seconds`. */
  readonly field: string;
  readonly before?: string;
  readonly after?: string;
}

/**
 * What differs between two versions of some terms. What is no longer set comes first, then what is changed, then what is
 * new: a removal is what loosens most, and a proposer does not choose where it stands.
 */
export function changesBetween(before: unknown, after: unknown): readonly FieldChange[] {
  const [old, next] = [new Map(valuesIn(before)), new Map(valuesIn(after))];
  const fields = [...new Set([...old.keys(), ...next.keys()])];
  const changes = fields
    .filter((field) => old.get(field) !== next.get(field))
    .map((field) => ({ field, ...defined({ before: old.get(field), after: next.get(field) }) }));
  return changes.toSorted((a, b) => rankOf(a) - rankOf(b));
}

function rankOf({ before, after }: FieldChange): number {
  if (after === undefined) return 0;
  return before === undefined ? 2 : 1;
}

/** An empty list or object is a value: a list without words is not the same as none. */
function valuesIn(value: unknown, field = ''): readonly (readonly [string, string])[] {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null) return [[field, String(value)]];
  const parts = Object.entries(value);
  if (parts.length === 0) return field === '' ? [] : [[field, JSON.stringify(value)]];
  return parts.flatMap(([name, one]) => valuesIn(one, field === '' ? name : `${field}.${name}`));
}
