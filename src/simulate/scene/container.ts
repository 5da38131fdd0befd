import { defined } from '../../core/defined.ts';
import { arealDensity } from '../physics/materials.ts';
import type { Random } from '../random.ts';
import { type Part, type Rect, rect, slab } from './shapes.ts';

/** Outer lengths and heights of ISO 668 containers, mm. */
export const containerLengthMm = { '20ft': 6058, '40ft': 12192 } as const;
export type ContainerSize = keyof typeof containerLengthMm;

/** Inner width: the longest path through cargo, mm. */
export const HOLD_DEPTH_MM = 2340;
const STANDARD_HEIGHT_MM = 2591;
const HIGH_CUBE_HEIGHT_MM = 2896;
const BASE_MM = 165;
const CORRUGATION_MM = 278;

export interface Container {
  readonly size: ContainerSize;
  /** Outer outline in the scene. */
  readonly box: Rect;
  /** Inside: from the floor to below the roof, between the end walls. */
  readonly hold: Rect;
}

export function placeContainer(random: Random, size: ContainerSize, x: number, deckMm: number): Container {
  const height = size === '40ft' && random.chance(0.4) ? HIGH_CUBE_HEIGHT_MM : STANDARD_HEIGHT_MM;
  const length = containerLengthMm[size];
  return {
    size,
    box: rect(x, deckMm, length, height),
    hold: rect(x + 90, deckMm + BASE_MM, length - 170, height - BASE_MM - 95),
  };
}

/** Steel and wood of an empty dry container. */
export function containerParts(random: Random, container: Container): Part[] {
  return [
    ...floorParts(container.box),
    ...[-1, 1].flatMap((across) => sideParts(random, container.box, across)),
    ...roofParts(random, container.box),
    ...endParts(container.box),
  ];
}

/** Plywood on cross-members of C section, both seen end-on across the whole width. */
function floorParts(box: Rect): Part[] {
  const floor = rect(box.x + 30, box.y + BASE_MM - 42, box.width - 60, 42);
  const parts: Part[] = [{ material: 'cellulose', form: slab, box: floor, grams: 85 }];
  const members = Math.round(box.width / 305);
  for (let i = 1; i < members; i++) {
    const x = box.x + (box.width * i) / members;
    parts.push(steel(rect(x, box.y + 10, 8, 113), 170));
    parts.push(steel(rect(x, box.y + 8, 45, 7), 150), steel(rect(x, box.y + 116, 45, 7), 150));
  }
  return parts;
}

/** One long side: rails, corner posts and castings, corrugated wall. */
function sideParts(random: Random, box: Rect, across: number): Part[] {
  const { x, y, width, height } = box;
  const posts = [x, x + width - 150].flatMap((left) => [
    steel(rect(left, y + 100, 150, height - 200), arealDensity('steel', 13), across),
    steel(rect(left + 18, y + 100, 7, height - 200), 14, across),
  ]);
  const castings = [x, x + width - 178].flatMap((left) =>
    [y, y + height - 118].flatMap((bottom) => [
      steel(rect(left, bottom, 178, 118), 34, across),
      steel(rect(left + 50, bottom + 30, 78, 55), 16, across),
    ]),
  );
  const rails = [
    steel(rect(x, y, width, 150), arealDensity('steel', 5), across),
    steel(rect(x, y + 143, width, 9), 20, across),
    steel(rect(x, y + height - 95, width, 60), arealDensity('steel', 7), across),
    steel(rect(x, y + height - 40, width, 5), 18, across),
  ];
  return [...posts, ...castings, ...rails, ...wallParts(random, box, across)];
}

/** Trapezoid corrugation: flat faces, and webs that the beam crosses at a slant. */
function wallParts(random: Random, box: Rect, across: number): Part[] {
  const bottom = box.y + 150;
  const height = box.height - 245;
  const thick = random.between(1.6, 2.0);
  const parts = [
    steel(rect(box.x + 100, bottom, box.width - 200, height), arealDensity('steel', thick), across),
  ];
  const phase = random.between(0, CORRUGATION_MM);
  for (let x = box.x + 150 + phase; x < box.x + box.width - 250; x += CORRUGATION_MM) {
    for (const web of [x, x + CORRUGATION_MM / 2])
      parts.push(steel(rect(web, bottom + 25, 68, height - 60), arealDensity('steel', thick * 0.22), across));
    parts.push(steel(rect(x, bottom + 20, 206, 6), 0.8, across));
  }
  return [...parts, ...lashingRings(box, across)];
}

/** Rings below the roof and above the floor, for tying cargo. */
function lashingRings(box: Rect, across: number): Part[] {
  const rings: Part[] = [];
  const form = { kind: 'ring', hole: 0.7 } as const;
  for (let x = box.x + 500; x < box.x + box.width - 300; x += 1400) {
    for (const y of [box.y + box.height - 150, box.y + BASE_MM]) {
      rings.push({ material: 'steel', form, box: rect(x, y, 60, 60), grams: 6, across });
    }
  }
  return rings;
}

/** The roof is crossed at a slant, so it fills the band between the two top rails, with its corrugation. */
function roofParts(random: Random, box: Rect): Part[] {
  const parts: Part[] = [];
  const steps = 16;
  const grams = random.between(1.6, 2.4);
  for (let i = 0; i < steps; i++) {
    const across = -1 + (2 * i + 1) / steps;
    const strip = rect(box.x + 40, box.y + box.height - 45, box.width - 80, 30);
    parts.push(steel(strip, grams * 1.2, across));
    for (let x = box.x + 250; x < box.x + box.width - 250; x += 209)
      parts.push(steel(rect(x, strip.y, 14, 30), grams * 0.5, across));
  }
  return parts;
}

/** Front wall and doors, seen edge-on. */
function endParts(box: Rect): Part[] {
  const { x, y, width, height } = box;
  const tall = height - 210;
  return [
    steel(rect(x + 22, y + 120, 40, tall), 62),
    steel(rect(x + width - 70, y + 120, 34, tall), 78),
    steel(rect(x + width - 30, y + 60, 26, height - 160), 24),
    { material: 'rubber', form: slab, box: rect(x + width - 78, y + 150, 14, tall - 40), grams: 18 },
    steel(rect(x, y, 70, 140), 60),
    steel(rect(x + width - 90, y, 90, 140), 60),
  ];
}

function steel(box: Rect, grams: number, across?: number): Part {
  return { material: 'steel', form: slab, box, grams, ...defined({ across }) };
}
