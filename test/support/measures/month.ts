import type { Case, SearchOutcome, VerdictKind } from '../../../src/core/case/case.ts';
import {
  acceptSearch,
  close,
  decide,
  drawSearch,
  type Evidence,
  followVerdict,
  openCase,
  recordOutcome,
  refer,
  reopen,
  settle,
} from '../../../src/triage/case.ts';
import { claim, handBack } from '../../../src/triage/claims.ts';
import { escalate } from '../../../src/triage/overdue.ts';
import { defaultPolicy, type TriagePolicy } from '../../../src/triage/policy.ts';
import { seededRandom } from '../random.ts';

/** A month of a border post from a seed: what arrives, who reads it and when, what is searched and what is found. */

export interface SimulatedScan {
  readonly id: string;
  readonly site: string;
  readonly scanner?: string;
  readonly receivedAt: string;
  readonly acquiredAt?: string;
  readonly purpose: 'operational' | 'calibration';
  readonly convertedAt: string;
  readonly container: string;
}

/** A move of a person, as the audit keeps it. */
export interface SimulatedMove {
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly seq: number;
}

export interface SimulatedCase {
  readonly scan: SimulatedScan;
  readonly openedAt: string;
  readonly value: Case;
  readonly moves: readonly SimulatedMove[];
  /** When the lane acknowledged what it was told of the verdict. */
  readonly instructedAt?: string;
}

export interface Simulated {
  readonly scans: readonly SimulatedScan[];
  readonly cases: readonly SimulatedCase[];
}

export interface Month {
  readonly administration: string;
  readonly seed: number;
  readonly scans: number;
  readonly from: Date;
  readonly to: Date;
}

const scanners: readonly (readonly [string, string | undefined])[] = [
  ['harbour', 'gate-1'],
  ['harbour', 'gate-2'],
  ['harbour', undefined],
  ['airport', 'cargo-1'],
  ['airport', '=cargo-2'],
];

/** Everything that is to happen before `now`; what is then still under way stays so. */
export function simulateMonth({ administration, seed, scans: count, from, to }: Month): Simulated {
  const random = seededRandom(seed);
  for (let i = 0; i < 20; i++) random(); // the first numbers of a small seed are alike
  const scans: SimulatedScan[] = [];
  const cases: SimulatedCase[] = [];
  for (let number = 0; number < count; number++) {
    const scan = simulateScan(random, number, seed, from, to);
    scans.push(scan);
    if (scan.purpose === 'operational' && random() < 0.995)
      cases.push(simulateCase(random, administration, scan, from, to));
  }
  return { scans, cases };
}

function simulateScan(
  random: () => number,
  number: number,
  seed: number,
  from: Date,
  to: Date,
): SimulatedScan {
  const received = new Date(from.getTime() + Math.floor(random() * (to.getTime() - from.getTime())));
  const [site, scanner] = scanners[Math.floor(random() * scanners.length)] ?? ['harbour', undefined];
  const late = (seconds: number) => new Date(received.getTime() + Math.floor(seconds * 1000)).toISOString();
  const isKnown = random() < 0.9;
  return {
    id: `m${seed}-${String(number).padStart(6, '0')}`,
    site,
    ...(scanner === undefined ? {} : { scanner }),
    receivedAt: received.toISOString(),
    // one scanner in a hundred has a clock that is ahead
    ...(isKnown ? { acquiredAt: late(random() < 0.01 ? 300 : -20 - random() * 600) } : {}),
    purpose: random() < 0.01 ? 'calibration' : 'operational',
    convertedAt: late(1 + random() * 20),
    container: `MSKU${String(number).padStart(7, '0')}`,
  };
}

const readers = ['reader-1', 'reader-2', 'reader-3', 'reader-4', 'reader-5', 'reader-6'];
const reasons: Readonly<
  Record<VerdictKind, 'nothing-unusual' | 'density' | 'image-quality' | 'partial-scan'>
> = {
  normal: 'nothing-unusual',
  suspect: 'density',
  inconclusive: 'image-quality',
  'scan-again': 'partial-scan',
};

/** Stops where the month ends. */
class Over extends Error {}

class Desk {
  value: Case;
  readonly moves: SimulatedMove[] = [];
  #now: number;
  readonly #random: () => number;
  readonly #end: number;

  constructor(value: Case, at: string, end: Date, random: () => number) {
    this.value = value;
    this.#now = Date.parse(at);
    this.#end = end.getTime();
    this.#random = random;
  }

