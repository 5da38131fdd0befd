/** One service that histories are played on, one after the other, each in an administration of its own. */
import type { InjectOptions } from 'fastify';
import { escalateOverdue, takeBackLapsed } from '../../src/commands/claims.ts';
import { escalateDangers, escalateOverdueHolds } from '../../src/commands/past-time.ts';
import { finalizeExpired } from '../../src/commands/undo-window.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import { lookAtClock } from '../../src/maintenance/keep-clock.ts';
import { openServiceHolds } from '../../src/stored/service-holds.ts';
import { defaultPolicy } from '../../src/triage/policy.ts';
import { type Harness, type HarnessOptions, openHarness } from '../../test/support/harness.ts';
import { movableClock } from '../../test/support/stage.ts';
import { convertHere, readHere } from './read-here.ts';

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
  #administrations = 0;

  private constructor(service: Harness, clock: ReturnType<typeof movableClock>) {
    this.service = service;
    this.clock = clock;
  }

  static async open(database?: HarnessOptions['database']): Promise<Port> {
    const clock = movableClock('2026-03-04T06:00:00.000Z');
    const limits = { ...defaultLimits, queuedJobs: 1_000_000 };
    // as an administration that has decided nothing, but that chance reads nothing again
    const policy = { ...defaultPolicy, secondOpinionShare: 0 };
    const deps = { clock, limits, policy, converterChildren: convertHere, reader: readHere };
    const given = database === undefined ? {} : { database };
    return new Port(await openHarness({ deps, limits, ...given }), clock);
  }

  close(): Promise<void> {
    return this.service.close();
  }

  nextAdministration(seed: number): string {
    this.#administrations += 1;
    return `port-${seed}-${this.#administrations}`;
  }

  async ask(token: string, request: InjectOptions): Promise<Answer> {
    const answer = await this.service.ask(token, request);
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
