/**
 * Runs of a property: `full` of them, times NII_TEST_EFFORT, which is a tenth for the unit tests of every day, 1 for the
 * rest, and more in a long run.
 */
export function runs(full: number): number {
  return Math.max(5, Math.round(full * Number(process.env.NII_TEST_EFFORT ?? 1)));
}
