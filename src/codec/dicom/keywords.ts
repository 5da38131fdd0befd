import dcmjs from 'dcmjs';

/** An attribute of the data dictionary (PS3.6). `tag` is eight upper-case digits. */
export interface Attribute {
  readonly tag: string;
  readonly vr: string;
}

let byKeyword: ReadonlyMap<string, Attribute> | undefined;

/** The attribute of a keyword or of eight hexadecimal digits; undefined where the dictionary has none. */
export function attributeOf(name: string): Attribute | undefined {
  const { dictionary } = dcmjs.data.DicomMetaDictionary;
  if (/^[0-9A-Fa-f]{8}$/.test(name)) {
    const tag = name.toUpperCase();
    const entry = dictionary[`(${tag.slice(0, 4)},${tag.slice(4)})`];
    return entry === undefined ? undefined : { tag, vr: entry.vr };
  }
  byKeyword ??= new Map(
    Object.entries(dictionary).flatMap(([key, entry]) =>
      entry?.name === undefined || !/^\([0-9A-F]{4},[0-9A-F]{4}\)$/.test(key)
        ? []
        : [[entry.name, { tag: key.replace(/[(),]/g, ''), vr: entry.vr }]],
    ),
  );
  return byKeyword.get(name);
}
