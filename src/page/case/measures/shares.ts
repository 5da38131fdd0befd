import { MIXED_TO_METAL, ORGANIC_TO_MIXED } from '../../../core/material/colours.ts';
import type { Evidence } from '../../../core/material/evidence.ts';
import { evidenceByRow } from '../../../core/material/evidence.ts';
import type { MaterialSource } from '../../../core/material/source.ts';
import type { Plane, Region } from '../../viewer/plane.ts';

/** Shares of the samples of a region, which add up to 1. */
export interface MaterialShares {
  readonly organic: number;
  readonly mixed: number;
  readonly metal: number;
  readonly notCertain: number;
}

const middle = ([from, to]: readonly [number, number]) => (from + to) / 2;
const CERTAIN = 0.5;
/** More samples than these are not told apart: the page would stand still. */
const MOST_SAMPLES = 1_000_000;

/**
 * Undefined where there is no material, where the region is too large, and while samples are not there.
 * @param isLeftOut - of stored rows and columns: what is masked counts for nothing
 */
export function materialShares(
  planes: ReadonlyMap<string, Plane>,
  material: MaterialSource | undefined,
  region: Region,
  isLeftOut: (row: number, column: number) => boolean = () => false,
): MaterialShares | undefined {
  if (material === undefined || region.rows * region.columns > MOST_SAMPLES) return undefined;
  const evidence = evidenceIn(planes, material, region);
  if (evidence === undefined) return undefined;
  const counts = { organic: 0, mixed: 0, metal: 0, notCertain: 0 };
  let all = 0;
  let at = -1;
  for (const one of evidence) {
    at += 1;
    if (isLeftOut(region.row + Math.floor(at / region.columns), region.column + (at % region.columns)))
      continue;
    counts[classOf(one)] += 1;
    all += 1;
  }
  if (all === 0) return undefined;
  return {
    organic: counts.organic / all,
    mixed: counts.mixed / all,
    metal: counts.metal / all,
    notCertain: counts.notCertain / all,
  };
}

function classOf({ metalShare, certainty }: Evidence): keyof MaterialShares {
  if (certainty < CERTAIN) return 'notCertain';
  if (metalShare < middle(ORGANIC_TO_MIXED)) return 'organic';
  return metalShare < middle(MIXED_TO_METAL) ? 'mixed' : 'metal';
}

function evidenceIn(
  planes: ReadonlyMap<string, Plane>,
  material: MaterialSource,
  region: Region,
): Iterable<Evidence> | undefined {
  const samplesOf = (id: string) => planes.get(id)?.read(0, region);
  if (material.kind === 'class-map') {
    const classes = samplesOf(material.classes);
    const unknown: Evidence = { metalShare: 0, certainty: 0 };
    return classes && Array.from(classes, (value) => material.legend[value] ?? unknown);
  }
  const [high, low] = [samplesOf(material.dual.high.id), samplesOf(material.dual.low.id)];
  if (high === undefined || low === undefined) return undefined;
  const { rows, columns } = region;
  return flat(evidenceByRow({ rows, columns, high, low, level: 0 }, material.dual));
}

function* flat(rows: Iterable<readonly Evidence[]>): Generator<Evidence> {
  for (const row of rows) yield* row;
}
