import type { NiiScan } from '../core/scan/scan.ts';
import type { Boxes, LabelledBox, Scores } from './adapters/adapter.ts';
import { type AnalysisResult, analysedBy, leftOutInModel } from './analysis.ts';
import { type PlacedUnit, placeUnits, scoreUnits } from './findings.ts';
import type { Geometry } from './geometry.ts';
import type { ModelManifest } from './manifest.ts';
import { areaOf, type Rectangle, sharedArea } from './raster.ts';
import { strongestFirst } from './regions.ts';
import type { TilePlan } from './tiling.ts';
import type { Steps } from './turns.ts';

/** Ultralytics' own limit: more boxes of one image are noise. */
const MOST_BOXES_A_TILE = 300;
/** Before boxes of one tile are joined. */
const MOST_CANDIDATES = 3000;
/** Of a whole scan, before tiles are joined. */
const MOST_BOXES = 6000;
const JOIN_ABOVE = 0.45;
/** A box that has so much of itself in a unit, or covers so much of it, is of the unit. */
const OF_UNIT = 0.5;
/** Of a pixel: the rounding of a float must not take in the next one. */
const SLACK = 1e-3;

/** Reads what detectors and classifiers say of the tiles of an image. */
export class BoxReader {
  readonly #scan: Pick<NiiScan, 'units' | 'views'>;
  readonly #manifest: ModelManifest;
  readonly #geometry: Geometry;
  readonly #plan: TilePlan;
  readonly #units: readonly PlacedUnit[];
  readonly #leftOut: readonly Rectangle[];
  readonly #peaks: number[];
  #found: PlacedBox[] = [];
  #tiles = 0;

  constructor(
    scan: Pick<NiiScan, 'units' | 'views'>,
    manifest: ModelManifest,
    geometry: Geometry,
    plan: TilePlan,
  ) {
    this.#scan = scan;
    this.#manifest = manifest;
    this.#geometry = geometry;
    this.#plan = plan;
    this.#units = placeUnits(scan.units, geometry);
    this.#leftOut = leftOutInModel(geometry);
    this.#peaks = this.#units.map(() => 0);
  }

