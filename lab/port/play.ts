/** Plays one history: acts, each followed by every instruction, and the way out at the end. */
import { makers } from './acts/all.ts';
import { followUpsOf } from './acts/follow-ups.ts';
import { Hostile } from './acts/hostile.ts';
import { messageMakers } from './acts/messages.ts';
import type { Maker } from './acts/scene.ts';
import { befall } from './acts/service-holds.ts';
import { Chance } from './chance.ts';
import { leadOut } from './exit.ts';
import type { Plan, PlannedVehicle } from './plan.ts';
import type { Port } from './port.ts';
import { step } from './step.ts';
import { type Fault, Held, judgeRules, judgeShown, showInstructions } from './watch.ts';
import { type Request, World } from './world.ts';

export interface Orders {
  readonly plan: Plan;
  /** Numbers of the acts that are played. */
  readonly acts: readonly number[];
  /** Instructions are asked for after each act, or only at the end. */
  readonly watches: 'each-act' | 'end';
  readonly isLedOut: boolean;
}

export interface SeenFault extends Fault {
  /** Number of the act after which it was seen; one past the last: on the way out. */
  readonly act: number;
}

export interface Played {
  /** Requests that persons and machines made, without those for instructions. */
  readonly acts: number;
  readonly faults: readonly SeenFault[];
  readonly requests: World['requests'];
  readonly held: readonly number[];
  readonly story: readonly string[];
  /** Numbers of the acts that the service took. */
  readonly taken: readonly number[];
}

/** One act in this many has arguments that are made from the description. */
const HOSTILE_ONE_IN = 3;
/** What may follow the act before follows it once in this many times. */
const FOLLOW_UP_ONE_IN = 2;
/** At most so long after it, because a verdict can be taken back for some seconds only. */
const FOLLOW_UP_SECONDS = 8;
/** The first acts of a history are messages, so that there is something to act on. */
const OPENING_ACTS = 6;
/** Workers rest after one act in this many. */
const REST_ONE_IN = 5;
/** Something befalls the service before one act in this many: a restore, or a jump of its clock. */
const MISHAP_ONE_IN = 120;
/** What the clock demands is done after one act in this many. */
const SWEEP_ONE_IN = 4;

export async function play(port: Port, { plan, acts, watches, isLedOut }: Orders): Promise<Played> {
  const world = await World.begin(port, plan);
  const hostile = new Hostile(world);
  const held = new Held();
  const faults: SeenFault[] = [];
  const story: string[] = [];
  const taken: number[] = [];
  let last: Done | undefined;
  const look = async (act: number) => {
    const shown = await showInstructions(world);
    held.note(shown);
    for (const fault of [...judgeShown(world, shown), ...judgeRules(world)]) faults.push({ ...fault, act });
  };
  for (const act of acts) {
    const chance = new Chance(plan.seed, act);
    const followed = last !== undefined && chance.oneIn(FOLLOW_UP_ONE_IN) ? last : undefined;
    const soon = followed === undefined ? Number.POSITIVE_INFINITY : chance.between(1, FOLLOW_UP_SECONDS);
    world.advanceTo(Math.min(plan.times[act] ?? world.now, world.now + soon));
    if (act >= OPENING_ACTS && chance.oneIn(MISHAP_ONE_IN))
      story.push(await befall(world, chance.oneOf(['restored', 'clock-jumped'])));
    const { request, vehicle } = await nextRequest(world, hostile, chance, act, followed);
    const before = world.accepted;
    if (request !== undefined) story.push(`${act}. ${await step(world, hostile, request)}`);
    if (world.accepted === before) continue;
    last = request && vehicle && { operation: request.operation, vehicle };
    taken.push(act);
    if (!chance.oneIn(REST_ONE_IN)) await port.work();
    if (chance.oneIn(SWEEP_ONE_IN)) await port.sweep();
    if (watches === 'each-act') await look(act);
  }
  if (watches === 'end') await look(acts.at(-1) ?? 0);
  const end = plan.times.length;
  if (isLedOut)
    for (const fault of await leadOut(world, (line) => story.push(line))) faults.push({ ...fault, act: end });
  for (const detail of world.serverErrors)
    faults.push({ kind: `5xx: ${detail.split(':', 1)[0]}`, detail, act: end });
  return { acts: world.asked, faults, requests: world.requests, held: held.counts, story, taken };
}

/** What a person did last, and with which vehicle. */
interface Done {
  readonly operation: string;
  readonly vehicle: PlannedVehicle;
}

interface Next {
  readonly request: Request | undefined;
  /** Undefined: it is of none. */
  readonly vehicle?: PlannedVehicle;
}

async function nextRequest(
  world: World,
  hostile: Hostile,
  chance: Chance,
  act: number,
  followed: Done | undefined,
): Promise<Next> {
  const next = followed && chance.maybeOf(followersOf(followed));
  if (followed !== undefined && next !== undefined) {
    const { vehicle } = followed;
    const request = await requestOf(world, chance, next, vehicle);
    if (request !== undefined) return { request, vehicle };
  }
  const isHostile = act >= OPENING_ACTS && chance.oneIn(HOSTILE_ONE_IN);
  if (isHostile) {
    if (chance.oneIn(3)) await hostile.look(chance);
    return { request: hostile.request(chance, act) };
  }
  const vehicle = chance.oneOf(world.plan.vehicles);
  for (let tries = 0; tries < 4; tries += 1) {
    const maker = chance.weighted(act < OPENING_ACTS ? messageMakers : makers);
    const request = await requestOf(world, chance, maker, vehicle);
    if (request !== undefined) return { request, vehicle };
  }
  return { request: undefined };
}

const followersOf = (done: Done): readonly Maker[] =>
  followUpsOf(done.operation).flatMap((next) => makers.filter(({ operation }) => operation === next));

/** Undefined: nobody has the role, or nothing is to be done. */
async function requestOf(
  world: World,
  chance: Chance,
  maker: Maker,
  vehicle: PlannedVehicle,
): Promise<Request | undefined> {
  const able = world.cast.filter(({ role }) => maker.roles.includes(role));
  const keen = able.filter(({ colludes }) => colludes);
  const by = chance.maybeOf(keen.length > 0 && chance.oneIn(2) ? keen : able);
  if (by === undefined) return undefined;
  return maker.make({ world, chance, vehicle, by });
}
