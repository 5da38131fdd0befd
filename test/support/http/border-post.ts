import type { LightMyRequestResponse } from 'fastify';
import type { Role } from '../../../src/core/access.ts';
import type { IssuedLaneInstruction } from '../../../src/core/case/lane.ts';
import type { Hold } from '../../../src/core/radiation/hold.ts';
import type { Parts } from '../../../src/wiring.ts';
import { fakeScan } from '../fake-scan.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../harness.ts';
import { movableClock } from '../stage.ts';
import { type Passage, portalLines } from '../vendors/portal.ts';
import { type LaneController, openLane } from './lane-controller.ts';

/** What is sent beside a file. */
type Sent = Readonly<Partial<Record<'visit' | 'purpose' | 'scanner', string>>>;

/** What officers say who found nothing above background. Nothing but their word shows it, so it takes two. */
export const nothingFound = {
  decision: 'false',
  secondaryInspection: 'nothing-found',
  identification: { nuclides: [], by: 'riid', expert: 'the laboratory' },
} as const;

/** Where vehicles pass a portal and a scanner, as far as HTTP shows it: the real service, a lane that it tells, and a clock. */
export class BorderPost {
  readonly service: Harness;
  readonly clock: ReturnType<typeof movableClock>;
  readonly #controller: LaneController;
  #begin = 0;
  #seed = 0;
  #secondOfficer: Promise<string> | undefined;

  private constructor(service: Harness, clock: ReturnType<typeof movableClock>, controller: LaneController) {
    this.service = service;
    this.clock = clock;
    this.#controller = controller;
  }

  static async open(over: Partial<Parts> = {}): Promise<BorderPost> {
    const controller = await openLane();
    const clock = movableClock('2026-03-04T06:00:00.000Z');
    const service = await openHarness({ deps: { clock, lane: controller.lane, ...over } });
    return new BorderPost(service, clock, controller);
  }

  /** What the lane was told, in order. */
  get told(): IssuedLaneInstruction[] {
    return this.#controller.told;
  }

  async close(): Promise<void> {
    await this.service.close();
    this.#controller.close();
  }

  /** A week on, what comes now is near to nothing that came before. */
  nextWeek(): void {
    this.clock.advance(7 * 24 * 3600);
    this.#begin = this.clock.now().getTime();
    this.told.splice(0);
  }

