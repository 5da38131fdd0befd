import type { Random } from '../random.ts';
import { disc, drum, log, type Part, pillow, type Rect, rect, slab } from '../scene/shapes.ts';
import { heightLimitMm, inside, layerGrams, securing, stackCells } from './stacking.ts';

/** 200-litre steel drums, filled to slightly different levels, one or two tiers on plywood. */
export function drums(random: Random, hold: Rect): Part[] {
  const density = random.between(0.75, 1.1);
  const liquid = random.pick(['water', 'food', 'polyethylene'] as const);
  const tiers = hold.width > 8000 ? 1 : random.integer(1, 2);
  const stacking = {
    widthMm: 585,
    heightMm: 900,
    layers: 4,
    topMm: tiers * 900 + 5,
    jitterMm: 6,
    gapMm: random.between(3, 16),
  };
  return stackCells(random, hold, stacking).flatMap((cell) => {
    const { x, y, width, height } = cell.box;
    const level = random.between(0.88, 0.95);
    const common = { form: drum, across: cell.across, unit: cell.unit };
    const fill = rect(x + 4, y + 15, width - 8, height * level - 15);
    return [
      { ...common, material: liquid, box: fill, grams: density * 57 } as const,
      { ...common, material: 'steel', box: cell.box, grams: 1.9 } as const,
      ...[0.005, 0.33, 0.66, 0.975].map(
        (at): Part => ({
          ...common,
          material: 'steel',
          box: rect(x - 3, y + at * height, width + 6, 18),
          grams: 7,
        }),
      ),
      inside({ ...cell, box: rect(x, y - 9, width, 9) }, { material: 'cellulose', form: slab, grams: 20 }),
    ];
  });
}

/** Paper reels, upright, in two rows. */
export function paperRolls(random: Random, hold: Rect): Part[] {
  const across = random.between(1000, 1140);
  const heightMm = random.between(700, 1180);
  const density = random.between(0.55, 0.8);
  const topMm = Math.max(heightMm + 5, Math.min(heightLimitMm(hold, density * 180), hold.height * 0.98));
  const stacking = {
    widthMm: across,
    heightMm,
    layers: 2,
    topMm,
    jitterMm: 16,
    gapMm: random.between(5, 60),
  };
  const parts = stackCells(random, hold, stacking).flatMap((cell) => {
    const { x, y, width, height } = cell.box;
    const core = rect(x + width / 2 - 45, y, 90, height);
    return [
      inside(cell, { material: 'cellulose', form: drum, grams: density * (across / 10) }),
      {
        material: 'cellulose',
        form: slab,
        box: core,
        grams: 1.5,
        across: cell.across,
        unit: cell.unit,
      } as const,
      inside({ ...cell, box: rect(x, y, width, 8) }, { material: 'cellulose', form: slab, grams: 6 }),
    ];
  });
  return [...parts, ...securing(random, hold, topMm)];
}

/** Tyres lying in stacks, or laced at a slant. */
export function tyres(random: Random, hold: Rect): Part[] {
  const across = random.between(560, 1050);
  const heightMm = across * random.between(0.27, 0.34);
  const layers = across > 800 ? 2 : 4;
  const topMm = hold.height * random.between(0.55, 0.96);
  const laced = random.chance(0.3);
  const stacking = { widthMm: across, heightMm, layers, topMm, jitterMm: 22, gapMm: 8, uneven: 0.35 };
  const grams = layerGrams(random.between(0.2, 0.32), layers);
  return stackCells(random, hold, stacking).flatMap((cell) => {
    const { x, y, width, height } = cell.box;
    const lean = laced ? 0.25 : random.normal() * 0.025;
    const common = { material: 'rubber', across: cell.across, unit: cell.unit, lean } as const;
    return [
      { ...common, form: pillow, box: cell.box, grams: grams * 0.8 },
      {
        ...common,
        form: slab,
        box: rect(x + width * 0.03, y + height * 0.2, width * 0.94, height * 0.6),
        grams: grams * 0.3,
      },
      {
        ...common,
        form: slab,
        box: rect(x, y + height * 0.3, width * 0.09, height * 0.4),
        grams: grams * 0.5,
      },
      {
        ...common,
        form: slab,
        box: rect(x + width * 0.91, y + height * 0.3, width * 0.09, height * 0.4),
        grams: grams * 0.5,
      },
    ];
  });
}

