import { materialColour, type Rgb } from '../../core/material/colours.ts';
import { type Evidence, evidenceAt } from '../../core/material/evidence.ts';
import { colourTable, MAP_ENTRIES } from './colour-maps.ts';
import { type Scene, screenToSample } from './geometry.ts';
import {
  aroundLevel,
  type Drawn,
  drawnOf,
  footprintOf,
  levelFor,
  NUDGE,
  type Picture,
  sceneOf,
} from './picture.ts';
import { type Plane, type Samples, shownSamples, sideOfLevel } from './plane.ts';
import type { ViewSettings } from './settings.ts';
import { clamp01, toneOf } from './tone.ts';

/**
 * The picture that the viewer draws, computed on the CPU: red, green, blue and opacity of each canvas pixel, 8 bits
 * each, row by row. It is the second implementation of the shaders, and the slow one.
 */
export function referencePicture(
  picture: Picture,
  settings: ViewSettings,
  canvas: { readonly width: number; readonly height: number },
): Uint8ClampedArray {
  const { width, height } = canvas;
  const out = new Uint8ClampedArray(width * height * 4);
  const drawn = drawnOf(picture, settings);
  if (drawn === undefined) return out;
  const scene = sceneOf(picture, canvas);
  const colourAt = pixelColour(picture, drawn, settings, scene);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = colourAt(x, y);
      if (colour === undefined) continue;
      out.set([...colour.map((share) => Math.round(255 * clamp01(share))), 255], (y * width + x) * 4);
    }
  }
  return out;
}

/** All samples of one level of a plane. */
interface Level {
  readonly rows: number;
  readonly columns: number;
  readonly samples: Samples;
}

function wholeLevel(plane: Plane, level: number): Level {
  const rows = sideOfLevel(plane.rows, level);
  const columns = sideOfLevel(plane.columns, level);
  const samples = shownSamples(plane, level, { row: 0, column: 0, rows, columns });
  return { rows, columns, samples: samples ?? new Uint16Array(rows * columns) };
}

type Part = readonly [row: number, column: number, weight: number];

function pixelColour(picture: Picture, drawn: Drawn, settings: ViewSettings, scene: Scene) {
  const level = levelFor(picture.cell, settings.zoom);
  const shown = wholeLevel(drawn.plane, level);
  const toTone = toneOf(settings, drawn.plane.fullScale);
  const meanAround = aroundOf(drawn, settings, level, shown);
  const toColour = colouring(picture, drawn, settings, level);
  return (x: number, y: number): Rgb | undefined => {
    const at = screenToSample(scene, settings, { x: x + 0.5, y: y + 0.5 });
    const row = at.y / 2 ** level;
    const column = at.x / 2 ** level;
    if (isOutside(row, picture.rows / 2 ** level) || isOutside(column, picture.columns / 2 ** level))
      return undefined;
    const parts = partsOf(picture, settings.zoom, level, row, column);
    const value = parts.reduce((sum, [r, c, w]) => sum + w * (shown.samples[r * shown.columns + c] ?? 0), 0);
    const tone = toTone(value);
    const bright =
      meanAround === undefined ? tone : tone + amountOf(settings) * (tone - toTone(meanAround(row, column)));
    const share = clamp01(bright);
    return toColour(settings.invert ? 1 - share : share, parts);
  };
}

function isOutside(at: number, side: number): boolean {
  return at + NUDGE < 0 || at + NUDGE >= side;
}

/** Samples of the level below a pixel, with the share of the pixel that each covers. */
function partsOf(
  { rows, columns, cell }: Picture,
  zoom: number,
  level: number,
  row: number,
  column: number,
): readonly Part[] {
  const below = footprintOf(cell, zoom, level);
  const down = spansBelow(row, below.rows, rows / 2 ** level);
  const across = spansBelow(column, below.columns, columns / 2 ** level);
  return down.flatMap(([r, a]) => across.map(([c, b]): Part => [r, c, a * b]));
}

function spansBelow(at: number, length: number, end: number) {
  return length === 0
    ? ([[Math.floor(at + NUDGE), 1]] as const)
    : spansOf(at - length / 2, at + length / 2, end);
}

/** What of a stretch lies in each whole step, as shares that add up to 1; the stretch is cut to 0..end. */
function spansOf(from: number, to: number, end: number): readonly (readonly [at: number, share: number])[] {
  const start = Math.max(0, from);
  const stop = Math.min(end, to);
  const spans: [number, number][] = [];
  for (let at = Math.floor(start); at < stop; at++) {
    spans.push([at, (Math.min(at + 1, stop) - Math.max(at, start)) / (stop - start)]);
  }
  return spans;
}

