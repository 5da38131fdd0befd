import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/vitest/longest-first.ts';
import { keepTemporaryFilesInMemory } from './test/support/vitest/memory.ts';

keepTemporaryFilesInMemory();

/** Where random searches start: the same in each run, unless a seed was set. */
process.env.NII_TEST_SEARCH_SEED ??= process.env.NII_TEST_SEED ?? '1';

/** The order of files and of the tests in each. Drawn anew for each run; printed, and set to replay a run. */
process.env.NII_TEST_SEED ??= String(Date.now() % 1_000_000);
const seed = Number(process.env.NII_TEST_SEED);

/** A folder of test/ is a project: what a test needs decides where it lies (docs/how-to/testing.md). */
const project = (name: string, options: Readonly<Record<string, unknown>>) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], ...options },
});

const globalSetup = './test/support/postgres/shared-servers.ts';

export default defineConfig({
  test: {
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // of a look that is repeated until it holds; a busy machine needs more than the second that is usual
    expect: { poll: { timeout: 15_000 } },
    setupFiles: ['./test/support/vitest/property-time.ts'],
    pool: 'forks',
    // two more than the machine has cores, because many tests wait for a time limit or another process. Set here: what
    // the command line says does not reach the projects
    maxWorkers: availableParallelism() + 2,
    // vitest reads it here alone; of a project it is left unread
    sequence: { sequencer: LongestFirst, seed, shuffle: { tests: true } },
    // used where it is switched on: npm run check, npm test, npm run alone
    experimental: { fsModuleCachePath: '.cache/vitest' },
    reporters: ['default', './test/support/vitest/plain-line-reporter.ts'],
    projects: [
      // nothing but our code, so that the files may share one process
      project('unit', { isolate: false }),
      // PostgreSQL, HTTP, child processes, second readers; loading our modules anew for each file took a third of the work
      project('service', { globalSetup, isolate: false }),
      // S3, Orthanc, kills, trains: minutes each
      project('medium', { globalSetup, isolate: false }),
    ],
  },
});
