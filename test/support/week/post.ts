import type { InjectOptions } from 'fastify';
import { escalateOverdue, takeBackLapsed } from '../../../src/commands/claims.ts';
import { escalateOverdueHolds } from '../../../src/commands/past-time.ts';
import { finalizeExpired } from '../../../src/commands/undo-window.ts';
import type { Role } from '../../../src/core/access.ts';
import type { Case } from '../../../src/core/case/case.ts';
import { CaseState } from '../../../src/core/case/case-states.ts';
import type { IssuedLaneInstruction } from '../../../src/core/case/lane.ts';
import type { Hold } from '../../../src/core/radiation/hold.ts';
import { HoldState } from '../../../src/core/radiation/hold-states.ts';
import { restore } from '../../../src/maintenance/restore.ts';
import { defaultPolicy } from '../../../src/triage/policy.ts';
import type { Parts } from '../../../src/wiring.ts';
import { fakeScan } from '../fake-scan.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../harness.ts';
import { portalLines } from '../vendors/portal.ts';
import { LANE_WITHOUT_ZONE, SiteRules, TOWN } from './site-rules.ts';
import type { Vehicle } from './vehicles.ts';

/** Of the first minute of the first day. Clocks go back half an hour after the ninth hour: 25 October, 01:00 UTC. */
const START = Date.parse('2026-10-24T16:30:00.000Z');
const SWEEP_MINUTES = 2;

/** A vehicle on its way through the post, and what is true of it. */
export interface Passing {
  readonly vehicle: Vehicle;
  scanId?: string | undefined;
  recordId?: string | undefined;
  /** An officer has looked at the vehicle, and its alarm is over. */
  alarmSettled: boolean;
  /** What people who may said of its image, the last word last: written down apart from the service. */
  readonly words: string[];
  leftAt?: number;
  /** Why it ought to have stayed. */
  leftWrongly?: string | undefined;
  /** Ids of holds that kept it though they were of another vehicle. */
  readonly heldBy: Set<string>;
}

/** The real service over a database and a folder of its own, with the clock of the run. */
export class Post {
  readonly passing: readonly Passing[];
  readonly byScan = new Map<string, Passing>();
  readonly byRecord = new Map<string, Passing>();
  readonly rules: SiteRules;
  readonly #parts: Partial<Parts>;
  readonly #clock: { minute: number };
  /** A backup contains the keys, so they work after a restore as well. */
  readonly #keyOf: Harness['token'];
  #service: Harness;

  private constructor(service: Harness, parts: Partial<Parts>, clock: { minute: number }, of: Expected) {
    this.#service = service;
    this.#parts = parts;
    this.#clock = clock;
    this.#keyOf = service.token;
    this.passing = of.vehicles.map((vehicle) => ({
      vehicle,
      alarmSettled: false,
      words: [],
      heldBy: new Set(),
    }));
    this.rules = new SiteRules(this, of.lanes);
  }

  static async open(vehicles: readonly Vehicle[]): Promise<Post> {
    const clock = { minute: 0 };
    const now = () => new Date(START + clock.minute * 60_000);
    const parts = { clock: { now }, policy: defaultPolicy };
    const lanes = [...new Set(vehicles.map(({ lane }) => lane))];
    const post = new Post(await openHarness({ deps: parts }), parts, clock, { vehicles, lanes });
    await post.rules.stateWindows();
    return post;
  }

  get service(): Harness {
    return this.#service;
  }

  /** Its database and its objects are gone. */
  close(): Promise<void> {
    return this.#service.close();
  }

