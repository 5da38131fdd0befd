import { existsSync } from 'node:fs';
import type { Part, SliceResult, SliceTask } from './part.ts';
import { withS3 } from './s3.ts';
import { runTests } from './vitest-run.ts';

/** Few enough for a slice of a few minutes. */
const KILLS = 10;
/** Times as many runs of each property as in a full run. */
const EFFORT = 5;

const killTest = ['--project', 'medium', 'test/medium/kill.test.ts', '-t'];

/** Another seed for each slice. */
const seedOf = ({ seed, number }: SliceTask) => String(seed + number);

async function kill(task: SliceTask, name: string, env: Record<string, string> = {}): Promise<SliceResult> {
  task.progress(`${KILLS} kills, seed ${seedOf(task)}`);
  const kills = { NII_TEST_KILLS: String(KILLS), NII_TEST_SEED: seedOf(task) };
  const { faults, passed } = await runTests([...killTest, name], { ...env, ...kills }, task.keep);
  return { count: passed > 0 ? KILLS : 0, faults };
}

export const killFolder: Part = {
  name: 'kill-folder',
  summary: 'kill -9 of service, worker and database during uploads, on a folder and embedded PostgreSQL',
  unit: 'kills',
  slice: (task) => kill(task, 'a folder and embedded PostgreSQL lose and double nothing'),
};

export const killS3: Part = {
  name: 'kill-s3',
  summary: 'the same on S3 and a PostgreSQL server',
  unit: 'kills',
  missing: () =>
    process.env.NII_TEST_S3_URL || existsSync('/usr/bin/radosgw')
      ? undefined
      : 'no S3 server: set NII_TEST_S3_URL, or install Debian’s radosgw, ceph-mon and ceph-osd',
  slice: (task) => withS3((env) => kill(task, 'S3 and a PostgreSQL server lose and double nothing', env)),
};

/** 8 rounds at an effort of 1, and 50 in a slice. */
const RACES = { rounds: 50, effort: 6.25 };

export const databaseRaces: Part = {
  name: 'database-races',
  summary: 'rounds of kills of the embedded PostgreSQL while many processes race to start it',
  unit: 'rounds',
  async slice(task) {
    task.progress(`${RACES.rounds} rounds, seed ${seedOf(task)}`);
    const env = { NII_TEST_EFFORT: String(RACES.effort), NII_TEST_SEED: seedOf(task) };
    const test = ['--project', 'medium', 'test/medium/embedded-races.test.ts'];
    const { passed, faults } = await runTests(test, env, task.keep);
    return { count: passed > 0 ? RACES.rounds : 0, faults };
  },
};

export const week: Part = {
  name: 'week',
  summary: 'a simulated week at a border post: 500 vehicles a day, alarms, colluding readers, an outage',
  unit: 'days',
  async slice(task) {
    task.progress(`7 days, seed ${seedOf(task)}`);
    const env = { NII_TEST_WEEK_DAYS: '7', NII_TEST_SEED: seedOf(task) };
    const test = ['--project', 'medium', 'test/medium/triage/week.test.ts'];
    const { passed, ...found } = await runTests(test, env, task.keep);
    return { count: passed > 0 ? 7 : 0, ...found };
  },
};

/** Failures name fast-check's own seed, by which the property runs again. */
export const properties: Part = {
  name: 'properties',
  summary: `the unit tests in another order, with ${EFFORT} times the runs of each property`,
  unit: 'tests',
  async slice(task) {
    const env = { NII_TEST_EFFORT: String(EFFORT), NII_TEST_SEED: seedOf(task) };
    task.progress(`seed ${seedOf(task)}`);
    const { passed, faults } = await runTests(['--project', 'unit'], env, task.keep);
    return { count: passed, faults };
  },
};

export const order: Part = {
  name: 'order',
  summary: 'unit and service once, in another order of files and tests',
  unit: 'tests',
  async slice(task) {
    task.progress(`seed ${seedOf(task)}`);
    const env = { NII_TEST_SEED: seedOf(task) };
    const { passed, faults } = await runTests(['--project', 'unit', '--project', 'service'], env, task.keep);
    return { count: passed, faults };
  },
};
