import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { largeSearch } from '../../test/support/search-size.ts';
import type { Part, SliceResult, SliceTask } from './part.ts';
import { withS3 } from './s3.ts';
import { runTests } from './vitest-run.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Another seed for each slice. */
const seedOf = ({ seed, number }: SliceTask) => String(seed + number);

/** Runs tests with the large size of test/support/search-size.ts. */
function search(task: SliceTask, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  task.progress(`seed ${seedOf(task)}`);
  const large = { NII_TEST_SEARCH: 'large', NII_TEST_SEED: seedOf(task) };
  return runTests(args, { ...env, ...large }, task.keep);
}

interface Searching {
  /** Whose folder of test/ the file is in; absent: medium. */
  readonly project?: 'service';
  readonly file: string;
  /** One test of the file. */
  readonly test?: string;
  /** What a slice tries, in the unit of the part. */
  readonly count: number;
}

/** A slice is one run of a test file. */
async function searchIn(
  task: SliceTask,
  { project, file, test, count }: Searching,
  env: Readonly<Record<string, string>> = {},
): Promise<SliceResult> {
  const folder = project ?? 'medium';
  const args = ['--project', folder, `test/${folder}/${file}`, ...(test === undefined ? [] : ['-t', test])];
  const { passed, ...found } = await search(task, args, env);
  return { count: passed > 0 ? count : 0, ...found };
}

const kills = { file: 'kill.test.ts', count: largeSearch.kills };

export const killFolder: Part = {
  name: 'kill-folder',
  summary: 'kill -9 of service, worker and database during uploads, on a folder and embedded PostgreSQL',
  unit: 'kills',
  slice: (task) =>
    searchIn(task, { ...kills, test: 'a folder and embedded PostgreSQL lose and double nothing' }),
};

export const killS3: Part = {
  name: 'kill-s3',
  summary: 'the same on S3 and a PostgreSQL server',
  unit: 'kills',
  missing: () =>
    process.env.NII_TEST_S3_URL || existsSync('/usr/bin/radosgw')
      ? undefined
      : 'no S3 server: set NII_TEST_S3_URL, or install Debian’s radosgw, ceph-mon and ceph-osd',
  slice: (task) =>
    withS3((env) =>
      searchIn(task, { ...kills, test: 'S3 and a PostgreSQL server lose and double nothing' }, env),
    ),
};

const signInFlood = 'http/people/sign-in-flood.test.ts';
const slowViews = 'reading/slow-views.test.ts';
const turns = 'reading/turns.test.ts';
/** Files of `service` that are parts of their own. */
const ownParts = [signInFlood, slowViews, turns];

/** Tests that search at random for minutes: a slice of each is one run in the large size. */
export const searches: readonly Part[] = [
  {
    name: 'database-races',
    summary: 'rounds of kills of the embedded PostgreSQL while many processes race to start it',
    unit: 'rounds',
    slice: (task) => searchIn(task, { file: 'embedded-races.test.ts', count: largeSearch.databaseRaces }),
  },
  {
    name: 'power-cut',
    summary: 'a hundred power cuts during uploads, on a folder and embedded PostgreSQL',
    unit: 'cuts',
    slice: (task) => searchIn(task, { file: 'power-cut.test.ts', count: largeSearch.powerCuts }),
  },
  {
    name: 'watch-kills',
    summary: 'kills of nii watch and of the service while scanners write to a share',
    unit: 'kills',
    slice: (task) => {
      const { watcherKills, serviceKills } = largeSearch.watch;
      return searchIn(task, { file: 'watch.test.ts', count: watcherKills + serviceKills });
    },
  },
  {
    name: 'model-switch',
    summary: 'scans while versions of a model are switched',
    unit: 'scans',
    slice: (task) => searchIn(task, { file: 'models/hot-switch.test.ts', count: largeSearch.switchScans }),
  },
  {
    name: 'portal-log',
    summary: 'the daily log of a portal, sent again and again while it grows',
    unit: 'sendings',
    slice: (task) =>
      searchIn(task, { file: 'radiation/portal-log.test.ts', count: largeSearch.portalLog.sendings }),
  },
  {
    name: 'train',
    summary: 'a train of 100,000 columns through the service, in bounded memory',
    unit: 'trains',
    slice: (task) => searchIn(task, { file: 'train.test.ts', count: 1 }),
  },
  {
    name: 'sign-in-flood',
    summary: 'requests without a key that begin sign-ins, from one network and from 10,000 addresses',
    unit: 'requests',
    slice: (task) =>
      searchIn(task, { project: 'service', file: signInFlood, count: 2 * largeSearch.signInRequests }),
  },
  {
    name: 'slow-views',
    summary: 'pictures on which a decoder never ends, looked at by ten keys, while others look at good ones',
    unit: 'pictures',
    slice: (task) =>
      searchIn(task, {
        project: 'service',
        file: slowViews,
        count: largeSearch.endless.pictures,
      }),
  },
  {
    name: 'poisoned-scans',
    summary: 'scans of one sender on which a conversion never ends, while another one sends good ones',
    unit: 'scans',
    slice: (task) =>
      searchIn(task, {
        project: 'service',
        file: turns,
        test: 'poisoned scans',
        count: largeSearch.endless.scans,
      }),
  },
  {
    name: 'point-in-time',
    summary: 'ten minutes of uploads, the loss of the database, and recoveries to drawn seconds',
    unit: 'recoveries',
    slice: (task) =>
      searchIn(task, { file: 'point-in-time.test.ts', count: largeSearch.pointInTime.recoveries }),
  },
  {
    name: 'week',
    summary: 'a simulated week at a border post: 500 vehicles a day, alarms, colluding readers, a restore',
    unit: 'days',
    slice: (task) =>
      searchIn(task, { file: 'triage/week.test.ts', count: largeSearch.week.minutes / (24 * 60) }),
  },
];

/** Times as many runs of each property as in the large size; the properties of `unit` are quick. */
const UNIT_EFFORT = 5;

/** Failures name fast-check's own path, by which the property runs again. */
export const properties: Part = {
  name: 'properties',
  summary: 'the other unit and service tests that search at random, in the large size',
  unit: 'tests',
  async slice(task) {
    const effort = { NII_TEST_EFFORT: String(UNIT_EFFORT) };
    const unit = await search(task, ['--project', 'unit', ...searchingFiles('test/unit')], effort);
    const service = await search(task, ['--project', 'service', ...searchingFiles('test/service')]);
    return { count: unit.passed + service.passed, faults: [...unit.faults, ...service.faults] };
  },
};

/** The test files below a folder that search at random themselves, or in a contract that they run. */
function searchingFiles(folder: string): readonly string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') && !ownParts.some((own) => name.endsWith(own)))
    .map((name) => path.join(folder, name))
    .filter((file) =>
      /fast-check|search-size|support\/contract\//.test(readFileSync(path.join(root, file), 'utf8')),
    );
}

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
