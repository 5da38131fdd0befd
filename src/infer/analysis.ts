import type { Analysis, UnitScore } from '../core/case/finding.ts';
import { defined } from '../core/defined.ts';
import type { NiiScan } from '../core/scan/scan.ts';
import {
  chooseFindings,
  type PlacedUnit,
  placeUnits,
  type Regions,
  scoreUnits,
  withinHolds,
} from './findings.ts';
import { extentInModel, type Geometry } from './geometry.ts';
import { type ModelManifest, readsAbsorption } from './manifest.ts';
import { MapPicture } from './map-picture.ts';
import { Absorption } from './population/absorption.ts';
import { findHold, kindOfLoad } from './population/hold.ts';
import { whyUnlike } from './population/likeness.ts';
import type { Rectangle } from './raster.ts';
import { FEWEST_OWN } from './reference.ts';
import type { ValueMap } from './smooth.ts';
import { blankedStrip, Peaks, RegionFinder, StripSmoother } from './strips.ts';
import type { ModelImage, Strip } from './tiling.ts';
import { atOnce, type Steps } from './turns.ts';

/** What a model said, with its anomaly map: 8 bits, stored orientation, the model's resolution. */
export interface AnalysisResult {
  readonly analysis: Analysis;
  readonly map?: { readonly rows: number; readonly columns: number; readonly bytes: Uint8Array };
}

/** Pure: the same map gives the same analysis. `milliseconds` is carried along and not compared. */
export function toAnalysis(
  scan: Pick<NiiScan, 'units' | 'views'>,
  manifest: ModelManifest,
  geometry: Geometry,
  map: ValueMap,
  milliseconds: number,
): AnalysisResult {
  const reader = new MapReader(scan, manifest, geometry);
  atOnce(reader.add({ ...map, from: 0 }));
  return atOnce(reader.finish(milliseconds));
}

/** Reads a map that comes in strips from left to right, each in parts of a few milliseconds. */
export class MapReader {
  readonly #scan: Pick<NiiScan, 'units' | 'views'>;
  readonly #manifest: ModelManifest;
  readonly #geometry: Geometry;
  readonly #units: readonly PlacedUnit[];
  readonly #smoother: StripSmoother;
  readonly #peaks: Peaks;
  readonly #regions: RegionFinder;
  readonly #picture: MapPicture;
  /** Of the image, where the package compares by it. */
  readonly #absorption: Absorption | undefined;
  #looked = 0;
  /** Of the model's image: nothing is said of them. */
  readonly #leftOut: readonly Rectangle[];

  constructor(scan: Pick<NiiScan, 'units' | 'views'>, manifest: ModelManifest, geometry: Geometry) {
    const { map, score } = manifest.thresholds;
    this.#scan = scan;
    this.#manifest = manifest;
    this.#geometry = geometry;
    this.#units = placeUnits(scan.units, geometry);
    this.#smoother = new StripSmoother(geometry.model.columns);
    this.#peaks = new Peaks(this.#units.map(({ area }) => area));
    // Below the threshold of the map only where that of the score is lower
    this.#regions = new RegionFinder(score < map ? [map, score] : [map]);
    this.#picture = new MapPicture(geometry);
    this.#absorption = readsAbsorption(manifest)
      ? new Absorption(
          geometry.model.rows,
          this.#units.map(({ area }) => area),
        )
      : undefined;
    this.#leftOut = leftOutInModel(geometry);
  }

  /** The model's image from column `from` up to, not including, `to`; parts may overlap. */
  look(image: ModelImage, from: number, to: number): void {
    this.#absorption?.add(image, from, Math.max(from, this.#looked), to);
    this.#looked = to;
  }

