import { NiiError } from '../../core/errors.ts';
import type { Random } from '../random.ts';
import { type Canvas, paint } from './canvas.ts';
import { HOLD_DEPTH_MM } from './container.ts';
import { disc, type Part, type Rect, rect, slab } from './shapes.ts';
import { brickStack, denseBlock, type Hidden, shieldedBox, weapons } from './threats.ts';
import { type FanBeam, projectPart } from './view.ts';

/** In the order of their mask values, which start at 1; 0 is no anomaly. */
export const anomalyKinds = [
  'weapon',
  'dense-block',
  'bricks',
  'cavity',
  'missing-unit',
  'shielded-box',
] as const;
export type AnomalyKind = (typeof anomalyKinds)[number];

export function maskValue(kind: AnomalyKind): number {
  return anomalyKinds.indexOf(kind) + 1;
}

/** What a change of areal density must exceed to count as part of an anomaly, g/cm2. */
const NOTICEABLE_GRAMS = 0.4;
const ATTEMPTS = 40;
const SMALLEST_MASK_MM2 = 8_000;
/** What lies on a unit may sink into it by so much. */
const SETTLED_MM = 60;

export interface Stage {
  readonly canvas: Canvas;
  readonly beam: FanBeam;
  readonly hold: Rect;
  readonly cargo: readonly Part[];
}

/** Pixels whose areal density was changed. */
export type ChangedPixels = ReadonlySet<number>;

/**
 * Changes the areal densities on the canvas, where only cargo may be so far.
 * NII_BAD_REQUEST where the load offers no place, for example for a cavity in an empty container.
 */
export function insertAnomaly(
  random: Random,
  stage: Stage,
  kind: Exclude<AnomalyKind, 'missing-unit'>,
): ChangedPixels {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const changed =
      kind === 'cavity' ? hollow(random, stage) : hide(random, stage, hiddenThing(random, kind));
    if (changed.size * stage.canvas.grid.pitchMm ** 2 >= SMALLEST_MASK_MM2) return changed;
  }
  throw noPlace(kind);
}

function hiddenThing(random: Random, kind: 'weapon' | 'dense-block' | 'bricks' | 'shielded-box'): Hidden {
  switch (kind) {
    case 'weapon':
      return weapons(random);
    case 'dense-block':
      return denseBlock(random);
    case 'bricks':
      return brickStack(random);
    case 'shielded-box':
      return shieldedBox(random);
  }
}

/** Puts a thing among the goods: it takes their place over its own depth. */
function hide(random: Random, stage: Stage, thing: Hidden): ChangedPixels {
  const place = spot(random, stage, thing.width, thing.height);
  const across = random.between(-0.7, 0.7);
  const parts = thing.parts.map((part) => {
    const box = { ...part.box, x: part.box.x + place.x, y: part.box.y + place.y };
    return projectPart(stage.beam, { ...part, box, across });
  });
  const changed = noticed(stage.canvas, parts);
  makeRoom(stage.canvas, changed, 1 - thing.depthMm / HOLD_DEPTH_MM);
  stage.canvas.add(parts);
  return changed;
}

function noticed(canvas: Canvas, parts: readonly Part[]): Set<number> {
  const grams = new Map<number, number>();
  for (const part of parts) {
    paint(canvas.grid, part, (pixel, share) => {
      grams.set(pixel, (grams.get(pixel) ?? 0) + share * part.grams);
    });
  }
  return new Set([...grams].filter(([, total]) => total > NOTICEABLE_GRAMS).map(([pixel]) => pixel));
}

function makeRoom(canvas: Canvas, pixels: ReadonlySet<number>, share: number): void {
  const factor = new Float32Array(canvas.grid.rows * canvas.grid.columns).fill(1);
  for (const pixel of pixels) factor[pixel] = share;
  canvas.scale(factor);
}

