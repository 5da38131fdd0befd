import Type, { type Static } from 'typebox';
import { Sha256 } from '../scan/scan.ts';
import { versionProperties } from './version.ts';

const closed = { additionalProperties: false } as const;

export const ModelId = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' });
export const ModelVersion = Type.String({ pattern: '^[0-9]+(\\.[0-9]+){0,3}$', maxLength: 32 });

/** One version of a model, bound to the bytes of its file. */
export const NamedModel = Type.Object({ version: ModelVersion, sha256: Sha256 }, closed);
export type NamedModel = Readonly<Static<typeof NamedModel>>;

/** Which versions of one model an administration uses. */
export const ModelTerms = Type.Object(
  {
    active: Type.Optional({
      ...NamedModel,
      description: 'Version that scores scans; if absent, the newest installed version scores',
    }),
    before: Type.Optional({ ...NamedModel, description: 'Version to which a rollback returns' }),
    shadow: Type.Optional({
      ...NamedModel,
      description: 'Version that analyses the same scans; people who work on cases do not see its results',
    }),
  },
  closed,
);
export type ModelTerms = Readonly<Static<typeof ModelTerms>>;

/** One version of what an administration chose for one model. Kept as an object, so that a rebuilt database knows it. */
export const StoredModelChoice = Type.Object(
  { administration: Type.String(), model: ModelId, ...versionProperties, terms: ModelTerms },
  closed,
);
export type StoredModelChoice = Readonly<Static<typeof StoredModelChoice>>;

/** A version of a model that lies in a folder of models. */
export interface KnownModel {
  readonly id: string;
  readonly version: string;
  readonly sha256: string;
  /** It was added with `nii models add`: it scores nothing before it is activated. */
  readonly waits: boolean;
}

export const ModelState = Type.Enum(['installed', 'active', 'shadow', 'retired'], {
  description:
    'active: it scores scans; shadow: it analyses scans beside the active one; retired: it was active earlier; installed: none of these',
});
export type ModelState = Static<typeof ModelState>;

/** What an administration chose of one model, all versions in rising order. */
export type ModelHistory = readonly StoredModelChoice[];

/** The newest version that scores without anybody's word. */
export function defaultVersion<One extends KnownModel>(known: readonly One[], id: string): One | undefined {
  const shipped = known.filter((one) => one.id === id && !one.waits);
  return shipped.toSorted((a, b) => compareVersions(a.version, b.version)).at(-1);
}

/** By number: 2 before 10. Negative where the first is the older one. */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What counts now, and what was written last. */
export function standingOf(history: ModelHistory) {
  return { inForce: history.findLast(({ state }) => state === 'in-force'), newest: history.at(-1) };
}

/** What a version is to an administration. */
export function stateOfModel(
  one: KnownModel,
  known: readonly KnownModel[],
  history: ModelHistory,
): ModelState {
  const terms = standingOf(history).inForce?.terms;
  const active = terms?.active ?? defaultVersion(known, one.id);
  if (isSameModel(active, one)) return 'active';
  if (isSameModel(terms?.shadow, one)) return 'shadow';
  const past = history
    .filter(({ state }) => state === 'in-force')
    .flatMap(({ terms: { active, before } }) => [active, before]);
  return past.some((earlier) => isSameModel(earlier, one)) ? 'retired' : 'installed';
}

/** The same version with the same bytes. */
export function isSameModel(a: NamedModel | undefined, b: NamedModel): boolean {
  return a?.version === b.version && a.sha256 === b.sha256;
}
