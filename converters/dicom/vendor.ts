import type { DicomFile, Json } from '../../src/sdk/sdk.ts';
import type { DicomSdk } from './tools.ts';

/** So many files have their data sets in full; volumes of more slices say the same hundreds of times. */
const FULL_CEILING = 16;

/** Every element of every file by its name; of many files the first in full, the others by what differs from it. */
export function vendorOf(files: readonly DicomFile[], sdk: DicomSdk): Readonly<Record<string, Json>> {
  const entries = files.map(({ name, dataSet }) => ({ name, json: sdk.dicom.toJson(dataSet) }));
  const [first] = entries;
  if (first === undefined || entries.length <= FULL_CEILING) {
    return Object.fromEntries(entries.map(({ name, json }) => [name, json]));
  }
  const like = new Map(Object.entries(first.json).map(([tag, value]) => [tag, JSON.stringify(value)]));
  return Object.fromEntries(
    entries.map(({ name, json }) => [name, name === first.name ? json : difference(json, like, first.name)]),
  );
}

function difference(
  json: { readonly [tag: string]: Json },
  like: ReadonlyMap<string, string>,
  name: string,
): Json {
  const differs = Object.entries(json).filter(([tag, value]) => like.get(tag) !== JSON.stringify(value));
  const without = [...like.keys()].filter((tag) => !Object.hasOwn(json, tag));
  return { like: name, differs: Object.fromEntries(differs), without };
}
