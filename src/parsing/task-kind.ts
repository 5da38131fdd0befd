import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

/** Work that a reader can be asked for. Both ends use the same kind, so that they agree on the types. */
export interface TaskKind<Task, Result> {
  readonly name: string;
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

/** `taskKind<Task>(name).answers(schema)`: the schema is that of what a reader answers. */
export function taskKind<Task>(name: string) {
  return {
    answers: <Schema extends TSchema>(schema: Schema): TaskKind<Task, Frozen<Static<Schema>>> => {
      const compiled = Compile(schema);
      // what was checked is of the schema's type
      return {
        name,
        check: (value) => (compiled.Check(value) ? (value as Frozen<Static<Schema>>) : undefined),
      };
    },
  };
}
