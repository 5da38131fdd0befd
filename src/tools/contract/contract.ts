import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defined } from '../../core/defined.ts';
import type { NiiScan } from '../../core/scan/scan.ts';
import type { ConverterPackage } from '../../recognise/registry.ts';
import { claims, type Effort, type Tally } from './claims.ts';
import { type Fixture, fixturesIn } from './fixtures.ts';
import { type Ratings, ratingsOf } from './ratings.ts';
import { contractLimits, outcomeOf, type Subject } from './subject.ts';

/** What became of one claim. */
export interface ClaimResult {
  readonly name: string;
  readonly ok: boolean;
  /** Inputs that were tried for it. */
  readonly inputs: number;
  readonly faults: readonly string[];
}

export interface ContractResult {
  readonly converter: { readonly id: string; readonly version: string };
  readonly ok: boolean;
  readonly seed: number;
  readonly claims: readonly ClaimResult[];
  /** `scan` or a code -> how often. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Undefined where the manifest does not say what the format rests on. */
  readonly ratings?: Ratings;
}

export const defaultEffort: Effort = { inputs: 200, seed: 20310304, cuts: 40 };

/** Fixtures by id of the package, read once for many subjects. */
export async function fixturesOfAll(
  all: readonly ConverterPackage[],
): Promise<ReadonlyMap<string, readonly Fixture[]>> {
  return new Map(
    await Promise.all(
      all.map(async ({ manifest, folder }) => [manifest.id, await fixturesIn(folder)] as const),
    ),
  );
}

export interface ContractOptions {
  readonly converter: ConverterPackage;
  readonly all: readonly ConverterPackage[];
  /** Of all packages, by id, as `fixturesOfAll` reads them. */
  readonly fixtures: ReadonlyMap<string, readonly Fixture[]>;
  readonly effort?: Effort;
  /** Told before each input, with its number in the whole run. */
  readonly progress?: (claim: string, what: string, inputs: number) => void;
}

/** Holds one package to every claim, in this process. @throws NII_CONFIG for a fixture that is not one */
export async function runContract(options: ContractOptions): Promise<ContractResult> {
  const { converter, effort = defaultEffort } = options;
  const folder = await mkdtemp(join(tmpdir(), 'nii-contract-'));
  try {
    const subject = subjectOf(options, folder);
    const outcomes = new Map<string, number>();
    const results: ClaimResult[] = [];
    for (const claim of claims) {
      const before = total(outcomes);
      const faults = await claim.faults(subject, effort, tallyInto(outcomes, claim.name, options));
      results.push({ name: claim.name, ok: faults.length === 0, inputs: total(outcomes) - before, faults });
    }
    const { manifest } = converter;
    const holdsContract = results.every(({ ok }) => ok);
    const ratings = ratingsOf({ manifest, holdsContract, scans: await scansOf(subject) });
    return {
      converter: { id: manifest.id, version: manifest.version },
      ok: holdsContract,
      ...defined({ ratings }),
      seed: effort.seed,
      claims: results,
      outcomes: Object.fromEntries([...outcomes].toSorted(([, a], [, b]) => b - a)),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The records that the fixtures become. */
export async function scansOf(subject: Subject): Promise<readonly NiiScan[]> {
  const scans: NiiScan[] = [];
  for (const { files } of subject.fixtures) {
    const outcome = await outcomeOf(subject, files);
    if (outcome.kind === 'scan') scans.push(outcome.result.scan);
  }
  return scans;
}

/** The package among all others, with their fixtures. */
export function subjectOf({ converter, all, fixtures }: ContractOptions, folder: string): Subject {
  const { id } = converter.manifest;
  return {
    converter,
    all,
    fixtures: fixtures.get(id) ?? [],
    fixturesOfOthers: new Map([...fixtures].filter(([other]) => other !== id)),
    folder,
    limits: contractLimits,
  };
}

function tallyInto(
  outcomes: Map<string, number>,
  claim: string,
  { progress }: Pick<ContractOptions, 'progress'>,
): Tally {
  return {
    trying: (what) => progress?.(claim, what, total(outcomes)),
    tried: (words) => {
      for (const word of words) outcomes.set(word, (outcomes.get(word) ?? 0) + 1);
    },
  };
}

function total(outcomes: ReadonlyMap<string, number>): number {
  return [...outcomes.values()].reduce((sum, count) => sum + count, 0);
}