function amountOf({ enhancement }: ViewSettings): number {
  return 'amount' in enhancement ? enhancement.amount : 0;
}

/** The mean around a place of the level, in samples; undefined where no enhancement needs it. */
function aroundOf(
  { plane }: Drawn,
  { enhancement }: ViewSettings,
  level: number,
  shown: Level,
): ((row: number, column: number) => number) | undefined {
  if (enhancement.kind === 'edge') {
    return (row, column) => meanOf3x3(shown, Math.floor(row + NUDGE), Math.floor(column + NUDGE));
  }
  if (enhancement.kind !== 'local-contrast') return undefined;
  const coarse = aroundLevel(level);
  const around = wholeLevel(plane, coarse);
  const factor = 2 ** (coarse - level);
  return (row, column) => interpolated(around, row / factor - 0.5, column / factor - 0.5);
}

const within = (at: number, side: number) => Math.min(side - 1, Math.max(0, at));

function meanOf3x3({ rows, columns, samples }: Level, row: number, column: number): number {
  let sum = 0;
  for (const r of [row - 1, row, row + 1]) {
    for (const c of [column - 1, column, column + 1]) {
      sum += samples[within(r, rows) * columns + within(c, columns)] ?? 0;
    }
  }
  return sum / 9;
}

function interpolated({ rows, columns, samples }: Level, row: number, column: number): number {
  const [r, c] = [Math.floor(row), Math.floor(column)];
  const at = (r1: number, c1: number) => samples[within(r1, rows) * columns + within(c1, columns)] ?? 0;
  const along = (r1: number) => at(r1, c) + (at(r1, c + 1) - at(r1, c)) * (column - c);
  return along(r) + (along(r + 1) - along(r)) * (row - r);
}

/** From brightness, and the samples below a pixel, to its colour. */
function colouring(
  picture: Picture,
  { material }: Drawn,
  { shown, colourMap }: ViewSettings,
  level: number,
): (brightness: number, parts: readonly Part[]) => Rgb {
  if (material === undefined || shown.kind !== 'material') {
    const table = colourTable(colourMap);
    return (brightness) => fromTable(table, brightness);
  }
  const evidence = evidenceOf(picture, material, level);
  return (brightness, parts) => materialColour(meanEvidence(parts, evidence), brightness, shown.only);
}

function fromTable(table: Uint8Array, brightness: number): Rgb {
  const at = brightness * (MAP_ENTRIES - 1);
  const from = Math.min(MAP_ENTRIES - 2, Math.floor(at));
  const colour = (i: number) => {
    const a = table[from * 3 + i] ?? 0;
    return (a + ((table[from * 3 + 3 + i] ?? 0) - a) * (at - from)) / 255;
  };
  return [colour(0), colour(1), colour(2)];
}

const noEvidence: Evidence = { metalShare: 0, certainty: 0 };

function evidenceOf(
  { planes }: Picture,
  material: NonNullable<Drawn['material']>,
  level: number,
): (row: number, column: number) => Evidence {
  if (material.kind === 'class-map') {
    const plane = planes.get(material.classes);
    if (plane === undefined) return () => noEvidence;
    const { columns, samples } = wholeLevel(plane, level);
    return (row, column) => material.legend[samples[row * columns + column] ?? 0] ?? noEvidence;
  }
  const { dual } = material;
  const [high, low] = [planes.get(dual.high.id), planes.get(dual.low.id)];
  if (high === undefined || low === undefined) return () => noEvidence;
  const ofHigh = wholeLevel(high, level);
  const both = { ...ofHigh, high: ofHigh.samples, low: wholeLevel(low, level).samples, level };
  return (row, column) => evidenceAt(both, dual, row, column);
}

/** What is certain decides the material; how much is certain decides the colour's strength. */
function meanEvidence(parts: readonly Part[], evidence: (row: number, column: number) => Evidence): Evidence {
  let certainty = 0;
  let share = 0;
  for (const [row, column, weight] of parts) {
    const one = evidence(row, column);
    certainty += weight * one.certainty;
    share += weight * one.certainty * one.metalShare;
  }
  return { certainty, metalShare: certainty === 0 ? 0 : share / certainty };
}
