/** What is drawn before a history begins: who works at the port, who passes, and when things happen. */
import { roles as allRoles, type Role } from '../../src/core/access.ts';
import { withCheckDigit } from '../../src/core/check-digits.ts';
import { Chance } from './chance.ts';
import type { Seconds, TrueVehicle } from './history.ts';

export interface PlannedPerson {
  readonly id: string;
  readonly colludes: boolean;
  /** One key each. */
  readonly roles: readonly Role[];
}

export interface PlannedVehicle extends TrueVehicle {
  /** The true lane at its site: portal and scanner share the number. */
  readonly lane: number;
  /** What it carries. The goods are declared and emit, or a real source is hidden in it. */
  readonly load: 'goods' | 'source';
  readonly goodsHs: string;
  readonly declaration: string;
}

export interface Plan {
  readonly seed: number;
  readonly sites: readonly string[];
  readonly persons: readonly PlannedPerson[];
  readonly vehicles: readonly PlannedVehicle[];
  /** Of each act, from the beginning of the history. */
  readonly times: readonly Seconds[];
  /** From then on the scanners write with other detectors. */
  readonly refittedAt?: Seconds;
}

const staff: readonly (readonly [Role, number])[] = [
  ['analyst', 2],
  ['supervisor', 4],
  ['searcher', 2],
  ['radiation-officer', 3],
  ['administrator', 2],
  ['scanner', 2],
  ['lane', 1],
];

const ofPeople = allRoles.filter((role) => staff.some(([name]) => name === role) && role !== 'lane');
const PLAN = -1;
/** One history in this many is longer than the others: some things come only late in the life of a port. */
const LONG_ONE_IN = 8;
const LONG = 3;

export function planOf(seed: number, acts: number): Plan {
  const chance = new Chance(seed, PLAN);
  const sites = chance.oneIn(5) ? ['harbour', 'airport'] : ['harbour'];
  const times = timesOf(chance, chance.oneIn(LONG_ONE_IN) ? LONG * acts : acts);
  const middle = times[times.length >> 1];
  return {
    seed,
    sites,
    persons: [...honestPersons(), ...colluders(chance)],
    vehicles: Array.from({ length: chance.between(2, 4) }, (_, i) => vehicle(chance, seed, sites, i)),
    times,
    ...(middle !== undefined && chance.oneIn(2) && { refittedAt: middle }),
  };
}

function honestPersons(): PlannedPerson[] {
  return staff.flatMap(([role, count]) =>
    Array.from({ length: count }, (_, i) => ({ id: `${role}-${i + 1}`, colludes: false, roles: [role] })),
  );
}

/** A colluder may have a second role; keys of machines are of nobody, so a sender has none. */
function colluders(chance: Chance): PlannedPerson[] {
  return Array.from({ length: chance.below(3) }, (_, i) => {
    const role = chance.oneOf(ofPeople);
    const second = chance.oneOf(ofPeople.filter((other) => other !== role && other !== 'scanner'));
    const two = role !== 'scanner' && chance.oneIn(3);
    return { id: `colluder-${i + 1}`, colludes: true, roles: two ? [role, second] : [role] };
  });
}

function vehicle(chance: Chance, seed: number, sites: readonly string[], index: number): PlannedVehicle {
  const boxes = Array.from({ length: chance.oneIn(5) ? 2 : 1 }, (_, box) => containerOf(seed, index, box));
  return {
    id: `vehicle-${index + 1}`,
    site: chance.oneOf(sites),
    named: {
      containers: boxes,
      plates: [],
      ...(chance.oneIn(2) ? { visit: `V-${seed % 10_000}-${index + 1}` } : {}),
    },
    lane: chance.between(3, 4),
    load: chance.oneIn(4) ? 'source' : 'goods',
    goodsHs: '690721',
    declaration: `D-${seed}-${index + 1}`,
  };
}

function containerOf(seed: number, vehicle: number, box: number): string {
  const serial = (seed * 8 + vehicle * 2 + box) % 1_000_000;
  return withCheckDigit(`MSKU${String(serial).padStart(6, '0')}`);
}

/** Most follow within minutes; some after hours, and a few after a day. */
function timesOf(chance: Chance, acts: number): Seconds[] {
  let now = 0;
  return Array.from({ length: acts }, () => {
    now += stepOf(chance);
    return now;
  });
}

function stepOf(chance: Chance): Seconds {
  const drawn = chance.below(60);
  if (drawn === 0) return 25 * 3600;
  if (drawn < 4) return chance.between(1800, 4 * 3600);
  if (drawn < 12) return chance.between(120, 900);
  return chance.between(1, 60);
}
