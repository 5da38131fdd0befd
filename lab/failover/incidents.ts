import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet } from './fleet.ts';
import { lostScans, lostVerdicts } from './judge.ts';
import type { Line } from './line.ts';
import type { Load } from './load.ts';
import type { Servers } from './servers.ts';

/** What an incident happens to. */
export interface Stage {
  readonly servers: Servers;
  readonly fleet: Fleet;
  readonly toDatabase: Line;
  /** Undefined where objects are in a folder. */
  readonly toStore: Line | undefined;
  readonly load: Load;
}

export interface Incident {
  readonly name: string;
  readonly summary: string;
  /**
   * Returns when it is over: whoever is not back by then has to come back by itself.
   * @returns what it found wrong
   */
  run(stage: Stage, seconds: number): Promise<readonly string[]>;
}

/** 100 ms each way, so 200 ms from question to answer; 1 Mbit/s. */
const SLOW = { delayMs: 100, bytesPerSecond: 125_000 };

async function failOver({ servers, toDatabase, load }: Stage): Promise<readonly string[]> {
  const sent = load.uploads.map(({ scanId }) => scanId);
  const verdicts = [...load.verdicts];
  await servers.failOver();
  const lost = [...(await lostScans(servers, sent)), ...(await lostVerdicts(servers, verdicts))];
  toDatabase.moveTo(servers.port);
  return lost.map((id) => `lost with the primary: ${id}`);
}

/** The address leads to a server that only reads, then back; connections of meanwhile stay where they are. */
async function misdirect({ servers, toDatabase }: Stage, seconds: number): Promise<readonly string[]> {
  toDatabase.moveTo(servers.standbyPort);
  toDatabase.cut();
  await sleep(seconds * 1000);
  toDatabase.moveTo(servers.port);
  return [];
}

async function stall(line: Line | undefined, seconds: number): Promise<readonly string[]> {
  line?.stall();
  await sleep(seconds * 1000);
  line?.resume();
  return [];
}

async function slow(line: Line | undefined, seconds: number): Promise<readonly string[]> {
  line?.slow(SLOW);
  await sleep(seconds * 1000);
  line?.slow(undefined);
  return [];
}

/** For what cannot find anything wrong. */
async function nothing(work: unknown): Promise<readonly string[]> {
  await work;
  return [];
}

export const incidents: readonly Incident[] = [
  {
    name: 'failover',
    summary: 'the primary is killed, the standby promoted, the address moved',
    run: failOver,
  },
  {
    name: 'cut',
    summary: 'every connection to the database is reset',
    run: ({ toDatabase }) => nothing(toDatabase.cut()),
  },
  {
    name: 'lost',
    summary: 'connections to the database stay open and carry nothing, for ever; new ones work',
    run: ({ toDatabase }) => nothing(toDatabase.lose()),
  },
  {
    name: 'half-open',
    summary: 'nothing moves on the line to the database, then everything arrives',
    run: ({ toDatabase }, seconds) => stall(toDatabase, seconds),
  },
  {
    name: 'stopped half-open',
    summary:
      'one process of the API and one worker get SIGTERM while nothing moves to the database; others are added',
    run: async ({ fleet, toDatabase }) => {
      toDatabase.stall();
      const late = await fleet.stopOneOfEach();
      toDatabase.resume();
      await fleet.addApi();
      fleet.addWorker();
      return late;
    },
  },
  {
    name: 'slow database',
    summary: '200 ms and 1 Mbit/s to the database',
    run: ({ toDatabase }, seconds) => slow(toDatabase, seconds),
  },
  {
    name: 'reader answers',
    summary: 'the address leads to the standby, then back to the primary',
    run: misdirect,
  },
  {
    name: 'standby killed',
    summary: 'the synchronous standby is killed, so that no commit ends, and started again',
    run: async ({ servers }, seconds) => {
      await servers.killStandby();
      await sleep(seconds * 1000);
      return nothing(servers.restartStandby());
    },
  },
  {
    name: 'cut store',
    summary: 'every connection to the object store is reset',
    run: ({ toStore }) => nothing(toStore?.cut()),
  },
  {
    name: 'lost store',
    summary: 'connections to the object store stay open and carry nothing; new ones work',
    run: ({ toStore }) => nothing(toStore?.lose()),
  },
  {
    name: 'half-open store',
    summary: 'nothing moves on the line to the object store, then everything arrives',
    run: ({ toStore }, seconds) => stall(toStore, seconds),
  },
  {
    name: 'slow store',
    summary: '200 ms and 1 Mbit/s to the object store',
    run: ({ toStore }, seconds) => slow(toStore, seconds),
  },
  {
    name: 'API killed',
    summary: 'one process of the API is killed, and another added elsewhere',
    run: async ({ fleet }) => {
      await fleet.killApi();
      return nothing(fleet.addApi());
    },
  },
  {
    name: 'worker killed',
    summary: 'one worker is killed, and another added',
    run: async ({ fleet }) => {
      await fleet.killWorker();
      return nothing(fleet.addWorker());
    },
  },
];