  /** What the model said of one tile. @param at - where the tile begins in the model's image */
  add(said: Boxes | Scores, at: { readonly row: number; readonly column: number }): void {
    const tile = this.#tiles++;
    const placed =
      said.kind === 'boxes' ? this.#placeBoxes(said, at, tile) : this.#placeScores(said, at, tile);
    for (const box of placed) this.#notePeak(box);
    const { map, score } = this.#manifest.thresholds;
    this.#found.push(...placed.filter(({ peak }) => peak >= Math.min(map, score)));
    if (this.#found.length > 2 * MOST_BOXES) this.#found = strongest(this.#found, MOST_BOXES);
  }

  *finish(milliseconds: number): Steps<AnalysisResult> {
    const { map } = this.#manifest.thresholds;
    const boxes = strongest(this.#found, MOST_BOXES);
    const weak = joinBoxes(boxes, { above: this.#joinAbove, withinTile: false });
    yield;
    const strong = weak.filter(({ peak }) => peak >= map);
    const scores = scoreUnits(this.#peaks, this.#units, this.#manifest);
    yield;
    const found = { units: this.#units, scores, regions: { strong, weak }, milliseconds };
    return { analysis: analysedBy(this.#scan, this.#manifest, this.#geometry, found) };
  }

  get #joinAbove(): number {
    const { output } = this.#manifest;
    return ('joinAbove' in output ? output.joinAbove : undefined) ?? JOIN_ABOVE;
  }

  #placeBoxes(
    { boxes, isEndToEnd }: Boxes,
    at: { readonly row: number; readonly column: number },
    tile: number,
  ): readonly PlacedBox[] {
    const placed = boxes.flatMap((box) => {
      const inImage = this.#clipped(box, at);
      return inImage === undefined ? [] : [{ box: inImage, peak: box.score, label: box.label, tile }];
    });
    const candidates = strongest(placed, MOST_CANDIDATES);
    const joined = isEndToEnd
      ? candidates
      : joinBoxes(candidates, { above: this.#joinAbove, withinTile: true });
    return joined.slice(0, MOST_BOXES_A_TILE);
  }

  /** A class of the whole tile has no place within it: its box is the tile. */
  #placeScores(
    { scores }: Scores,
    at: { readonly row: number; readonly column: number },
    tile: number,
  ): readonly PlacedBox[] {
    const { rows, columns } = this.#geometry.model;
    const box = {
      rowFrom: at.row,
      rowTo: Math.min(rows, at.row + this.#plan.rows),
      columnFrom: at.column,
      columnTo: Math.min(columns, at.column + this.#plan.columns),
    };
    return scores.map(({ label, score }) => ({ box, peak: score, label, tile }));
  }

  /** In whole pixels of the image; undefined for a box that is empty, in the padding, or in lines that are left out. */
  #clipped(
    { left, top, right, bottom }: LabelledBox,
    at: { readonly row: number; readonly column: number },
  ): Rectangle | undefined {
    const { rows, columns } = this.#geometry.model;
    const before = this.#plan.before ?? { rows: 0, columns: 0 };
    const within = (value: number, most: number) => Math.min(most, Math.max(0, value));
    const box = {
      rowFrom: within(Math.floor(top - before.rows + at.row + SLACK), rows),
      rowTo: within(Math.ceil(bottom - before.rows + at.row - SLACK), rows),
      columnFrom: within(Math.floor(left - before.columns + at.column + SLACK), columns),
      columnTo: within(Math.ceil(right - before.columns + at.column - SLACK), columns),
    };
    if (box.rowFrom >= box.rowTo || box.columnFrom >= box.columnTo) return undefined;
    const isLeftOut = this.#leftOut.some((area) => 2 * sharedArea(area, box) > areaOf(box));
    return isLeftOut ? undefined : box;
  }

  #notePeak({ box, peak }: PlacedBox): void {
    for (const [i, { area }] of this.#units.entries()) {
      if (sharedArea(area, box) < OF_UNIT * Math.min(areaOf(area), areaOf(box))) continue;
      this.#peaks[i] = Math.max(this.#peaks[i] ?? peak, peak);
    }
  }
}

function strongest(boxes: readonly PlacedBox[], most: number): PlacedBox[] {
  return boxes.toSorted(strongestFirst).slice(0, most);
}

/** A box of a detector in the model's pixels, and the run that gave it. */
interface PlacedBox {
  readonly box: Rectangle;
  readonly peak: number;
  readonly label: string;
  readonly tile: number;
}

interface JoinRules {
  /** Shared area over joint area. */
  readonly above: number;
  /** Whether boxes of one run are joined too. */
  readonly withinTile: boolean;
}

/** A border of a tile cuts an object: its part lies within the box of the neighbour, as far as this. */
const PART_INSIDE = 0.7;

/**
 * Non-maximum suppression: of boxes of one class that overlap, the strongest stays. Boxes of different runs are also
 * joined where one is mostly inside the other. @param boxes - strongest first
 */
function joinBoxes(boxes: readonly PlacedBox[], rules: JoinRules): readonly PlacedBox[] {
  const kept: PlacedBox[] = [];
  for (const box of boxes) if (!kept.some((other) => isSame(other, box, rules))) kept.push(box);
  return kept;
}

function isSame(a: PlacedBox, b: PlacedBox, { above, withinTile }: JoinRules): boolean {
  if (a.label !== b.label || (a.tile === b.tile && !withinTile)) return false;
  const shared = sharedArea(a.box, b.box);
  if (shared === 0) return false;
  const [areaA, areaB] = [areaOf(a.box), areaOf(b.box)];
  if (shared > above * (areaA + areaB - shared)) return true;
  return a.tile !== b.tile && shared > PART_INSIDE * Math.min(areaA, areaB);
}
