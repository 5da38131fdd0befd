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
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    // a file that could not be loaded, or whose set-up failed, fails without a failed test
    const broken = modules.filter((module) => !module.ok() && !hasFailedTest(module));
    const passed = count('passed');
    const failed = count('failed') + broken.length;
    const failures = [
      ...tests.filter((test) => test.result().state === 'failed').map(describeTest),
      ...broken.map((module) => describe(module.relativeModuleId, module.errors())),
    ];
    const skipped = tests.length - passed - count('failed');
    const file = process.env.NII_TEST_COUNTS;
    if (file) appendFileSync(file, `${JSON.stringify({ passed, failed, skipped, failures })}\n`);
    else console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  }
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
