import { appendFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** Hands the counts and the names of what failed to scripts/test.mjs through the file that NII_TEST_COUNTS names; without it, prints them. */
export default class PlainLineReporter implements Reporter {
  onTestRunStart(): void {
    console.log(`files and tests in the order of NII_TEST_SEED=${process.env.NII_TEST_SEED}`);
    const size = process.env.NII_TEST_SEARCH ?? 'small';
    console.log(`random searches: size ${size}, seed ${process.env.NII_TEST_SEARCH_SEED}`);
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const file = process.env.NII_TEST_COUNTS;
    const counts = countModules(modules);
    const { passed, failed, skipped } = counts;
    const names = new Set(modules.map(({ project }) => project.name));
    const projects = Object.fromEntries(
      [...names].map((name) => [name, countModules(modules.filter(({ project }) => project.name === name))]),
    );
    const failures = modules.flatMap(describeFailures);
    if (file) appendFileSync(file, `${JSON.stringify({ passed, failed, skipped, projects, failures })}\n`);
    else console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  }
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Time of the workers together. */
  readonly seconds: number;
}

function countModules(modules: readonly TestModule[]): Counts {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const count = (state: string) => tests.filter((test) => test.result().state === state).length;
  const [passed, failed] = [count('passed'), count('failed')];
  return {
    passed,
    failed: failed + modules.filter(isBroken).length,
    skipped: tests.length - passed - failed,
    seconds: modules.reduce((sum, module) => sum + secondsOf(module), 0),
  };
}

/** A file that could not be loaded, or whose set-up failed, fails without a failed test. */
function isBroken(module: TestModule): boolean {
  return !module.ok() && !hasFailedTest(module);
}

function secondsOf(module: TestModule): number {
  const { prepareDuration, setupDuration, collectDuration, duration } = module.diagnostic();
  return (prepareDuration + setupDuration + collectDuration + duration) / 1000;
}

function describeFailures(module: TestModule): readonly string[] {
  if (isBroken(module)) return [describe(module.relativeModuleId, module.errors())];
  return [...module.children.allTests('failed')].map(describeTest);
}

function hasFailedTest(module: TestModule): boolean {
  return [...module.children.allTests('failed')].length > 0;
}

function describeTest(test: TestCase): string {
  return describe(`${test.module.relativeModuleId} > ${test.fullName}`, test.result().errors ?? []);
}

/** One line: where, and the first line of the first error. */
function describe(where: string, errors: readonly { message: string }[]): string {
  const message = errors[0]?.message.split('\n', 1)[0]?.slice(0, 300) ?? 'no error was given';
  return `${where}: ${message}`;
}
