import { sha256Hex } from '../codec/sha256.ts';
import type { Box } from '../core/case/box.ts';
import type { Finding, LoadKind, UnitScore } from '../core/case/finding.ts';
import { percentileOf } from '../core/case/percentile.ts';
import { defined } from '../core/defined.ts';
import type { InspectionUnit } from '../core/scan/scan.ts';
import { boxInStored, extentInModel, type Geometry } from './geometry.ts';
import { type ModelManifest, referenceOf } from './manifest.ts';
import type { Hold } from './population/hold.ts';
import { type Rectangle, sharedArea } from './raster.ts';
import { percentileIn } from './reference.ts';
import { type Region, strongestFirst } from './regions.ts';

/** Findings kept of one scan, unless it has more flagged units; an analyst looks at the picture, not at a list. */
const MOST_FINDINGS = 20;

/** A unit with the part of the model's image that is its own; the whole image where nothing says which part. */
export interface PlacedUnit {
  readonly unitId: string;
  readonly area: Rectangle;
  readonly placed: boolean;
}

export function placeUnits(units: readonly InspectionUnit[], geometry: Geometry): readonly PlacedUnit[] {
  const whole = { rowFrom: 0, rowTo: geometry.model.rows, columnFrom: 0, columnTo: geometry.model.columns };
  return units.map(({ id, extent }) => {
    const area = extent === undefined ? undefined : extentInModel(geometry, extent);
    return { unitId: id, area: area ?? whole, placed: area !== undefined };
  });
}

/** Highest value of the smoothed map in each unit, and how it compares with the reference, also of its kind of load. */
export function scoreUnits(
  peaks: readonly number[],
  units: readonly PlacedUnit[],
  manifest: ModelManifest,
  loads: readonly LoadKind[] = [],
): readonly UnitScore[] {
  return units.map(({ unitId }, i) => {
    const score = rounded(peaks[i] ?? Number.NEGATIVE_INFINITY);
    const load = loads[i];
    const alike = manifest.reference.loads?.find((one) => one.load === load)?.scores;
    const loadPercentile = alike === undefined ? undefined : percentileOf(score, alike);
    return {
      unitId,
      score,
      anomalyPercentile: percentileIn(score, referenceOf(manifest)),
      ...defined({ load, loadPercentile }),
    };
  });
}

/** Regions of the smoothed map, or boxes: at or above the map's threshold, and at or above that of the score. */
export interface Regions {
  readonly strong: readonly Region[];
  readonly weak: readonly Region[];
}

/** Those that count for a score: what lies above or below the hold of its unit, as wheels and roof, is not marked. */
export function withinHolds(
  { strong, weak }: Regions,
  units: readonly PlacedUnit[],
  holds: readonly (Hold | undefined)[],
): Regions {
  const counts = ({ box }: Region) => {
    const own = units.flatMap(({ area }, i) => (sharedArea(box, area) > 0 ? [holds[i]] : []));
    return (
      own.length === 0 ||
      own.some((hold) => hold === undefined || (box.rowFrom < hold.rowTo && hold.rowFrom < box.rowTo))
    );
  };
  return { strong: strong.filter(counts), weak: weak.filter(counts) };
}

/**
 * The strong regions, strongest first. Where a unit has none but reaches the threshold of the score, its strongest weak
 * region: a flagged unit always shows where. The strongest of each unit is kept, and of the rest as many as make
 * MOST_FINDINGS.
 */
export function chooseFindings(
  regions: Regions,
  geometry: Geometry,
  units: readonly PlacedUnit[],
  scores: readonly UnitScore[],
  manifest: ModelManifest,
): readonly Finding[] {
  const strong = regions.strong.toSorted(strongestFirst);
  const weak = regions.weak.toSorted(strongestFirst);
  const flagged = new Set(
    scores.filter(({ score }) => score >= manifest.thresholds.score).map(({ unitId }) => unitId),
  );
  const first = new Set(
    units.flatMap(
      ({ unitId, area }) =>
        strongestIn(area, strong) ?? (flagged.has(unitId) ? (strongestIn(area, weak) ?? []) : []),
    ),
  );
  const rest = strong
    .filter((region) => !first.has(region))
    .slice(0, Math.max(0, MOST_FINDINGS - first.size));
  return [...first, ...rest]
    .sort(strongestFirst)
    .map((region) => toFinding(region, geometry, units, manifest));
}

function strongestIn(area: Rectangle, regions: readonly Region[]): Region | undefined {
  return regions.find(({ box }) => sharedArea(box, area) > 0);
}

function toFinding(
  { box, peak, label = 'anomaly' }: Region,
  geometry: Geometry,
  units: readonly PlacedUnit[],
  manifest: ModelManifest,
): Finding {
  const { id, version, sha256 } = manifest;
  const unitId = unitOf(box, units);
  const says = {
    ...defined({ unitId }),
    label,
    box: boxInStored(geometry, box),
    score: rounded(peak),
  };
  return {
    id: findingId(`${id}/${version}/${sha256}`, says),
    ...says,
    anomalyPercentile: percentileIn(says.score, referenceOf(manifest)),
  };
}

/** The only unit, or the placed one that shares most of the box. */
function unitOf(box: Rectangle, units: readonly PlacedUnit[]): string | undefined {
  const [only, ...others] = units;
  if (only !== undefined && others.length === 0) return only.unitId;
  const shares = units
    .filter(({ placed }) => placed)
    .map(({ unitId, area }) => ({ unitId, share: sharedArea(box, area) }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share);
  return shares[0]?.unitId;
}

interface Says {
  readonly unitId?: string;
  readonly label: string;
  readonly box: Box;
  readonly score: number;
}

function findingId(model: string, { unitId, label, box, score }: Says): string {
  const { view, rowFrom, rowTo, columnFrom, columnTo } = box;
  const says = [model, unitId ?? null, label, view, rowFrom, rowTo, columnFrom, columnTo, score];
  return sha256Hex(JSON.stringify(says)).slice(0, 32);
}

/** Six decimals: the last bits of a float differ between processors and must not make another finding. */
function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
