import type { Random } from '../random.ts';
import { disc, drum, log, type Part, type Rect, rect, slab } from '../scene/shapes.ts';
import { heightLimitMm, inside, layerGrams, layPallets, securing, stackCells } from './stacking.ts';

/** Ceramic tiles on pallets: low and dense, because the box is at its weight limit. */
export function tiles(random: Random, hold: Rect): Part[] {
  const run = layPallets(random, hold);
  const density = random.between(1.3, 1.8);
  const top = Math.min(heightLimitMm(hold, density * 190), random.between(600, 1100));
  const heightMm = random.between(180, 330);
  const cells = run.pallets.flatMap((pallet, index) =>
    stackCells(random, rect(pallet.x, pallet.y + run.baseMm, pallet.width, top), {
      widthMm: Math.min(random.between(300, 620), pallet.width - 10),
      heightMm,
      layers: 2,
      topMm: top,
      jitterMm: 4,
      gapMm: random.between(4, 14),
      uneven: 0.05,
    }).map((cell) => ({ ...cell, unit: cell.unit + index * 10_000 })),
  );
  const grams = layerGrams(density, 2, random.between(0.7, 0.9));
  const goods = cells.flatMap((cell) => [
    inside(cell, { material: 'ceramic', form: slab, grams: grams * random.between(0.94, 1.04) }, 6),
    inside(cell, { material: 'cellulose', form: slab, grams: 2 }),
  ]);
  return [...run.parts, ...goods, ...securing(random, hold, top)];
}

/** Machines on skids: housings, shafts, motors, gear wheels and pipework, in a frame. */
export function machinery(random: Random, hold: Rect): Part[] {
  const count = Math.max(1, Math.round(hold.width / random.between(2000, 3200)));
  return Array.from({ length: count }, (_, i): Part[] => {
    const space = hold.width / count;
    const width = space * random.between(0.65, 0.92);
    const height = Math.min(hold.height * 0.92, random.between(1100, 2200));
    const x = hold.x + i * space + random.next() * (space - width);
    return machine(random, rect(x, hold.y + 110, width, height), i * 1000, hold.y);
  }).flat();
}

function machine(random: Random, box: Rect, unit: number, floor: number): Part[] {
  const { x, y, width, height } = box;
  const own = { material: 'steel', unit } as const;
  const skid = [0.08, 0.5, 0.85].map(
    (at): Part => ({
      ...own,
      material: 'cellulose',
      form: slab,
      box: rect(x + at * width, floor, 120, 110),
      grams: 95,
    }),
  );
  const frame: Part[] = [
    { ...own, form: slab, box: rect(x, y, width, 90), grams: 60 },
    ...[0, 1].map(
      (at): Part => ({ ...own, form: slab, box: rect(x + at * (width - 60), y, 60, height), grams: 18 }),
    ),
    { ...own, form: slab, box: rect(x, y + height - 60, width, 60), grams: 22 },
  ];
  const bed: Part = {
    ...own,
    form: slab,
    box: rect(x + 70, y + 90, width - 140, height * 0.24),
    grams: random.between(60, 150),
  };
  const bodies = Array.from({ length: random.integer(9, 16) }, () => machinePart(random, box, unit));
  return [...skid, ...frame, bed, ...bodies.flat()];
}

function machinePart(random: Random, box: Rect, unit: number): Part[] {
  const place = placeIn(random, box);
  const { width, height } = place;
  const material = random.pick(['steel', 'steel', 'steel', 'aluminium', 'copper'] as const);
  const grams = random.logBetween(14, 130);
  const across = random.between(-0.5, 0.5);
  const body = (form: Part['form'], at: Rect, weight: number): Part => ({
    material,
    form,
    box: at,
    grams: weight,
    across,
    unit,
  });
  switch (random.integer(0, 3)) {
    case 0:
      return gearWheel(random, place, body, grams);
    case 1:
      return [
        body(log, place, grams),
        ...Array.from({ length: 6 }, (_, i) =>
          body(slab, rect(place.x + (i * width) / 6, place.y, 10, height), 12),
        ),
      ];
    case 2:
      return [
        body(slab, place, grams * 0.6),
        body(slab, rect(place.x, place.y, width, 25), grams * 0.5),
        body(drum, rect(place.x + width * 0.3, place.y, width * 0.3, height), grams * 0.7),
      ];
    default:
      return [
        body(slab, rect(place.x, place.y, width * 1.4, 50), 12),
        body(slab, rect(place.x, place.y, 50, height * 1.3), 12),
      ];
  }
}

