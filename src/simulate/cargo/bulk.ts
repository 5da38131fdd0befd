import type { Random } from '../random.ts';
import { disc, drum, log, type Part, pillow, type Rect, rect, slab } from '../scene/shapes.ts';
import { type Cell, heightLimitMm, inside, layerGrams, securing, stackCells } from './stacking.ts';

/** Sacks of sugar, coffee, cement, …: pillows in courses, each course set half a sack aside. */
export function sacks(random: Random, hold: Rect): Part[] {
  const material = random.pick(['food', 'food', 'ceramic', 'polyethylene'] as const);
  const density = material === 'ceramic' ? random.between(0.9, 1.2) : random.between(0.45, 0.8);
  const layers = random.integer(3, 4);
  const widthMm = random.between(480, 780);
  const heightMm = random.between(120, 210);
  const topMm = Math.min(heightLimitMm(hold, density * 220), hold.height * random.between(0.6, 0.9));
  const stacking = { widthMm, heightMm, layers, topMm, jitterMm: 14, gapMm: 0, uneven: 0.3, loose: true };
  const grams = layerGrams(density, layers);
  return stackCells(random, hold, stacking).map((cell): Part => {
    const aside = Math.round(cell.box.y / heightMm) % 2 === 0 ? 0 : widthMm * 0.25;
    const squeezed = rect(cell.box.x - 8 + aside, cell.box.y - 6, widthMm + 16, heightMm * 1.1);
    const box = rect(
      Math.min(squeezed.x, hold.x + hold.width - widthMm),
      squeezed.y,
      squeezed.width,
      squeezed.height,
    );
    return {
      material,
      form: pillow,
      box,
      grams: grams * random.between(0.9, 1.08),
      lean: random.normal() * 0.03,
      across: cell.across,
      unit: cell.unit,
    };
  });
}

/** Pressed bales of cloth or fibre with steel bands. */
export function textile(random: Random, hold: Rect): Part[] {
  const layers = random.integer(2, 3);
  const density = random.between(0.2, 0.48);
  const stacking = {
    widthMm: random.between(650, 1150),
    heightMm: random.between(420, 780),
    layers,
    topMm: Math.min(heightLimitMm(hold, density * 225), hold.height * random.between(0.75, 0.95)),
    jitterMm: random.between(8, 25),
    gapMm: random.between(4, 30),
    uneven: 0.2,
    loose: true,
  };
  const grams = layerGrams(density, layers);
  return stackCells(random, hold, stacking).flatMap((cell): Part[] => {
    const { x, y, width, height } = cell.box;
    const bands = Array.from(
      { length: 4 },
      (_, i): Part => ({
        material: 'steel',
        form: slab,
        box: rect(x + (width * (i + 0.5)) / 4, y, 18, height),
        grams: 1.2,
        across: cell.across,
        unit: cell.unit,
      }),
    );
    return [
      inside(cell, { material: 'textile', form: slab, grams: grams * 0.55 * random.between(0.9, 1.1) }, 4),
      inside(cell, { material: 'textile', form: pillow, grams: grams * 0.5 }, -6),
      ...bands,
    ];
  });
}

/** Shredded and cut metal, tipped in: a heap of everything. */
export function scrap(random: Random, hold: Rect): Part[] {
  const top = Math.min(hold.height * 0.55, random.between(500, 1250));
  const slope = random.between(-0.3, 0.3);
  const count = Math.round((hold.width / 1000) * random.integer(55, 85));
  const pieces = Array.from({ length: count }, (_, i): Part => {
    const place = random.next();
    const height = top * (1 + slope * (place - 0.5)) * Math.sqrt(random.next());
    const width = random.logBetween(90, 620);
    const tall = width * random.between(0.2, 1);
    const x = hold.x + place * (hold.width - width);
    return {
      material: random.pick(['steel', 'steel', 'steel', 'aluminium', 'copper'] as const),
      form: random.pick([slab, disc, drum, log, { kind: 'ring', hole: 0.7 } as const]),
      box: rect(x, hold.y + Math.max(0, height - tall), width, tall),
      grams: random.logBetween(3, 40),
      lean: random.normal() * 0.5,
      across: random.between(-0.9, 0.9),
      unit: Math.floor(i / 12),
    };
  });
  const bed: Part = {
    material: 'steel',
    form: slab,
    box: rect(hold.x, hold.y, hold.width, top * 0.4),
    grams: 45,
  };
  return [bed, ...pieces];
}