  /** After a time that is exponential with this mean. */
  wait(meanMinutes: number): string {
    this.#now += Math.ceil(-Math.log(1 - this.#random()) * meanMinutes * 60_000) + 1;
    if (this.#now >= this.#end) throw new Over();
    return new Date(this.#now).toISOString();
  }

  move(actor: string, action: string, at: string, apply: (value: Case) => Case): void {
    this.value = apply(this.value);
    this.moves.push({ at, actor, action, seq: this.value.history.length });
  }
}

function simulateCase(
  random: () => number,
  administration: string,
  scan: SimulatedScan,
  from: Date,
  to: Date,
): SimulatedCase {
  const isThreat = random() < 0.03;
  const policy: TriagePolicy = {
    ...defaultPolicy,
    dueMinutes: 60,
    secondOpinionOn: ['inconclusive', 'suspect'],
    secondOpinionShare: 0.1,
    disagreement: random() < 0.5 ? 'supervisor' : 'third-reader',
    randomSearchShare: Date.parse(scan.receivedAt) < (from.getTime() + to.getTime()) / 2 ? 0.02 : 0.05,
  };
  const percentile =
    random() < 0.03 ? undefined : Math.min(99.9, (isThreat ? 60 : 0) + random() * (isThreat ? 40 : 100));
  const evidence: Evidence = {
    revision: 1,
    container: scan.container,
    declarationReasons: [],
    ...(percentile === undefined ? {} : { percentile }),
  };
  const opened = new Date(Date.parse(scan.convertedAt) + 500 + Math.floor(random() * 3000)).toISOString();
  const { id: scanId, site, container, receivedAt: openedAt } = scan;
  const opening = {
    id: `${scanId}-u`,
    administration,
    site,
    scanId,
    unitId: 'u1',
    revision: 1,
    container,
    openedAt,
  };
  const desk = new Desk(openCase(opening, evidence, policy), opened, to, random);
  let instructedAt: string | undefined;
  try {
    readAll(desk, random, policy, isThreat);
    const told = desk.wait(0.1);
    if (random() < 0.8 && desk.value.state !== 'disputed') instructedAt = told;
    search(desk, random, isThreat);
  } catch (error) {
    if (!(error instanceof Over)) throw error;
  }
  const { state } = desk.value;
  const isReadable = state === 'queued' || state === 'claimed';
  const told = instructedAt === undefined || isReadable ? {} : { instructedAt };
  return { scan, openedAt: opened, value: desk.value, moves: desk.moves, ...told };
}

function person(actor: string, at: string) {
  return { actor, at, isLinked: true, tag: 'aaaaaaaaaaaa' };
}

function readAll(desk: Desk, random: () => number, policy: TriagePolicy, isThreat: boolean): void {
  const turns = readers.toSorted(() => random() - 0.5);
  for (let reading = 0; desk.value.state === 'queued' && reading < 5; reading++) {
    const reader = turns[reading] ?? 'reader-7';
    const claimed = desk.wait(18);
    desk.move(reader, 'claim', claimed, (value) => claim(value, person(reader, claimed), policy));
    const at = desk.wait(3);
    if (random() < 0.02) {
      desk.move(reader, 'release', at, (value) => handBack(value, 'break', person(reader, at)));
      continue;
    }
    if (at > desk.value.dueAt && desk.value.escalatedAt === undefined)
      desk.value = escalate(desk.value, { actor: 'system', at: desk.value.dueAt });
    const kind = verdictOf(random, isThreat);
    const decision = { kind, reason: reasons[kind] };
    const system = { actor: 'system', at };
    desk.move(reader, 'decide', at, (value) => {
      const decided = followVerdict(
        decide(value, decision, policy, person(reader, at)),
        policy,
        random(),
        system,
      );
      return drawSearch(decided, policy, random(), system);
    });
  }
  if (desk.value.state !== 'disputed' || random() < 0.2) return;
  const at = desk.wait(40);
  const kind = isThreat ? 'suspect' : 'normal';
  desk.move('supervisor-1', 'settle', at, (value) =>
    settle(value, { kind, reason: reasons[kind] }, policy, person('supervisor-1', at)),
  );
}

function verdictOf(random: () => number, isThreat: boolean): VerdictKind {
  const drawn = random();
  if (drawn < 0.02) return 'inconclusive';
  if (drawn < 0.03) return 'scan-again';
  return random() < (isThreat ? 0.7 : 0.04) ? 'suspect' : 'normal';
}

function search(desk: Desk, random: () => number, isThreat: boolean): void {
  const kind = desk.value.verdicts.at(-1)?.kind;
  const canBe = desk.value.state === 'decided' && (kind === 'suspect' || kind === 'inconclusive');
  if (canBe && random() < 0.9) {
    const at = desk.wait(10);
    desk.move('supervisor-1', 'refer', at, (value) => refer(value, person('supervisor-1', at)));
  }
  if (desk.value.state === 'search') {
    const at = desk.wait(90);
    const outcome = outcomeOf(random, isThreat);
    desk.move('searcher-1', 'outcome', at, (value) =>
      recordOutcome(value, outcome, { separation: 'small-post' }, person('searcher-1', at)),
    );
    if (stateOf(desk) === 'searched' && random() < 0.5) {
      const then = desk.wait(30);
      desk.move('supervisor-1', 'accept search', then, (value) =>
        acceptSearch(value, 'enough', { separation: 'small-post' }, person('supervisor-1', then)),
      );
    }
    return;
  }
  if (desk.value.state === 'decided' && kind === 'normal' && random() < 0.5) {
    const at = desk.wait(20);
    desk.move('reader-1', 'close', at, (value) => close(value, person('reader-1', at)));
  }
  // a suspect reading counts on after a reopening, and would need another search
  const isSuspect = desk.value.verdicts.some((one) => one.kind === 'suspect');
  if (stateOf(desk) === 'closed' && random() < 0.02 && !isSuspect) {
    const at = desk.wait(60);
    desk.move('supervisor-1', 'reopen', at, (value) =>
      reopen(value, 'a tip came', person('supervisor-1', at)),
    );
    const claimed = desk.wait(18);
    desk.move('reader-7', 'claim', claimed, (value) =>
      claim(value, person('reader-7', claimed), defaultPolicy),
    );
    const decided = desk.wait(3);
    const decision = { kind: 'normal', reason: 'nothing-unusual' } as const;
    desk.move('reader-7', 'decide', decided, (value) =>
      decide(value, decision, defaultPolicy, person('reader-7', decided)),
    );
  }
}

/** Read anew: a move has changed it. */
const stateOf = (desk: Desk): Case['state'] => desk.value.state;

function outcomeOf(random: () => number, isThreat: boolean): SearchOutcome {
  if (random() < 0.05) return { kind: 'unsearched', note: 'the dock was closed' };
  if (isThreat && random() < 0.9) return { kind: 'found', what: 'cigarettes', where: 'behind the door' };
  return { kind: 'nothing-found', method: 'opened', extent: random() < 0.7 ? 'full' : 'part' };
}
