import type { Random } from '../random.ts';
import { disc, drum, type Part, type Rect, rect, slab } from '../scene/shapes.ts';
import {
  type Cell,
  heightLimitMm,
  inside,
  layerGrams,
  layPallets,
  securing,
  stackCells,
} from './stacking.ts';

/** Mixed consumer goods in cartons, hand-stacked. */
export function cartons(random: Random, hold: Rect): Part[] {
  const layers = random.integer(3, 6);
  const density = random.between(0.1, 0.38);
  const material = random.pick(['cellulose', 'food', 'textile', 'polyethylene'] as const);
  const topMm = Math.min(heightLimitMm(hold, density * 230), hold.height * random.between(0.7, 0.97));
  const stacking = {
    widthMm: random.between(300, 620),
    heightMm: random.between(230, 480),
    layers,
    topMm,
    jitterMm: random.between(2, 14),
    gapMm: random.between(2, 12),
    uneven: random.between(0, 0.3),
    loose: true,
  };
  const parts = stackCells(random, hold, stacking).flatMap((cell) => [
    inside(cell, { material: 'cellulose', form: slab, grams: layerGrams(0.025, layers) }),
    inside(
      cell,
      { material, form: slab, grams: layerGrams(density, layers) * random.between(0.82, 1.12) },
      random.between(8, 22),
    ),
  ]);
  return [...parts.map((part) => leanSome(random, part)), ...securing(random, hold, topMm)];
}

/** A few cartons have settled askew. */
function leanSome(random: Random, part: Part): Part {
  return random.chance(0.05) ? { ...part, lean: random.normal() * 0.05 } : part;
}

/** Master cases of cigarettes: light, very regular, filled to the roof. */
export function tobacco(random: Random, hold: Rect): Part[] {
  const layers = random.integer(4, 6);
  const stacking = {
    widthMm: random.between(560, 640),
    heightMm: random.between(380, 460),
    layers,
    topMm: hold.height * random.between(0.9, 0.98),
    jitterMm: random.between(1, 5),
    gapMm: random.between(2, 6),
  };
  const density = random.between(0.2, 0.28);
  return stackCells(random, hold, stacking).flatMap((cell) => [
    inside(cell, { material: 'cellulose', form: slab, grams: layerGrams(0.02, layers) }),
    inside(cell, { material: 'tobacco', form: slab, grams: layerGrams(density, layers) }, 10),
  ]);
}

/** Appliances and devices: light cartons with boards, metal frames and motors inside. */
export function electronics(random: Random, hold: Rect): Part[] {
  const layers = random.integer(2, 4);
  const stacking = {
    widthMm: random.between(450, 950),
    heightMm: random.between(350, 900),
    layers,
    topMm: hold.height * random.between(0.75, 0.97),
    jitterMm: random.between(2, 10),
    gapMm: random.between(5, 25),
    uneven: 0.15,
    loose: random.chance(0.5),
  };
  const inner = deviceTemplate(random, layers);
  const parts = stackCells(random, hold, stacking).flatMap((cell) => [
    inside(cell, { material: 'cellulose', form: slab, grams: layerGrams(0.04, layers) }),
    inside(cell, { material: 'polyethylene', form: slab, grams: layerGrams(0.07, layers) }, 25),
    ...inner.map((device) => placeIn(cell, device)),
  ]);
  return [...parts, ...securing(random, hold, stacking.topMm)];
}

/** What every unit of a consignment contains, in shares of the carton. */
function deviceTemplate(random: Random, layers: number): readonly Part[] {
  const frame: Part = {
    material: 'steel',
    form: slab,
    box: rect(0.12, 0.1, 0.76, 0.06),
    grams: random.between(2, 6),
  };
  const bodies = Array.from({ length: random.integer(2, 4) }, (): Part => {
    const width = random.between(0.12, 0.4);
    const height = random.between(0.1, 0.4);
    return {
      material: random.pick(['steel', 'copper', 'aluminium'] as const),
      form: random.pick([slab, disc, drum]),
      box: rect(random.between(0.1, 0.9 - width), random.between(0.1, 0.9 - height), width, height),
      grams: random.between(3, 26) / Math.sqrt(layers),
    };
  });
  return [frame, ...bodies];
}

