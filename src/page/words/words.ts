import { en, type WordKey } from './en.ts';

export type { WordKey } from './en.ts';
export type Words = (key: WordKey, values?: Readonly<Record<string, string | number>>) => string;

/** A sentence with its values filled in. */
export const words: Words = (key, values = {}) =>
  en[key].replaceAll(/\{([a-zA-Z]+)\}/g, (_, name: string) => String(values[name] ?? `{${name}}`));
