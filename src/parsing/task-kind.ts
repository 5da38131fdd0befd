import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

/**
 * What a reading is part of: an upload, or a picture, sample or file that somebody wants to see. Each has readers of its
 * own, so neither can take the places of the other.
 */
export const purposes = ['upload', 'view'] as const;
export type Purpose = (typeof purposes)[number];

/** Work that a reader can be asked for. Both ends use the same kind, so that they agree on the types. */
export interface TaskKind<Task, Result> {
  readonly name: string;
  readonly purpose: Purpose;
  /** The result that came, or undefined for what is none: a reader is not believed. */
  readonly check: (value: unknown) => Result | undefined;
  /** Never there: it only holds the types. */
  readonly types?: (task: Task) => Result;
}

/** The same values, none of which can be changed. */
export type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

/** `taskKind<Task>(name, purpose).answers(schema)`: the schema is that of what a reader answers. */
export function taskKind<Task>(name: string, purpose: Purpose) {
  return {
    answers: <Schema extends TSchema>(schema: Schema): TaskKind<Task, Frozen<Static<Schema>>> => {
      const compiled = Compile(schema);
      // what was checked is of the schema's type
      return {
        name,
        purpose,
        check: (value) => (compiled.Check(value) ? (value as Frozen<Static<Schema>>) : undefined),
      };
    },
  };
}
