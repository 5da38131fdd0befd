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
  /** The lane as the portal names it: most often as the site does. */
  readonly portalLane: string;
  /** Its check-in requires a portal, which the driver misses at first: the vehicle passes it only then. */
  readonly missedPortalUntil: number | undefined;
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
/** Of portals that name a lane that nobody paired, or none. */
const WRONG_LANES = 0.1;
const MISSED_PORTALS = 0.01;
/** Minutes from the scanner until somebody has sent the driver back through a portal. */
const DETOUR = 45;
const WANTED = 0.02;
/** By night a third as many come. */
const NIGHT = 1 / 3;
/** From the portal to the scanner, in minutes: most lanes have both, and one has its portal far away at the gate. */
const ways = { inLine: { mean: 4, spread: 1 }, gate: { mean: 30, spread: 6 } };
export const LANE_OF_GATE = 3;

export const wayOf = (lane: number) => (lane === LANE_OF_GATE ? ways.gate : ways.inLine);

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
  const lane = random.integer(1, lanes);
  const { mean, spread } = wayOf(lane);
  const scanAt = portalAt + mean + random.integer(-spread, spread);
  const isMissed = !alarms && random.chance(MISSED_PORTALS);
  return {
    number,
    lane,
    portalLane: random.chance(WRONG_LANES) ? (random.chance(0.5) ? `gate ${lane + 20}` : '') : `lane-${lane}`,
    missedPortalUntil: isMissed ? scanAt + DETOUR : undefined,
    portalAt,
    scanAt,
    container: `WEEK${String(1_000_000 + number)}`,
    alarm: alarms ? kind : undefined,
    isThreat: random.chance(THREATS),
    isWanted: random.chance(WANTED),
  };
}