  /** So many seconds into the week, ISO 8601, UTC. */
  time(second: number): string {
    return new Date(this.#begin + second * 1000).toISOString();
  }

  /** A key of a person of its own. */
  newKey(...roles: readonly [Role, ...Role[]]): Promise<string> {
    return this.service.newToken(roles, ADMINISTRATION, SITE);
  }

  /** @param by - a role of the harness, or a key */
  get(by: string, url: string): Promise<LightMyRequestResponse> {
    return this.service.ask(this.#keyOf(by), { url });
  }

  async post(by: string, url: string, payload: object = {}): Promise<LightMyRequestResponse> {
    const answer = await this.service.ask(this.#keyOf(by), { method: 'POST', url, payload });
    await this.service.work();
    return answer;
  }

  #keyOf(by: string): string {
    return this.service.token(by as Role) || by;
  }

  /** Sends a file and runs every job. @returns the id of its scan */
  async send(name: string, payload: Buffer, lane = 'lane-3', more: Sent = {}): Promise<string> {
    const headers = { 'content-type': 'application/octet-stream' };
    const url = `/v1/scans?${new URLSearchParams({ name, lane, ...more })}`;
    const answer = await this.service.as('scanner', { method: 'POST', url, payload, headers });
    if (answer.statusCode !== 202) throw new Error(answer.body);
    await this.service.work();
    return answer.json().scans[0].scanId;
  }

  xray(
    second: number,
    {
      containers = 'MSKU1234565',
      lane = 'lane-3',
      ...more
    }: Sent & { containers?: string; lane?: string } = {},
  ): Promise<string> {
    this.#seed += 1;
    const order = { seed: this.#seed, containers, acquired: this.time(second) };
    return this.send(`${this.#seed}.fake`, fakeScan(order), lane, more);
  }

  portal(passages: readonly Passage[], lane = 'lane-3', more: Sent = {}): Promise<string> {
    this.#seed += 1;
    return this.send(`${this.#seed}.csv`, portalLines(passages), lane, more);
  }

  /** States a declaration, or the next version of it. @param by - a role of the harness, or a key */
  async declare(ref: string, body: object, by = 'lane', version?: number): Promise<LightMyRequestResponse> {
    const headers = version === undefined ? {} : { 'if-match': `"${version}"` };
    const url = `/v1/declarations/${ref}`;
    const answer = await this.service.ask(this.#keyOf(by), { method: 'PUT', url, payload: body, headers });
    await this.service.work();
    return answer;
  }

  /** What the lane may do with the vehicle now. */
  async instruction(scanId: string): Promise<IssuedLaneInstruction> {
    return (await this.get('lane', `/v1/scans/${scanId}/lane-instruction`)).json();
  }

  /** The first hold that the record opened. */
  async holdOf(record: string): Promise<Hold> {
    const { items } = (await this.get('radiation-officer', '/v1/holds?limit=200')).json();
    const found = items.find(({ scanId }: Hold) => scanId === record);
    if (found === undefined) throw new Error('no hold');
    return found;
  }

  hold(id: string): Promise<Hold> {
    return this.get('radiation-officer', `/v1/holds/${id}`).then((answer) => answer.json());
  }

  adjudicate(id: string, given: object, by = 'radiation-officer'): Promise<LightMyRequestResponse> {
    return this.post(by, `/v1/holds/${id}/adjudication`, given);
  }

  /** Two officers agree. @returns the answer to the second */
  async adjudicateByTwo(id: string, given: object = nothingFound): Promise<LightMyRequestResponse> {
    await this.adjudicate(id, given);
    return this.adjudicate(id, given, await this.secondOfficer());
  }

  /** Two officers say that the alarm is of this scan. @returns the answer to the second */
  joinByTwo(id: string, scanId: string): Promise<LightMyRequestResponse> {
    return this.#postByTwo(`/v1/holds/${id}/join`, { scanId, why: 'seen on the camera of the lane' });
  }

  /** Two officers say that the alarm is of the vehicle with this container. @returns the answer to the second */
  joinContainerByTwo(id: string, container: string): Promise<LightMyRequestResponse> {
    const vehicle = { kind: 'container', value: container };
    return this.#postByTwo(`/v1/holds/${id}/join`, { vehicle, why: 'read off the truck' });
  }

  /** Two officers say that the alarm is not of its scan. @returns the answer to the second */
  unjoinByTwo(id: string): Promise<LightMyRequestResponse> {
    return this.#postByTwo(`/v1/holds/${id}/unjoin`, { why: 'another truck stood between' });
  }

  /** Two officers say that the alarm is a duplicate of another one. @returns the answer to the second */
  duplicateByTwo(id: string, of: string): Promise<LightMyRequestResponse> {
    return this.#postByTwo(`/v1/holds/${id}/duplicate-of`, { of, why: 'sent twice' });
  }

  async #postByTwo(url: string, payload: object): Promise<LightMyRequestResponse> {
    await this.post('radiation-officer', url, payload);
    return this.post(await this.secondOfficer(), url, payload);
  }

  /** The key of another radiation officer. */
  secondOfficer(): Promise<string> {
    this.#secondOfficer ??= this.newKey('radiation-officer');
    return this.#secondOfficer;
  }

  /** Reads the image as a supervisor does, so that it is this one. @returns the id of its case */
  async decide(scanId: string, kind: string, reason = 'other', by = 'supervisor'): Promise<string> {
    const [value] = await this.service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
    const home = `/v1/cases/${value?.id}`;
    await this.post(by, `${home}/claim`);
    const decided = await this.post(by, `${home}/verdict`, { kind, reason });
    if (decided.statusCode !== 200) throw new Error(decided.body);
    return decided.json().id;
  }

  /** The value of a metric that has no labels. */
  async metric(name: string): Promise<number> {
    const { body } = await this.get('auditor', '/metrics');
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(body)?.[1]);
  }
}