/** Sawn timber in bundles, with laths between the courses. */
export function timber(random: Random, hold: Rect): Part[] {
  const bundleHeight = random.between(380, 620);
  const course = random.between(30, 75);
  const density = random.between(0.42, 0.68);
  const stacking = {
    widthMm: random.between(2400, 3900),
    heightMm: bundleHeight + 90,
    layers: 2,
    topMm: Math.min(heightLimitMm(hold, density * 190), hold.height * random.between(0.7, 0.97)),
    jitterMm: 30,
    gapMm: random.between(20, 90),
    uneven: 0.2,
  };
  return stackCells(random, hold, stacking).flatMap((cell): Part[] => {
    const { x, y, width } = cell.box;
    const own = { across: cell.across, unit: cell.unit, material: 'cellulose' as const, form: slab };
    const courses = Math.floor(bundleHeight / (course + 6));
    const boards = Array.from({ length: courses }, (_, i): Part => {
      const end = random.between(0, 70);
      const box = rect(x + random.between(0, 40), y + 90 + i * (course + 6), width - end - 40, course);
      return { ...own, box, grams: layerGrams(density, 2, 0.85) * random.between(0.94, 1.04) };
    });
    const bearers = [0.1, 0.5, 0.9].map(
      (at): Part => ({ ...own, box: rect(x + at * width, y, 95, 88), grams: 55 }),
    );
    return [...boards, ...bearers];
  });
}

/** Household goods: large light pieces, hardly two alike. */
export function furniture(random: Random, hold: Rect): Part[] {
  const stacking = {
    widthMm: random.between(700, 1000),
    heightMm: random.between(600, 900),
    layers: 2,
    topMm: hold.height * random.between(0.75, 0.97),
    jitterMm: 50,
    gapMm: random.between(10, 60),
    uneven: 0.4,
    loose: true,
  };
  const parts = stackCells(random, hold, stacking).flatMap((cell): Part[] => {
    const [cabinet, sofa, chairs] = [cabinetIn(random, cell), sofaIn(cell), chairsIn(random, cell)];
    return random.pick([cabinet, cabinet, sofa, chairs]);
  });
  return [...parts, ...securing(random, hold, stacking.topMm)];
}

function cabinetIn(random: Random, { box, across, unit }: Cell): Part[] {
  const { x, y, width, height } = box;
  const panel = (at: Rect, grams: number): Part => ({
    across,
    unit,
    material: 'cellulose',
    form: slab,
    box: at,
    grams,
  });
  return [
    panel(box, 4),
    panel(rect(x, y, 22, height), 32),
    panel(rect(x + width - 22, y, 22, height), 32),
    panel(rect(x, y, width, 22), 30),
    panel(rect(x, y + height * random.between(0.3, 0.7), width, 20), 24),
    panel(rect(x, y + height - 22, width, 22), 30),
  ];
}

function sofaIn({ box: { x, y, width, height }, across, unit }: Cell): Part[] {
  const seat = rect(x, y + 120, width, height * 0.45);
  const back = rect(x, y + 150, width * 0.3, height * 0.8);
  const frame = rect(x + 30, y + 110, width - 60, 25);
  return [
    { across, unit, material: 'textile', form: pillow, box: seat, grams: 8 },
    { across, unit, material: 'textile', form: pillow, box: back, grams: 7 },
    { across, unit, material: 'steel', form: slab, box: frame, grams: 3 },
  ];
}

function chairsIn(random: Random, { box: { x, y, width, height }, across, unit }: Cell): Part[] {
  return Array.from({ length: 5 }, (_, i): Part => {
    const box = rect(x + (i * width) / 6, y, 38, height * random.between(0.6, 0.95));
    return { across, unit, material: 'cellulose', form: slab, box, grams: 5, lean: random.normal() * 0.15 };
  });
}
