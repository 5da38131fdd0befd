import { Random } from '../../../src/simulate/random.ts';

/** Vehicles of a border post, as they come: drawn from a seed, so that a week can be run again. */

export interface Vehicle {
  readonly number: number;
  /** From 1. */
  readonly lane: number;
  /** Minutes of the run. */
  readonly portalAt: number;
  readonly scanAt: number;
  readonly container: string;
  /** What the portal says of it. */
  readonly alarm: 'gamma' | 'neutron' | undefined;
  /** It holds what a good reader finds. */
  readonly isThreat: boolean;
  /** The colluding readers are paid for it. */
  readonly isWanted: boolean;
}

export interface Traffic {
  readonly seed: number;
  /** Minutes of the first day, from midnight. */
  readonly begins: number;
  readonly minutes: number;
  readonly perDay: number;
  readonly lanes: number;
}

const ALARMS = 0.015;
const NEUTRONS = 0.1;
const THREATS = 0.01;
const WANTED = 0.02;
/** By night a third as many come. */
const NIGHT = 1 / 3;
/** From the portal at the gate to the scanner in secondary, in minutes: 30, give or take 6. */
const WAY = { mean: 30, spread: 6 };

export const isNight = (minute: number) => {
  const hour = (minute / 60) % 24;
  return hour < 6 || hour >= 22;
};

/** In the order in which they pass the portal. */
export function vehiclesOf({ seed, begins, minutes, perDay, lanes }: Traffic): readonly Vehicle[] {
  const random = new Random(seed, 'traffic');
  const perMinute = perDay / (16 * 60 + 8 * 60 * NIGHT);
  const vehicles: Vehicle[] = [];
  for (let minute = begins; minute < begins + minutes; minute += 1) {
    if (!random.chance(perMinute * (isNight(minute) ? NIGHT : 1))) continue;
    vehicles.push(vehicleAt(random, vehicles.length, minute, lanes));
  }
  return vehicles;
}

function vehicleAt(random: Random, number: number, portalAt: number, lanes: number): Vehicle {
  const alarms = random.chance(ALARMS);
  const kind = random.chance(NEUTRONS) ? 'neutron' : 'gamma';
  return {
    number,
    lane: random.integer(1, lanes),
    portalAt,
    scanAt: portalAt + WAY.mean + random.integer(-WAY.spread, WAY.spread),
    container: `WEEK${String(1_000_000 + number)}`,
    alarm: alarms ? kind : undefined,
    isThreat: random.chance(THREATS),
    isWanted: random.chance(WANTED),
  };
}
