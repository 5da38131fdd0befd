import { appendFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** Hands the counts to scripts/test.mjs through the file that NII_TEST_COUNTS names; without it, prints them. */
export default class PlainLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    // a file that could not be loaded, or whose set-up failed, fails without a failed test
    const broken = modules.filter((module) => !module.ok() && !hasFailedTest(module)).length;
    const passed = count('passed');
    const failed = count('failed') + broken;
    const skipped = tests.length - passed - count('failed');
    const file = process.env.NII_TEST_COUNTS;
    if (file) appendFileSync(file, `${JSON.stringify({ passed, failed, skipped })}\n`);
    else console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  }
}

function hasFailedTest(module: TestModule): boolean {
  return [...module.children.allTests('failed')].length > 0;
}