/** Takes goods away over part of the depth, as where a false wall or a hidden room would be. */
function hollow(random: Random, stage: Stage): ChangedPixels {
  const { canvas } = stage;
  const width = random.between(300, 900);
  const height = random.between(250, 700);
  const box = spot(random, stage, width, height);
  const share = random.between(0.25, 0.7);
  const form = random.chance(0.75) ? slab : disc;
  const factor = new Float32Array(canvas.grid.rows * canvas.grid.columns).fill(1);
  const changed = new Set<number>();
  paint(canvas.grid, { material: 'water', form, box, grams: 1 }, (pixel, part) => {
    if (canvas.totalAt(pixel) * part * share <= NOTICEABLE_GRAMS) return;
    factor[pixel] = 1 - part * share;
    changed.add(pixel);
  });
  if (changed.size * canvas.grid.pitchMm ** 2 >= 0.7 * width * height * 0.8) canvas.scale(factor);
  else changed.clear();
  return changed;
}

/** A place of this size within the goods; on the floor where there are none. */
function spot(random: Random, { hold, cargo }: Stage, width: number, height: number): Rect {
  const solid = cargo.filter(({ box }) => box.width > 150 && box.height > 60);
  const near = solid.length > 0 ? random.pick(solid).box : rect(hold.x, hold.y, hold.width, 1);
  const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value));
  const x = clamp(near.x + random.next() * near.width - width / 2, hold.x, hold.x + hold.width - width);
  const top = topOfCargo(solid, x + width / 2, hold.y);
  const y = clamp(near.y + random.next() * near.height - height / 2, hold.y, Math.max(hold.y, top - height));
  return rect(x, y, width, height);
}

function topOfCargo(cargo: readonly Part[], x: number, floor: number): number {
  return cargo
    .filter(({ box }) => box.x <= x && x <= box.x + box.width)
    .reduce((top, { box }) => Math.max(top, box.y + box.height), floor);
}

/** Parts of one unit load, taken away from the side of the source inwards. */
export interface Removal {
  readonly kept: readonly Part[];
  readonly removed: readonly Part[];
}

/**
 * Chooses a unit that carries another one, where any does, and takes at least half of it away. A stack that is lower
 * than its neighbours is normal; a hole below other goods is not.
 */
export function takeUnitAway(random: Random, cargo: readonly Part[]): Removal {
  const units = [...new Set(cargo.flatMap((part) => (part.unit === undefined ? [] : [part.unit])))];
  if (units.length < 3) throw noPlace('missing-unit');
  const heavy = units.filter((unit) => unitGrams(cargo, unit) > 4);
  if (heavy.length === 0) throw noPlace('missing-unit');
  const below = heavy.filter((unit) => carriesAnother(cargo, unit));
  const unit = random.pick(below.length > 0 ? below : heavy);
  const until = random.between(-1, 0.1);
  const goes = (part: Part) => part.unit === unit && (part.across ?? 1) >= until;
  return { kept: cargo.filter((part) => !goes(part)), removed: cargo.filter(goes) };
}

function carriesAnother(cargo: readonly Part[], unit: number): boolean {
  const { left, right, top } = outlineOf(cargo, unit);
  return cargo.some((part) => {
    if (part.unit === undefined || part.unit === unit) return false;
    const middle = part.box.x + part.box.width / 2;
    return left < middle && middle < right && part.box.y >= top - SETTLED_MM;
  });
}

function outlineOf(cargo: readonly Part[], unit: number) {
  const boxes = cargo.filter((part) => part.unit === unit).map(({ box }) => box);
  return {
    left: Math.min(...boxes.map(({ x }) => x)),
    right: Math.max(...boxes.map(({ x, width }) => x + width)),
    top: Math.max(...boxes.map(({ y, height }) => y + height)),
  };
}

/** Areal density of a unit where most of its parts overlap, roughly. */
function unitGrams(cargo: readonly Part[], unit: number): number {
  return cargo.filter((part) => part.unit === unit).reduce((sum, part) => sum + part.grams, 0);
}

export function changedBy(canvas: Canvas, removed: readonly Part[]): ChangedPixels {
  return noticed(canvas, removed);
}

export function noPlace(kind: AnomalyKind): NiiError {
  return new NiiError('NII_BAD_REQUEST', {
    detail: `This load has no room for the anomaly "${kind}"; choose another cargo`,
    field: 'anomalies',
  });
}
