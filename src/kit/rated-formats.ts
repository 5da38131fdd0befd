import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import type { ConverterPackage } from '../convert/registry.ts';

const Grade = Type.Enum([1, 2, 3, 4, 5]);

/** `ratings.json` beside the packages: written by `npm run formats`, never by hand. */
const RatingsFile = Type.Record(
  Type.String(),
  Type.Object({
    version: Type.String(),
    ratings: Type.Object({
      pixels: Type.Union([Grade, Type.Null()]),
      metadata: Grade,
      openness: Grade,
      presence: Grade,
      utility: Type.Union([Grade, Type.Null()]),
    }),
  }),
);
export type RatingsFile = Static<typeof RatingsFile>;

const RATINGS_FILE = 'ratings.json';

/** The ratings of a package as they were computed for this version of it, or undefined. */
export async function ratingsBeside({
  manifest,
  folder,
}: ConverterPackage): Promise<RatingsFile[string]['ratings'] | undefined> {
  const text = await readFile(join(dirname(folder), RATINGS_FILE), 'utf8').catch(() => undefined);
  const all: unknown = text === undefined ? undefined : JSON.parse(text);
  if (!Value.Check(RatingsFile, all)) return undefined;
  const entry = all[manifest.id];
  return entry?.version === manifest.version ? entry.ratings : undefined;
}
