import type { Hold } from '../../../src/core/radiation/hold.ts';
import { canEscalate } from '../../../src/triage/overdue.ts';
import { Analyst, Officer, Searcher, Supervisor, type Worker } from './people.ts';
import { type Passing, Post } from './post.ts';
import { LostDisk, type Restored, type Sending } from './restore.ts';
import { type Traffic, vehiclesOf } from './vehicles.ts';

/** A week at a border post, sped up: whatever goes in and comes out goes through the interface of the real service. */

export interface Week extends Traffic {
  readonly tell?: (text: string) => void;
}

export interface WeekFigures {
  readonly seed: number;
  readonly minutes: number;
  readonly vehicles: number;
  readonly left: number;
  readonly alarms: number;
  /** Those whose check-in requires a portal that they had not passed when they came to the scanner. */
  readonly missedPortals: number;
  /** Vehicles that were told to proceed with an alarm of their own open, or without a last word that lets them go. */
  readonly wrongProceed: readonly string[];
  /** Cases that nobody settled in time and no supervisor was told of. */
  readonly stuck: readonly string[];
  /** Other vehicles that an alarm kept, while it was not surely of its own. */
  readonly heldPerAlarm: { readonly median: number; readonly p95: number; readonly most: number };
  /** Minutes from the scan to leaving. */
  readonly stay: { readonly median: number; readonly p95: number };
  /** Of the readings of those who collude and of the others, how many were of vehicles that they are paid for. */
  readonly wantedShare: { readonly colluding: number; readonly honest: number };
  readonly handedBack: number;
  readonly restored: Restored;
}

const POLL_MINUTES = 5;
/** After the last day the post works off what is there. */
const AFTERWARDS = 4 * 60;
/** So many minutes before it comes a vehicle is stated to be expected. */
const EXPECTED = 10;
/** Minutes after which vehicles have been scanned and are in the backup. The disk is lost in the middle of the run, or then. */
const LEAST_BEFORE_LOSS = 45;

export async function runWeek(week: Week): Promise<WeekFigures> {
  const post = await Post.open(vehiclesOf(week));
  const lostAfter = Math.max(LEAST_BEFORE_LOSS, Math.floor(week.minutes / 2));
  const disk = await LostDisk.prepare(post, week.begins + lostAfter);
  try {
    const people = await staff(post, week.seed);
    await live(post, people, disk, week);
    return await figuresOf(post, people, disk, week);
  } finally {
    await disk.close();
    await post.close();
  }
}

interface Staff {
  readonly workers: readonly Worker[];
  readonly colluding: readonly Analyst[];
  readonly honest: readonly Analyst[];
}

/** By day eight analysts, of whom three collude; by night two. */
async function staff(post: Post, seed: number): Promise<Staff> {
  const analyst = async (name: string, colludes: boolean, atNight: boolean) =>
    new Analyst(post, await post.newPerson('analyst'), seed, name, { colludes, atNight });
  const honest: Analyst[] = [];
  for (let i = 0; i < 5; i += 1) honest.push(await analyst(`honest ${i}`, false, i < 1));
  const colluding: Analyst[] = [];
  for (let i = 0; i < 3; i += 1) colluding.push(await analyst(`colluding ${i}`, true, i < 1));
  const officer = async (name: string) =>
    new Officer(post, await post.newPerson('radiation-officer'), seed, name);
  const others: Worker[] = [
    new Supervisor(post, await post.newPerson('supervisor'), seed, 'supervisor'),
    new Searcher(post, await post.newPerson('searcher'), seed, 'searcher'),
    await officer('officer 1'),
    await officer('officer 2'),
  ];
  return { workers: [...colluding, ...honest, ...others], colluding, honest };
}

async function live(
  post: Post,
  { workers }: Staff,
  disk: LostDisk,
  { begins, minutes, tell = () => {} }: Week,
): Promise<void> {
  const waiting = new Set<Passing>();
  const due: Sending[] = [];
  const end = begins + minutes + AFTERWARDS;
  for (const one of post.passing)
    if (one.vehicle.portalAt - EXPECTED < begins) due.push(() => post.checkIn(one));
  for (let minute = begins; minute < end; minute += 1) {
    due.push(...arrivalsAt(post, minute, waiting));
    await disk.goTo(minute);
    if (disk.isAway(minute)) continue;
    await post.goTo(minute);
    const sendings = [...disk.listLost(minute), ...due.splice(0)];
    disk.noteSent(minute, sendings);
    for (const send of sendings) await send();
    await post.service.work();
    await post.rules.stateZone();
    for (const worker of workers) await worker.act(minute);
    if (minute % POLL_MINUTES === 0) await poll(post, disk, waiting, minute);
    if (minute % 1440 === 0) tell(`day ${minute / 1440 + 1}: ${waiting.size} vehicles wait`);
  }
}