  /** Opens an empty installation and fills it from a backup, at a minute that ends the outage. */
  async restore(folder: string, minute: number): Promise<void> {
    this.#clock.minute = minute;
    this.#service = await openHarness({ deps: this.#parts, isEmpty: true });
    await restore(this.#service.deps, folder);
  }

  now(): Date {
    return new Date(START + this.#clock.minute * 60_000);
  }

  /** Every hold that there ever was. */
  async holds(): Promise<readonly Hold[]> {
    const scope = { administration: ADMINISTRATION, site: SITE };
    const filter = { states: HoldState.enum };
    return (await this.service.deps.records.transaction((tx) => tx.holds(scope, filter, 10_000))).rows;
  }

  async cases(): Promise<readonly Case[]> {
    const scope = { administration: ADMINISTRATION, site: SITE };
    const filter = { states: CaseState.enum };
    return (await this.service.deps.records.transaction((tx) => tx.queue(scope, filter, 100_000))).rows;
  }

  /** Puts the clock on, and does what a worker does by the clock. */
  async goTo(minute: number): Promise<void> {
    this.#clock.minute = minute;
    await finalizeExpired(this.service.deps);
    if (minute % SWEEP_MINUTES !== 0) return;
    await takeBackLapsed(this.service.deps);
    await escalateOverdue(this.service.deps);
    await escalateOverdueHolds(this.service.deps);
  }

  ask(token: string, request: InjectOptions) {
    return this.service.ask(token, request);
  }

  as(role: Role, request: InjectOptions) {
    return this.ask(this.#keyOf(role), request);
  }

  /** What the terminal expects, before the vehicle comes. */
  async checkIn({ vehicle }: Passing): Promise<void> {
    const { number, container, portalAt, missedPortalUntil } = vehicle;
    const controls = missedPortalUntil === undefined ? ['image'] : ['portal', 'image'];
    const stated = {
      id: `booking-${number}`,
      containers: [container],
      expectedAt: timeAt(portalAt),
      controls,
    };
    const answer = await this.as('lane', {
      method: 'POST',
      url: `/v1/sites/${SITE}/check-ins`,
      payload: { checkIns: [stated] },
    });
    if (answer.statusCode !== 200) throw new Error(`check-in: ${answer.statusCode} ${answer.body}`);
  }

  async sendOccupancy(one: Passing): Promise<void> {
    const { number, portalAt, portalLane, missedPortalUntil, alarm } = one.vehicle;
    const from = timeAt(missedPortalUntil ?? portalAt);
    const to = new Date(Date.parse(from) + 12_000).toISOString();
    const lines = portalLines([
      { from, to, number: number % 1000, ...(alarm === undefined ? {} : { alarm }) },
    ]);
    one.recordId = await this.#send(`portal-${number}.csv`, lines, { lane: portalLane });
    this.byRecord.set(one.recordId, one);
  }

  async sendScan(one: Passing): Promise<void> {
    const { number, scanAt, lane, container } = one.vehicle;
    const acquired = lane === LANE_WITHOUT_ZONE ? inTown(scanAt) : timeAt(scanAt);
    const scan = fakeScan({ seed: number, containers: container, acquired });
    const given = { lane: `lane-${lane}`, scanner: `scanner-${lane}` };
    one.scanId = await this.#send(`scan-${number}.fake`, scan, given);
    this.byScan.set(one.scanId, one);
  }

  async #send(name: string, payload: Buffer, given: Readonly<Record<string, string>>): Promise<string> {
    const stated = Object.entries({ name, ...given }).filter(([, value]) => value !== '');
    const answer = await this.as('scanner', {
      method: 'POST',
      url: `/v1/scans?${new URLSearchParams(stated)}`,
      payload,
      headers: { 'content-type': 'application/octet-stream' },
    });
    if (answer.statusCode !== 202) throw new Error(`${name}: ${answer.statusCode} ${answer.body}`);
    return answer.json().scans[0].scanId;
  }

  /** What the lane is told of the vehicle now. */
  async laneInstruction({ scanId }: Passing): Promise<IssuedLaneInstruction> {
    const answer = await this.as('lane', { url: `/v1/scans/${scanId}/lane-instruction` });
    if (answer.statusCode !== 200) throw new Error(`lane: ${answer.statusCode} ${answer.body}`);
    return answer.json();
  }

  newPerson(role: Role): Promise<string> {
    return this.service.newToken(role, ADMINISTRATION, SITE);
  }
}

interface Expected {
  readonly vehicles: readonly Vehicle[];
  readonly lanes: readonly number[];
}

function timeAt(minute: number): string {
  return new Date(START + minute * 60_000).toISOString();
}

/** As a clock on the wall shows it. */
function inTown(minute: number): string {
  const date = new Date(timeAt(minute));
  return date.toLocaleString('sv-SE', { timeZone: TOWN }).replace(' ', 'T');
}
