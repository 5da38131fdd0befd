import { defined } from '../../core/defined.ts';
import { arealDensity } from '../physics/materials.ts';
import type { Random } from '../random.ts';
import type { Container } from './container.ts';
import { containerLengthMm, containerParts, placeContainer } from './container.ts';
import { disc, type Form, log, type Part, rect, slab } from './shapes.ts';

/** What is left of the frame to the end of the slot on both sides: half the room that buffers and couplings take. */
const BUFFER_MM = 620;
const BUFFER_HEIGHT_MM = 1040;
const WHEEL_RADIUS_MM = 460;

export interface WagonPlan {
  readonly lengthMm: number;
  readonly containers: readonly Container[];
  readonly parts: readonly Part[];
}

/** Shortest wagon that carries a container of 40 feet, over its buffers. */
export const SHORTEST_WAGON_MM = containerLengthMm['40ft'] + 2 * BUFFER_MM + 400;

/** A flat wagon with a container of 40 feet in a slot of the train; couplings reach to the ends of the slot. */
export function planWagon(random: Random, lengthMm: number): WagonPlan {
  const deck = random.between(1150, 1180);
  const frame = lengthMm - 2 * BUFFER_MM;
  const container = placeContainer(random, '40ft', (lengthMm - containerLengthMm['40ft']) / 2, deck);
  return {
    lengthMm,
    containers: [container],
    parts: [...wagonParts(BUFFER_MM, frame, deck, lengthMm), ...containerParts(random, container)],
  };
}

function wagonParts(x: number, frameMm: number, deckMm: number, slotMm: number): Part[] {
  const sills = [-0.5, 0.5].flatMap((across) => [
    steel(x, deckMm - 420, frameMm, 400, arealDensity('steel', 8), across),
    steel(x, deckMm - 420, frameMm, 20, 90, across),
    steel(x, deckMm - 40, frameMm, 20, 90, across),
  ]);
  const spigots = [0.06, 0.5, 0.94].map((place) =>
    steel(x + place * frameMm, deckMm - 190, 150, 180, arealDensity('steel', 30)),
  );
  const bogies = [0.17, 0.83].flatMap((place) => bogieParts(x + place * frameMm));
  return [...sills, ...spigots, ...bogies, ...couplings(x, frameMm, slotMm)];
}

/** Two wheelsets in a frame, seen along the axles. */
function bogieParts(middle: number): Part[] {
  return [
    ...[-900, 900].flatMap((offset) => wheelset(middle + offset)),
    ...[-0.7, 0.7].map((across) => steel(middle - 1300, 380, 2600, 210, arealDensity('steel', 14), across)),
    steel(middle - 180, 400, 360, 320, 120),
  ];
}

function wheelset(middle: number): Part[] {
  const round = (form: Form, radius: number, grams: number): Part => ({
    material: 'steel',
    form,
    box: rect(middle - radius, WHEEL_RADIUS_MM - radius, 2 * radius, 2 * radius),
    grams,
  });
  return [
    round({ kind: 'ring', hole: 0.86 }, WHEEL_RADIUS_MM, 200),
    round(disc, WHEEL_RADIUS_MM * 0.86, 45),
    round(disc, WHEEL_RADIUS_MM * 0.2, 900),
  ];
}

/** Buffers on both sides and the screw coupling between them: between wagons the beam is open but for these. */
function couplings(x: number, frameMm: number, slotMm: number): Part[] {
  const ends = [
    { from: 0, to: x },
    { from: x + frameMm, to: slotMm },
  ];
  return ends.flatMap(({ from, to }) => [
    ...[-0.8, 0.8].map(
      (across): Part => ({
        material: 'steel',
        form: log,
        box: rect(from, BUFFER_HEIGHT_MM - 90, to - from, 180),
        grams: 70,
        across,
      }),
    ),
    steel(from, BUFFER_HEIGHT_MM - 70, to - from, 90, 60),
  ]);
}

function steel(x: number, y: number, width: number, height: number, grams: number, across?: number): Part {
  const box = rect(x, y, width, height);
  return { material: 'steel', form: slab, box, grams, ...defined({ across }) };
}