/** Draws a place for a part within the frame of a machine. */
function placeIn(random: Random, frame: Rect): Rect {
  const width = random.between(0.1, 0.42) * frame.width;
  const height = random.between(0.12, 0.42) * frame.height;
  return rect(
    frame.x + 60 + random.next() * (frame.width - width - 120),
    frame.y + 90 + Math.max(0, random.next() - 0.15) * (frame.height - height - 160),
    width,
    height,
  );
}

function gearWheel(
  random: Random,
  place: Rect,
  body: (form: Part['form'], at: Rect, grams: number) => Part,
  grams: number,
): Part[] {
  const size = Math.min(place.width, place.height);
  const inner = (share: number) =>
    rect(place.x + (size * (1 - share)) / 2, place.y + (size * (1 - share)) / 2, size * share, size * share);
  return [
    body({ kind: 'ring', hole: 0.72 }, inner(1), grams),
    body(disc, inner(0.75), grams * random.between(0.2, 0.6)),
    body(disc, inner(0.25), grams),
  ];
}

/** Cars, side on, nose to tail. */
export function cars(random: Random, hold: Rect): Part[] {
  const count = Math.max(1, Math.floor(hold.width / 4700));
  return Array.from({ length: count }, (_, i) => {
    const length = random.between(4050, 4600);
    const x = hold.x + (i * hold.width) / count + random.next() * (hold.width / count - length);
    return car(random, rect(x, hold.y, length, random.between(1420, 1700)), i);
  }).flat();
}

function car(random: Random, box: Rect, unit: number): Part[] {
  const { x, y, width, height } = box;
  const at = (
    material: Part['material'],
    form: Part['form'],
    u: number,
    v: number,
    w: number,
    h: number,
    grams: number,
  ): Part => ({
    material,
    form,
    box: rect(x + u * width, y + v * height, w * width, h * height),
    grams,
    unit,
  });
  const cabin = [
    { x: -1, y: -1 },
    { x: -0.45, y: 0.9 },
    { x: 0.5, y: 0.9 },
    { x: 1, y: -1 },
  ];
  return [
    at('steel', slab, 0.01, 0.2, 0.97, 0.36, 4.5),
    at('steel', { kind: 'polygon', points: cabin }, 0.18, 0.56, 0.62, 0.42, 2.2),
    at('steel', slab, 0.03, 0.2, 0.94, 0.05, 14),
    at('steel', slab, 0.07, 0.28, 0.15, 0.26, random.between(40, 75)),
    at('aluminium', slab, 0.05, 0.33, 0.2, 0.18, 18),
    at('copper', slab, 0.02, 0.28, 0.02, 0.28, 9),
    at('polyethylene', drum, 0.66, 0.2, 0.14, 0.16, 32),
    at('polyethylene', slab, 0.4, 0.34, 0.03, 0.36, 8),
    at('polyethylene', slab, 0.36, 0.3, 0.14, 0.09, 9),
    at('polyethylene', slab, 0.63, 0.32, 0.04, 0.36, 8),
    at('steel', { kind: 'ring', hole: 0.85 }, 0.33, 0.5, 0.03, 0.16, 5),
    at('steel', log, 0.3, 0.14, 0.6, 0.04, 7),
    ...wheelsOf(box, unit),
  ];
}

function wheelsOf({ x, y, width, height }: Rect, unit: number): Part[] {
  const tyre = 0.42 * height;
  return [0.14, 0.73].flatMap((u): Part[] => {
    const box = rect(x + u * width, y, tyre * 1.5, tyre * 1.5);
    const middle = rect(box.x + tyre * 0.5, box.y + tyre * 0.5, tyre * 0.5, tyre * 0.5);
    return [
      { material: 'rubber', form: { kind: 'ring', hole: 0.6 }, box, grams: 9, unit },
      { material: 'aluminium', form: { kind: 'ring', hole: 0.85 }, box, grams: 6, unit },
      { material: 'steel', form: disc, box: middle, grams: 45, unit },
    ];
  });
}
