import type { Random } from '../random.ts';
import { HOLD_DEPTH_MM } from '../scene/container.ts';
import { type Part, pillow, type Rect, rect, slab } from '../scene/shapes.ts';

/** Greatest payload, g: what fills a 20-ft box to 24 t, a 40-ft box to 26 t. */
const PAYLOAD_G = { short: 24e6, long: 26e6 } as const;

/** How high goods of this areal density (g/cm2 across the hold) can be stacked before the box is too heavy, mm. */
export function heightLimitMm(hold: Rect, grams: number): number {
  const payload = hold.width > 8000 ? PAYLOAD_G.long : PAYLOAD_G.short;
  return Math.min(hold.height, (payload / (grams * (hold.width / 10))) * 10);
}

/** Areal density of one of `layers` rows of goods that share the depth of the hold; density in g/cm3. */
export function layerGrams(density: number, layers: number, share = 0.96): number {
  return (density * share * HOLD_DEPTH_MM) / 10 / layers;
}

export interface Stacking {
  readonly widthMm: number;
  readonly heightMm: number;
  /** Rows of goods across the depth of the hold. */
  readonly layers: number;
  readonly topMm: number;
  readonly jitterMm: number;
  readonly gapMm: number;
  /** Rows across the hold do not line up: hand-stacked goods. */
  readonly loose?: boolean;
  /** Share of columns that are stacked lower than the rest. */
  readonly uneven?: number;
}

export interface Cell {
  readonly box: Rect;
  readonly across: number;
  readonly unit: number;
}

/** Places goods on the floor, upwards, in columns along the hold, in rows across it. */
export function stackCells(random: Random, hold: Rect, stacking: Stacking): Cell[] {
  const step = stacking.widthMm + stacking.gapMm;
  const columns = Math.max(1, Math.floor(hold.width / step));
  const slack = Math.max(0, hold.width - columns * step);
  const tiers = Math.max(1, Math.floor(stacking.topMm / stacking.heightMm));
  const start = hold.x + slack * random.next();
  const starts = Array.from({ length: stacking.layers }, () =>
    stacking.loose ? hold.x + slack * random.next() + random.between(-0.08, 0.08) * step : start,
  );
  return Array.from({ length: columns }, (_, column) => {
    const lower = random.chance(stacking.uneven ?? 0) ? random.integer(1, Math.ceil(tiers / 3)) : 0;
    const lefts = starts.map((left) => left + column * step);
    return columnCells(random, hold, lefts, column, Math.max(1, tiers - lower), stacking);
  }).flat();
}

function columnCells(
  random: Random,
  hold: Rect,
  lefts: readonly number[],
  column: number,
  tiers: number,
  { widthMm, heightMm, layers, jitterMm, loose }: Stacking,
): Cell[] {
  const cells: Cell[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const across = layers === 1 ? 0 : -0.9 + (1.8 * layer) / (layers - 1);
    const shift = random.normal() * jitterMm;
    const missing = loose && tiers > 2 && random.chance(0.25) ? 1 : 0;
    for (let tier = 0; tier < tiers - missing; tier++) {
      const wanted = (lefts[layer] ?? hold.x) + shift + random.normal() * jitterMm * 0.5;
      const x = Math.max(hold.x, Math.min(hold.x + hold.width - widthMm, wanted));
      const box = rect(x, hold.y + tier * heightMm, widthMm, heightMm * 0.985);
      cells.push({ box, across, unit: column * 100 + tier });
    }
  }
  return cells;
}

/** A part that fills the given share of a cell, resting on its floor. */
export function inside(cell: Cell, part: Pick<Part, 'material' | 'form' | 'grams'>, shrink = 0): Part {
  const { x, y, width, height } = cell.box;
  const box = rect(x + shrink, y + shrink, width - 2 * shrink, height - 2 * shrink);
  return { ...part, box, across: cell.across, unit: cell.unit };
}

export interface PalletRun {
  readonly hold: Rect;
  readonly baseMm: number;
  readonly widthMm: number;
  /** Pallet outlines without the goods; the goods start at `baseMm` above the floor. */
  readonly pallets: readonly Rect[];
  readonly parts: readonly Part[];
}

const PALLET_MM = 145;

/** A row of wooden pallets along the hold, two across. */
export function layPallets(random: Random, hold: Rect): PalletRun {
  const widthMm = random.pick([800, 1000, 1200]);
  const gap = random.between(8, 45);
  const count = Math.max(1, Math.floor(hold.width / (widthMm + gap)));
  const start = hold.x + random.next() * (hold.width - count * (widthMm + gap));
  const pallets = Array.from({ length: count }, (_, i) =>
    rect(start + i * (widthMm + gap) + random.normal() * 4, hold.y, widthMm, PALLET_MM),
  );
  const parts = pallets.flatMap((pallet) => [-0.5, 0.5].flatMap((across) => palletParts(pallet, across)));
  return { hold, baseMm: PALLET_MM, widthMm, pallets, parts };
}

function palletParts({ x, y, width }: Rect, across: number): Part[] {
  const wood = (box: Rect, grams: number): Part => ({
    material: 'cellulose',
    form: slab,
    box,
    grams,
    across,
  });
  const block = Math.min(145, width / 6);
  return [
    wood(rect(x, y, width, 22), 22),
    wood(rect(x, y + 100, width, 44), 30),
    ...[0, 0.5, 1].map((place) => wood(rect(x + place * (width - block), y + 22, block, 78), 18)),
  ];
}

/** Polyester straps round a load and, sometimes, an air bag or boards in a gap: what holds cargo in place. */
export function securing(random: Random, hold: Rect, topMm: number): Part[] {
  const straps = Array.from({ length: random.integer(0, 4) }, (): Part => {
    const x = random.between(hold.x + 200, hold.x + hold.width - 200);
    const box = rect(x, hold.y, 45, Math.min(topMm, hold.height));
    return { material: 'polyethylene', form: slab, box, grams: 0.9, across: random.pick([-1, 1]) };
  });
  const boards = Array.from({ length: random.integer(0, 3) }, (): Part => {
    const x = random.between(hold.x + 100, hold.x + hold.width - 1500);
    const y = hold.y + random.between(0, Math.max(80, topMm * 0.5));
    const box = rect(x, y, random.between(700, 1400), random.between(30, 110));
    return {
      material: 'cellulose',
      form: slab,
      box,
      grams: random.between(3, 12),
      lean: random.normal() * 0.02,
    };
  });
  return [...straps, ...boards, ...airBag(random, hold, topMm)];
}

function airBag(random: Random, hold: Rect, topMm: number): Part[] {
  if (!random.chance(0.3)) return [];
  const height = Math.min(1200, topMm * 0.8);
  const x = random.between(hold.x + 300, hold.x + hold.width - 600);
  const box = rect(x, hold.y + 100, random.between(120, 260), height);
  return [{ material: 'cellulose', form: pillow, box, grams: 0.5 }];
}
