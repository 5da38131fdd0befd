import { defined } from '../../core/defined.ts';
import { arealDensity } from '../physics/materials.ts';
import type { Random } from '../random.ts';
import { disc, drum, type Form, log, type Part, pillow, rect, slab } from './shapes.ts';

export const TRACTOR_LENGTH_MM = 5600;

/** A skeletal trailer that carries containers from x over `lengthMm`; its deck is where they stand. */
export function chassisParts(random: Random, x: number, lengthMm: number, deckMm: number): Part[] {
  const beamHeight = 330;
  const bottom = deckMm - beamHeight - 20;
  const beams = [-0.35, 0.35].flatMap((across) => [
    steel(x, bottom, lengthMm, beamHeight, arealDensity('steel', 7), across),
    steel(x, bottom, lengthMm, 16, 95, across),
    steel(x, bottom + beamHeight - 16, lengthMm, 16, 95, across),
  ]);
  return [...beams, ...bolsters(x, lengthMm, deckMm), ...runningGear(random, x, lengthMm, bottom)];
}

/** Cross-beams with the twist locks. */
function bolsters(x: number, lengthMm: number, deckMm: number): Part[] {
  const places = lengthMm > 9000 ? [0, 0.49, 0.51, 1] : [0, 1];
  return places.map((place) =>
    steel(x + 40 + place * (lengthMm - 240), deckMm - 190, 150, 180, arealDensity('steel', 38)),
  );
}

function runningGear(random: Random, x: number, lengthMm: number, bottom: number): Part[] {
  const axles = lengthMm > 9000 || random.chance(0.5) ? 3 : 2;
  const last = x + lengthMm - random.between(900, 1300);
  const wheels = Array.from({ length: axles }, (_, i) => wheelParts(last - i * 1310, 500));
  const landing = x + lengthMm * 0.22;
  return [
    ...wheels.flat(),
    ...Array.from({ length: axles }, (_, i) => spring(last - i * 1310, bottom)).flat(),
    ...[-0.8, 0.8].map((across) => steel(landing, 250, 110, bottom - 100, arealDensity('steel', 16), across)),
    steel(landing - 100, 240, 310, 40, 40),
    steel(x + lengthMm - 130, 450, 120, 160, arealDensity('steel', 40)),
    steel(last - axles * 1310 - 900, 700, 700, 60, 8),
    { material: 'steel', form: log, box: rect(last - axles * 1310 - 700, 620, 800, 260), grams: 14 },
  ];
}

/** Twin tyres on both sides, rims, drums and the axle, seen along the axle. */
function wheelParts(middle: number, radius: number): Part[] {
  const round = (form: Form, r: number, grams: number, material: Part['material']): Part => ({
    material,
    form,
    box: rect(middle - r, radius - r, 2 * r, 2 * r),
    grams,
  });
  return [
    round({ kind: 'ring', hole: 0.56 }, radius, 26, 'rubber'),
    round({ kind: 'ring', hole: 0.93 }, radius, 60, 'rubber'),
    round({ kind: 'ring', hole: 0.9 }, radius * 0.6, 60, 'steel'),
    round(disc, radius * 0.55, 26, 'steel'),
    round(disc, radius * 0.38, 70, 'steel'),
    round(disc, radius * 0.15, 500, 'steel'),
  ];
}

function spring(middle: number, bottom: number): Part[] {
  return [
    { material: 'steel', form: pillow, box: rect(middle - 450, bottom - 190, 900, 110), grams: 70 },
    { material: 'rubber', form: pillow, box: rect(middle + 180, bottom - 260, 300, 240), grams: 9 },
    steel(middle - 470, bottom - 260, 60, 270, 30),
  ];
}

/** A cab-over tractor whose front is at x, facing left. */
export function tractorParts(random: Random, x: number): Part[] {
  const roof = random.between(2750, 3500);
  return [
    ...cabParts(x, roof),
    ...engineParts(random, x),
    ...wheelParts(x + 1350, 510),
    ...wheelParts(x + 4750, 510),
    ...[-0.35, 0.35].map((across) => steel(x + 300, 800, 5200, 260, arealDensity('steel', 9), across)),
    steel(x + 4300, 1080, 900, 70, 160),
    { material: 'aluminium', form: slab, box: rect(x + 2500, 520, 1150, 620), grams: 4 },
    { material: 'polyethylene', form: slab, box: rect(x + 2520, 540, 1110, 430), grams: 52 },
    { material: 'steel', form: drum, box: rect(x + 3760, 500, 420, 560), grams: 26 },
    steel(x + 2420, 1150, 90, 1500, 9),
  ];
}

function cabParts(x: number, roof: number): Part[] {
  const sheet = arealDensity('steel', 2.2);
  return [
    steel(x, 700, 2250, roof - 700, sheet),
    steel(x, 700, 45, roof - 800, 60),
    steel(x + 2200, 900, 45, roof - 950, 55),
    steel(x, roof - 45, 2250, 45, 50),
    steel(x + 60, 1050, 2150, 60, 75),
    steel(x + 1050, 1050, 70, roof - 1100, 9),
    { material: 'glass', form: slab, box: rect(x + 150, 1850, 880, 650), grams: 2.6 },
    { material: 'polyethylene', form: pillow, box: rect(x + 60, 1450, 550, 420), grams: 16 },
    { material: 'polyethylene', form: pillow, box: rect(x + 900, 1250, 520, 250), grams: 12 },
    {
      material: 'polyethylene',
      form: pillow,
      box: rect(x + 1250, 1400, 200, 800),
      grams: 9,
      lean: 0.15,
    },
    { material: 'textile', form: slab, box: rect(x + 1500, 1550, 680, 160), grams: 14 },
    { material: 'steel', form: { kind: 'ring', hole: 0.88 }, box: rect(x + 560, 1720, 120, 420), grams: 9 },
  ];
}

function engineParts(random: Random, x: number): Part[] {
  const at = (left: number, bottom: number, width: number, height: number, grams: number): Part => ({
    material: 'steel',
    form: slab,
    box: rect(x + left, bottom, width, height),
    grams,
  });
  const cylinders = Array.from({ length: 6 }, (_, i) => at(620 + i * 165, 1010, 40, 420, 90));
  return [
    at(550, 700, 1150, 620, random.between(130, 190)),
    ...cylinders,
    at(620, 1320, 950, 140, 70),
    { material: 'aluminium', form: log, box: rect(x + 1700, 720, 750, 440), grams: 90 },
    { material: 'copper', form: slab, box: rect(x + 330, 800, 90, 850), grams: 45 },
    { material: 'steel', form: disc, box: rect(x + 440, 900, 90, 640), grams: 12 },
    at(60, 480, 260, 330, 26),
  ];
}

function steel(x: number, y: number, width: number, height: number, grams: number, across?: number): Part {
  const box = rect(x, y, width, height);
  return { material: 'steel', form: slab, box, grams, ...defined({ across }) };
}
