import { arealDensity } from '../physics/materials.ts';
import type { Random } from '../random.ts';
import { drum, type Form, type Part, type Point, rect, slab } from './shapes.ts';

/** A thing hidden among goods: its bodies, in millimetres from its own lower left corner. */
export interface Hidden {
  readonly width: number;
  readonly height: number;
  /** How much of the depth of the hold it takes from the goods, mm. */
  readonly depthMm: number;
  readonly parts: readonly Part[];
}

const at = (x: number, y: number): Point => ({ x, y });

/** Outlines in -1..1. Coarse on purpose: at a pitch of millimetres no more is seen. */
const pistol: Form = {
  kind: 'polygon',
  points: [
    at(-1, 0.35),
    at(-1, 0.95),
    at(0.95, 1),
    at(1, 0.3),
    at(0.75, -1),
    at(0.3, -0.95),
    at(0.35, 0.1),
    at(-0.2, 0.2),
  ],
};
const rifle: Form = {
  kind: 'polygon',
  points: [
    at(-1, 0.3),
    at(-1, 0.5),
    at(-0.25, 0.62),
    at(0.2, 0.95),
    at(0.45, 0.9),
    at(1, 0.75),
    at(1, -0.25),
    at(0.5, 0.2),
    at(0.42, -0.65),
    at(0.3, -0.7),
    at(0.28, 0.05),
    at(0.1, 0),
    at(-0.02, -1),
    at(-0.16, -0.9),
    at(-0.08, 0.1),
  ],
};

/** Handguns in a bundle, or long guns side by side. */
export function weapons(random: Random): Hidden {
  const long = random.chance(0.5);
  const [width, height] = long ? [random.between(780, 980), 240] : [random.between(180, 230), 140];
  const count = long ? random.integer(1, 4) : random.integer(2, 8);
  const parts = Array.from({ length: count }, (_, i): Part => {
    const column = long ? 0 : i % 3;
    const box = rect(column * width * 0.8, Math.floor(long ? i : i / 3) * height * 0.55, width, height);
    const grams = arealDensity('steel', random.between(12, 26));
    return { material: 'steel', form: long ? rifle : pistol, box, grams, lean: random.normal() * 0.12 };
  });
  return { ...extent(parts), depthMm: 120, parts };
}

/** One massive piece of metal. */
export function denseBlock(random: Random): Hidden {
  const width = random.between(110, 330);
  const height = random.between(90, 280);
  const material = random.pick(['lead', 'copper', 'steel'] as const);
  const depthMm = random.between(60, 190);
  const form = random.pick([slab, drum]);
  const part: Part = {
    material,
    form,
    box: rect(0, 0, width, height),
    grams: arealDensity(material, depthMm),
  };
  return { width, height, depthMm, parts: [part] };
}

/** Wrapped bricks of pressed powder, piled where other goods should be. */
export function brickStack(random: Random): Hidden {
  const columns = random.integer(2, 6);
  const rows = random.integer(3, 9);
  const width = random.between(150, 220);
  const height = random.between(45, 75);
  const depthMm = random.between(350, 1100);
  const grams = (1.15 * depthMm) / 10;
  const parts = Array.from({ length: columns * rows }, (_, i): Part => {
    const box = rect(
      (i % columns) * (width + 6) + random.normal() * 2,
      Math.floor(i / columns) * (height + 5),
      width,
      height,
    );
    return { material: 'food', form: slab, box, grams: grams * random.between(0.95, 1.05) };
  });
  return { ...extent(parts), depthMm, parts };
}

/** A box lined with lead, something organic in it. */
export function shieldedBox(random: Random): Hidden {
  const width = random.between(240, 560);
  const height = random.between(200, 420);
  const wall = random.between(6, 18);
  const depthMm = random.between(250, 450);
  const side = arealDensity('lead', depthMm - 2 * wall);
  const lead = (x: number, y: number, w: number, h: number, grams: number): Part => ({
    material: 'lead',
    form: slab,
    box: rect(x, y, w, h),
    grams,
  });
  const inner = rect(width * 0.2, wall, width * 0.6, height * 0.6);
  return {
    width,
    height,
    depthMm,
    parts: [
      lead(0, 0, width, height, arealDensity('lead', 2 * wall)),
      lead(0, 0, wall, height, side),
      lead(width - wall, 0, wall, height, side),
      lead(wall, 0, width - 2 * wall, wall, side),
      lead(wall, height - wall, width - 2 * wall, wall, side),
      { material: 'food', form: slab, box: inner, grams: (0.9 * depthMm * 0.7) / 10 },
    ],
  };
}

function extent(parts: readonly Part[]): { width: number; height: number } {
  return {
    width: Math.max(...parts.map(({ box }) => box.x + box.width)),
    height: Math.max(...parts.map(({ box }) => box.y + box.height)),
  };
}
