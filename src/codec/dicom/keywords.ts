import { dataDictionary } from './data-dictionary.ts';

/** An attribute of the data dictionary (PS3.6). `tag` is eight upper-case digits. */
export interface Attribute {
  readonly tag: string;
  readonly vr: string;
}

/** The attribute of a keyword or of eight hexadecimal digits; undefined where the dictionary has none. */
export function attributeOf(name: string): Attribute | undefined {
  const { dictionary, nameMap } = dataDictionary();
  const digits = /^[0-9A-Fa-f]{8}$/.test(name) ? name.toUpperCase() : undefined;
  const entry =
    digits === undefined ? nameMap[name] : dictionary[`(${digits.slice(0, 4)},${digits.slice(4)})`];
  const [, group, element] = /^\(([0-9A-F]{4}),([0-9A-F]{4})\)$/i.exec(String(entry?.tag)) ?? [];
  if (entry === undefined || group === undefined || element === undefined) return undefined;
  return { tag: `${group}${element}`.toUpperCase(), vr: entry.vr };
}