/** Coils of steel strip, eye to the side or along the hold, on timber cradles: few, and black. */
export function steelCoils(random: Random, hold: Rect): Part[] {
  const count = random.integer(3, hold.width > 8000 ? 6 : 5);
  const along = random.chance(0.5);
  return Array.from({ length: count }, (_, i): Part[] => {
    const size = random.between(850, 1250);
    const middle = hold.x + ((i + 0.5) * hold.width) / count + random.normal() * 40;
    const box = rect(middle - size / 2, hold.y + 120, size, size);
    const width = random.between(70, 115);
    const coil: Part = along
      ? {
          material: 'steel',
          form: log,
          box: rect(middle - width * 5, box.y, width * 10, size),
          grams: size * 0.5,
        }
      : { material: 'steel', form: { kind: 'ring', hole: 0.42 }, box, grams: width * 7.2 };
    return [{ ...coil, unit: i }, ...cradle(middle, hold.y, size, i)];
  }).flat();
}

function cradle(middle: number, floor: number, size: number, unit: number): Part[] {
  const wood = (x: number, y: number, width: number, height: number, lean: number): Part => ({
    material: 'cellulose',
    form: slab,
    box: rect(x, y, width, height),
    grams: 45,
    lean,
    unit,
  });
  return [
    wood(middle - size * 0.6, floor, size * 1.2, 110, 0),
    wood(middle - size * 0.48, floor + 110, 130, 150, 0.5),
    wood(middle + size * 0.48 - 130, floor + 110, 130, 150, -0.5),
  ];
}

/** Steel bars and profiles in bundles, ends to the doors, on dunnage. */
export function steelProfiles(random: Random, hold: Rect): Part[] {
  const tiers = random.integer(2, 4);
  const parts: Part[] = [];
  let y = hold.y;
  for (let tier = 0; tier < tiers; tier++) {
    const height = random.between(90, 190);
    const length = hold.width * random.between(0.75, 0.97);
    const x = hold.x + random.next() * (hold.width - length);
    for (let i = 0; i < 5; i++) {
      const box = rect(hold.x + (hold.width * (i + 0.5)) / 5, y, 95, 75);
      parts.push({ material: 'cellulose', form: slab, box, grams: 80, unit: 900 + tier });
    }
    parts.push(...bundle(random, rect(x, y + 75, length, height), tier));
    y += 75 + height;
  }
  return parts;
}

function bundle(random: Random, box: Rect, unit: number): Part[] {
  const bars = random.integer(3, 6);
  const each = box.height / bars;
  const grams = random.between(60, 220);
  const hollow = random.chance(0.5);
  return Array.from({ length: bars }, (_, i): Part[] => {
    const end = random.between(0, 160);
    const bar = rect(box.x + random.between(0, 160), box.y + i * each, box.width - end - 160, each * 0.94);
    const body: Part = {
      material: 'steel',
      form: hollow ? slab : log,
      box: bar,
      grams: hollow ? grams / 3 : grams,
      unit,
    };
    const wall: Part = { ...body, form: slab, box: { ...bar, height: each * 0.14 }, grams: grams / 2 };
    return hollow ? [body, wall] : [body];
  }).flat();
}

/** Rolls of cable or hose on wooden reels. */
export function cableReels(random: Random, hold: Rect): Part[] {
  const size = random.between(800, 1500);
  const count = Math.max(2, Math.floor(hold.width / (size + 60)));
  const core = random.pick(['copper', 'aluminium'] as const);
  return Array.from({ length: count }, (_, i): Part[] =>
    [-0.5, 0.5].flatMap((across): Part[] => {
      const x = hold.x + (i * hold.width) / count + random.between(0, 60);
      const flange = rect(x, hold.y, size, size);
      const middle = (share: number) =>
        rect(x + (size * (1 - share)) / 2, hold.y + (size * (1 - share)) / 2, size * share, size * share);
      const common = { across, unit: i };
      return [
        { ...common, material: 'cellulose', form: disc, box: flange, grams: 6 },
        {
          ...common,
          material: core,
          form: { kind: 'ring', hole: 0.4 },
          box: middle(0.85),
          grams: core === 'copper' ? 75 : 40,
        },
        {
          ...common,
          material: 'polyethylene',
          form: { kind: 'ring', hole: 0.4 },
          box: middle(0.85),
          grams: 14,
        },
      ];
    }),
  ).flat();
}
