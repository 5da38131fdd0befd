/** The same properties; those that may be undefined are optional. */
export type Defined<T extends object> = {
  [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key];
} & {
  [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>;
};

/** The properties that have a value, in the same order: an optional property is absent, never undefined. */
export function defined<T extends object>(values: T): Defined<T> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  // What was undefined is optional in the type, and everything else is still here
  return Object.fromEntries(entries) as Defined<T>;
}
