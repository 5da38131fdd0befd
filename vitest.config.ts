import { defineConfig } from 'vitest/config';

/** A folder of test/ is a project: what a test needs decides where it lies (README.md, "Tests"). */
const project = (name: string) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`] },
});

export default defineConfig({
  test: {
    testTimeout: 180_000,
    hookTimeout: 180_000,
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', './test/support/plain-line-reporter.ts'],
    // what needs nothing but our code; what needs PostgreSQL, HTTP, children or a second reader; what takes minutes
    projects: [project('unit'), project('service'), project('medium')],
  },
});
