import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { NiiError } from '../../core/errors.ts';
import type { ConverterPackage } from '../../recognise/registry.ts';

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

/**
 * The ratings of a package as they were computed for this version of it, or undefined.
 * @throws NII_CONFIG for a file of ratings that is not JSON
 */
export async function ratingsBeside({
  manifest,
  folder,
}: ConverterPackage): Promise<RatingsFile[string]['ratings'] | undefined> {
  const path = join(dirname(folder), RATINGS_FILE);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const all = text === undefined ? undefined : parsed(text, path);
  if (!Value.Check(RatingsFile, all)) return undefined;
  const entry = all[manifest.id];
  return entry?.version === manifest.version ? entry.ratings : undefined;
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new NiiError('NII_CONFIG', { detail: `${path} is not JSON; npm run formats writes it`, cause });
  }
}