function placeIn(cell: Cell, device: Part): Part {
  const { x, y, width, height } = cell.box;
  const box = rect(
    x + device.box.x * width,
    y + device.box.y * height,
    device.box.width * width,
    device.box.height * height,
  );
  return { ...device, box, across: cell.across, unit: cell.unit };
}

/** Ventilated crates of fruit on pallets: round shadows, air between them. */
export function fruit(random: Random, hold: Rect): Part[] {
  const run = layPallets(random, hold);
  const layers = 4;
  const heightMm = random.between(190, 280);
  const top = Math.min(hold.height * random.between(0.8, 0.93), 2200);
  const size = random.between(65, 120);
  const crates = run.pallets.flatMap((pallet, index) => {
    const place = rect(pallet.x, pallet.y + run.baseMm, pallet.width, top);
    const widthMm = pallet.width / 2 - 3;
    return stackCells(random, place, { widthMm, heightMm, layers, topMm: top, jitterMm: 3, gapMm: 2 }).map(
      (cell) => ({ ...cell, unit: cell.unit + index * 10_000 }),
    );
  });
  return [...run.parts, ...crates.flatMap((cell) => fruitCrate(random, cell, size, layers))];
}

function fruitCrate(random: Random, cell: Cell, size: number, layers: number): Part[] {
  const { x, y, width, height } = cell.box;
  const share = layerGrams(0.62, layers);
  const wood = inside(cell, { material: 'cellulose', form: slab, grams: layerGrams(0.05, layers) });
  const bulk: Part = {
    ...inside(cell, { material: 'food', form: slab, grams: share * 0.55 }),
    box: rect(x + 10, y + 14, width - 20, height * 0.84),
  };
  const fruits = Array.from({ length: Math.floor((width * height) / (size * size * 1.6)) }, (): Part => {
    const box = rect(
      x + random.between(8, width - size - 8),
      y + random.between(12, Math.max(14, height - size)),
      size,
      size,
    );
    return { material: 'food', form: disc, box, grams: share * 0.28, across: cell.across, unit: cell.unit };
  });
  return [wood, bulk, ...fruits];
}

/** Drinks in bottles, shrink-wrapped on pallets. */
export function bottles(random: Random, hold: Rect): Part[] {
  const run = layPallets(random, hold);
  const glass = random.chance(0.4);
  const heightMm = random.between(240, 340);
  const across = random.between(60, 95);
  const grams = layerGrams(glass ? 0.62 : 0.68, 4);
  const top = Math.min(heightLimitMm(hold, grams * 4), hold.height * 0.85);
  const cells = run.pallets.flatMap((pallet, index) =>
    stackCells(random, rect(pallet.x, pallet.y + run.baseMm, pallet.width, top), {
      widthMm: across * 4,
      heightMm,
      layers: 4,
      topMm: top,
      jitterMm: 2,
      gapMm: 3,
    }).map((cell) => ({ ...cell, unit: cell.unit + index * 10_000 })),
  );
  return [...run.parts, ...cells.flatMap((cell) => bottlePack(cell, grams, glass))];
}

function bottlePack(cell: Cell, grams: number, glass: boolean): Part[] {
  const { x, y, width, height } = cell.box;
  const tray: Part = {
    ...inside(cell, { material: 'cellulose', form: slab, grams: 8 }),
    box: rect(x, y, width, 10),
  };
  const shells = Array.from({ length: 4 }, (_, i): Part[] => {
    const body = rect(x + (i * width) / 4 + 2, y + 10, width / 4 - 4, height * 0.68);
    const neck = rect(body.x + body.width * 0.33, body.y + body.height, body.width * 0.34, height * 0.22);
    const common = { form: drum, across: cell.across, unit: cell.unit };
    return [
      { ...common, material: 'water', box: body, grams: grams * 1.2 },
      {
        ...common,
        material: glass ? 'glass' : 'polyethylene',
        box: neck,
        grams: grams * (glass ? 0.45 : 0.2),
      },
      ...(glass ? [{ ...common, material: 'glass' as const, box: body, grams: grams * 0.45 }] : []),
    ];
  });
  return [tray, ...shells.flat()];
}