/** What is sent in this minute: check-ins some minutes before, alarms at once, and of the other occupancies one in ten. */
function arrivalsAt(post: Post, minute: number, waiting: Set<Passing>): readonly Sending[] {
  return post.passing.flatMap((one) => {
    const { portalAt, scanAt, alarm, number, missedPortalUntil } = one.vehicle;
    if (portalAt - EXPECTED === minute) return [() => post.checkIn(one)];
    const isSent = alarm !== undefined || number % 10 === 0 || missedPortalUntil !== undefined;
    if ((missedPortalUntil ?? portalAt) === minute && isSent) return [() => post.sendOccupancy(one)];
    if (scanAt !== minute) return [];
    const scan = async () => {
      await post.sendScan(one);
      // sent again after a restore, it may be of a vehicle that has left
      if (one.leftAt === undefined) waiting.add(one);
    };
    return [scan];
  });
}

/** The lane asks for each vehicle that stands there, and lets go whom it may. */
async function poll(post: Post, disk: LostDisk, waiting: Set<Passing>, minute: number): Promise<void> {
  for (const one of waiting) {
    if (!disk.canAsk(one, minute)) continue;
    const issued = await post.laneInstruction(one);
    const inGap = disk.judge(one, issued);
    for (const { code, holdId } of issued.reasons ?? [])
      if (code === 'alarm-near' && holdId !== undefined) one.heldBy.add(holdId);
    if (issued.instruction !== 'proceed') continue;
    one.leftAt = minute;
    one.leftWrongly = inGap ?? whyWrong(one);
    waiting.delete(one);
  }
}

/** By what the post knows of the vehicle, apart from the service; undefined: it was right to let it go. */
function whyWrong({ vehicle, alarmSettled, recordId, words }: Passing): string | undefined {
  const { number, alarm, missedPortalUntil } = vehicle;
  if (missedPortalUntil !== undefined && recordId === undefined)
    return `vehicle ${number} left without the portal that its check-in requires`;
  if (alarm !== undefined && !alarmSettled) return `vehicle ${number} left with an open ${alarm} alarm`;
  const last = words.at(-1);
  if (last === undefined) return `vehicle ${number} left, and nobody had read its image`;
  const isOver = ['settled normal', 'nothing full', 'accepted'].includes(last);
  const isRead = last === 'normal' && !words.includes('suspect');
  return isOver || isRead ? undefined : `vehicle ${number} left after ${words.join(', ')}`;
}

async function figuresOf(
  post: Post,
  { colluding, honest }: Staff,
  disk: LostDisk,
  week: Week,
): Promise<WeekFigures> {
  const { passing } = post;
  const left = passing.filter(({ leftAt }) => leftAt !== undefined);
  const share = (analysts: readonly Analyst[]) => {
    const sum = (of: 'read' | 'wanted') => analysts.reduce((total, { readings }) => total + readings[of], 0);
    return sum('wanted') / Math.max(1, sum('read'));
  };
  return {
    seed: week.seed,
    minutes: week.minutes,
    vehicles: passing.length,
    left: left.length,
    alarms: passing.filter(({ vehicle }) => vehicle.alarm !== undefined).length,
    missedPortals: passing.filter(({ vehicle }) => vehicle.missedPortalUntil !== undefined).length,
    wrongProceed: left.flatMap(({ leftWrongly }) => leftWrongly ?? []),
    stuck: await stuckCases(post),
    heldPerAlarm: heldPerAlarm(await post.holds(), passing),
    stay: spreadOf(left.map(({ leftAt = 0, vehicle }) => leftAt - vehicle.scanAt)),
    wantedShare: { colluding: share(colluding), honest: share(honest) },
    handedBack: colluding.reduce((total, { readings }) => total + readings.handedBack, 0),
    restored: disk.figures(),
  };
}

/** Of each alarm, the other vehicles that it kept. */
function heldPerAlarm(holds: readonly Hold[], passing: readonly Passing[]) {
  const held = holds.map(({ id, scanId }) =>
    passing.filter((one) => one.heldBy.has(id) && one.recordId !== scanId),
  );
  const counts = held.map(({ length }) => length);
  return { ...spreadOf(counts), most: Math.max(0, ...counts) };
}

function spreadOf(values: readonly number[]): { readonly median: number; readonly p95: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { median: at(0.5), p95: at(0.95) };
}

async function stuckCases(post: Post): Promise<readonly string[]> {
  const cases = await post.cases();
  const now = post.now().toISOString();
  return cases
    .filter((one) => canEscalate(one) && one.dueAt < now)
    .map(({ id, state }) => `${id} is ${state}`);
}
