/** One service that histories are played on, one after the other, each in an administration of its own. */
import type { InjectOptions } from 'fastify';
import { escalateOverdue, takeBackLapsed } from '../../src/commands/claims.ts';
import { escalateDangers, escalateOverdueHolds } from '../../src/commands/past-time.ts';
import { finalizeExpired } from '../../src/commands/undo-window.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import { defaultSessionTerms } from '../../src/core/sign-in/session.ts';
import { lookAtClock } from '../../src/maintenance/keep-clock.ts';
import { openServiceHolds } from '../../src/stored/service-holds.ts';
import { defaultPolicy } from '../../src/triage/policy.ts';
import { type Harness, type HarnessOptions, openHarness } from '../../test/support/harness.ts';
import { movableClock } from '../../test/support/stage.ts';
import { convertHere, readHere } from './read-here.ts';
import { openTwoVersions, type TwoVersions } from './two-versions.ts';

export interface Answer {
  readonly status: number;
  /** Undefined where the body is no JSON. */
  readonly json: unknown;
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export class Port {
  readonly service: Harness;
  readonly clock: ReturnType<typeof movableClock>;
  readonly #models: TwoVersions;
  #administrations = 0;

  private constructor(service: Harness, clock: ReturnType<typeof movableClock>, models: TwoVersions) {
    this.service = service;
    this.clock = clock;
    this.#models = models;
  }

  static async open(database?: HarnessOptions['database']): Promise<Port> {
    // in years to come: the library for uploads in parts compares with the clock of the machine, and calls none expired then
    const clock = movableClock('2046-03-07T06:00:00.000Z');
    const limits = { ...defaultLimits, queuedJobs: 1_000_000 };
    // as an administration that has decided nothing, but that chance reads nothing again
    const policy = { ...defaultPolicy, secondOpinionShare: 0 };
    const models = await openTwoVersions();
    const children = { converterChildren: convertHere, reader: readHere };
    const sessions = { ...defaultSessionTerms, source: 'a port' };
    const deps = { clock, limits, policy, sessions, models: models.shelf, ...children };
    const given = database === undefined ? {} : { database };
    return new Port(await openHarness({ deps, limits, ...given }), clock, models);
  }

  async close(): Promise<void> {
    await this.service.close();
    await this.#models.close();
  }

  nextAdministration(seed: number): string {
    this.#administrations += 1;
    return `port-${seed}-${this.#administrations}`;
  }

  /** @param token - undefined: the request says itself who asks */
  async ask(token: string | undefined, request: InjectOptions): Promise<Answer> {
    const { app } = this.service;
    const answer = await (token === undefined ? app.inject(request) : this.service.ask(token, request));
    const headers = Object.fromEntries(
      Object.entries(answer.headers).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, String(value)] as const],
      ),
    );
    const isJson = (headers['content-type'] ?? '').includes('json') && answer.body !== '';
    return {
      status: answer.statusCode,
      json: isJson ? answer.json() : undefined,
      text: answer.body,
      bytes: new Uint8Array(answer.rawPayload),
      headers,
    };
  }

  /** What workers do: every job that waits, and verdicts whose time to be taken back is over. */
  async work(): Promise<void> {
    await this.service.work();
    if ((await finalizeExpired(this.service.deps)) > 0) await this.service.work();
  }

  /** The service notices that its clock was put ahead. Its time stays the true one, so that the history stays readable. */
  async jump(): Promise<void> {
    const now = this.clock.now();
    const found = new Date(now.getTime() + 7200_000);
    const clockWatch = { jump: () => ({ seconds: 7200, expected: now, found }), noted: () => {} };
    await lookAtClock({ ...this.service.deps, clockWatch });
  }

  /** What `nii restore` does at its end, of a backup that lacks nothing. */
  async restore(): Promise<void> {
    const now = this.clock.now();
    const signs = [`restored ${now.toISOString()}`];
    await openServiceHolds(this.service.deps, { cause: 'recovery', reason: 'restored', since: now, signs });
  }

  /** What workers do now and then, as the clock demands. */
  async sweep(): Promise<void> {
    const { deps } = this.service;
    for (const sweep of [takeBackLapsed, escalateOverdue, escalateDangers]) await sweep(deps);
    await escalateOverdueHolds(deps);
    await this.work();
  }
}
