/** The totals of a command of `.ci/run`: what passed, failed and was left out. */
import { writeFileSync } from 'node:fs';

const complete = Boolean(process.env.NII_TEST_COMPLETE);

/**
 * Closes with the line `N passed, N failed`, and with the totals as JSON in the file that NII_TEST_TOTALS names.
 * @param part - what the minutes are called
 */
export function openTotals(part) {
  const started = Date.now();
  let passed = 0;
  const failures = [];
  return {
    count(name, ok) {
      if (ok) passed += 1;
      else failures.push(`${name}: see its output above`);
    },
    /** In a complete run it is a failure. */
    leaveOut(name, why) {
      console.log(`left out: ${name}: ${why}`);
      if (complete) failures.push(`${name}: left out`);
    },
    close() {
      const failed = failures.length;
      const file = process.env.NII_TEST_TOTALS;
      const seconds = { [part]: (Date.now() - started) / 1000 };
      if (file) writeFileSync(file, JSON.stringify({ passed, failed, failures, seconds }));
      console.log(`${passed} passed, ${failed} failed`);
      process.exitCode = failed === 0 ? 0 : 1;
    },
  };
}