  *add(strip: Strip): Steps<void> {
    this.#picture.add(blankedStrip(strip, this.#leftOut, 0));
    yield;
    const smoothed = blankedStrip(this.#smoother.next(strip), this.#leftOut, Number.NEGATIVE_INFINITY);
    yield;
    this.#peaks.add(smoothed);
    yield;
    this.#regions.add(smoothed);
  }

  *finish(milliseconds: number): Steps<AnalysisResult> {
    const unlike = this.#whyUnlike();
    if (unlike !== undefined) return { analysis: { ...notAnalysed(this.#manifest, unlike), milliseconds } };
    const plane = this.#picture.finish();
    yield;
    const { within, loads } = this.#manifest.reference;
    const holds =
      this.#absorption?.rowClasses.map((rows) => findHold(rows, this.#manifest.input.pitchMm)) ?? [];
    const looksAt = within === 'hold' ? holds : [];
    // a unit of which nothing is said has nothing odd
    const peaks = this.#units.map((_, i) => {
      const peak = this.#peaks.within(i, looksAt[i]);
      return Number.isFinite(peak) ? peak : 0;
    });
    const kinds = this.#absorption?.rowClasses.map((rows, i) => kindOfLoad(rows, holds[i]));
    const scores = scoreUnits(peaks, this.#units, this.#manifest, loads === undefined ? [] : kinds);
    const [strong = [], weak = []] = this.#regions.finish();
    yield;
    const analysis = analysedBy(this.#scan, this.#manifest, this.#geometry, {
      units: this.#units,
      scores,
      regions: withinHolds({ strong, weak }, this.#units, looksAt),
      milliseconds,
    });
    return { analysis: { ...analysis, map: { rows: plane.rows, columns: plane.columns } }, map: plane };
  }

  #whyUnlike(): string | undefined {
    const { input, reference } = this.#manifest;
    if (this.#absorption === undefined || reference.ranges === undefined) return undefined;
    const heightM = (this.#geometry.model.rows * input.pitchMm) / 1000;
    return whyUnlike({ ...this.#absorption.facts, heightM }, reference.ranges);
  }
}

/** What was found on an image, before it is put in words. */
interface Found {
  readonly units: readonly PlacedUnit[];
  readonly scores: readonly UnitScore[];
  readonly regions: Regions;
  readonly milliseconds: number;
}

/** The analysis of a scan that a model has looked at, without its map. */
export function analysedBy(
  scan: Pick<NiiScan, 'views'>,
  manifest: ModelManifest,
  geometry: Geometry,
  { units, scores, regions, milliseconds }: Found,
): Analysis {
  const findings = chooseFindings(regions, geometry, units, scores, manifest);
  const notes = notesOf(scan, geometry, units);
  return {
    model: modelName(manifest),
    status: 'analysed',
    view: geometry.view,
    alarm: scores.some(({ score }) => score >= manifest.thresholds.score),
    units: [...scores],
    findings: [...findings],
    reference: comparedWith(manifest),
    pitch: { ...geometry.pitch },
    ...defined({
      leftOut: leftOutOf(geometry),
      notes: notes.length === 0 ? undefined : [...notes],
    }),
    milliseconds,
  };
}

function comparedWith({ reference: { population, count }, ownScores = [] }: ModelManifest) {
  const ofScanner = ownScores.length < FEWEST_OWN ? undefined : ownScores.length;
  return { population, count, ...defined({ ofScanner }) };
}

/** Parts of the model's image of which nothing is said. */
export function leftOutInModel(geometry: Geometry): readonly Rectangle[] {
  return geometry.leftOut.flatMap(
    (lines) => extentInModel(geometry, { ...lines, view: geometry.view }) ?? [],
  );
}

function leftOutOf({ view, leftOut }: Geometry): Analysis['leftOut'] {
  return leftOut.length === 0 ? undefined : leftOut.map((lines) => ({ why: 'cab', view, ...lines }));
}

/** Why this model did not look; never to be taken for a clean bill. */
export function notAnalysed(manifest: ModelManifest, reason: string): Analysis {
  return {
    model: modelName(manifest),
    status: 'not-analysed',
    reason,
    units: [],
    findings: [],
    milliseconds: 0,
  };
}

function modelName({ id, version, sha256 }: ModelManifest): Analysis['model'] {
  return { id, version, sha256 };
}

/** What was assumed or left out, in words. */
function notesOf(
  { views }: Pick<NiiScan, 'views'>,
  geometry: Geometry,
  units: readonly PlacedUnit[],
): readonly string[] {
  return [
    ...openBeamNotes(geometry),
    ...(geometry.pitch.source === 'assumed'
      ? ['The pixel pitch is assumed from the height of the scanner']
      : []),
    ...(geometry.filled > 0 ? [`${geometry.filled} samples without a measured value were filled`] : []),
    ...(geometry.leftOut.length > 0 ? ['The cab was left out, as the policy requires'] : []),
    ...unitNotes(units),
    ...views.filter(({ id }) => id !== geometry.view).map(({ id }) => `View '${id}' was not analysed`),
  ];
}

function openBeamNotes({ openBeam }: Geometry): readonly string[] {
  return openBeam
    .filter(({ source }) => source === 'estimated')
    .map(({ channel, value }) => `Open beam of channel '${channel}' is estimated as ${value}`);
}

function unitNotes(units: readonly PlacedUnit[]): readonly string[] {
  const unplaced = units.filter(({ placed }) => !placed).map(({ unitId }) => `'${unitId}'`);
  if (units.length < 2 || unplaced.length === 0) return [];
  return [
    `The positions of ${unplaced.join(', ')} in the image are unknown; they have the score of the whole image`,
  ];
}
