import { expect, test } from 'vitest';
import { noteFigures } from '../../support/note-figures.ts';
import { isLargeSearch, searchSeed, searchSize } from '../../support/search-size.ts';
import { runWeek } from '../../support/week/run.ts';

/**
 * A border post, sped up: vehicles with radiation alarms, lanes that a portal names wrongly, check-ins with a portal that a driver
 * misses, a scanner without zone in the night in which clocks go back, readers who collude, nights with two people, and a disk
 * that is lost for an hour and restored from a backup. `npm run long -- --part week` runs seven days with 500 vehicles each.
 */

test('a post lets no vehicle go that ought to stay, and no case gets stuck', async () => {
  const figures = await runWeek({
    seed: searchSeed,
    ...searchSize.week,
    perDay: 500,
    lanes: 3,
  });
  noteFigures('week', figures);
  expect(figures.wrongProceed).toEqual([]);
  expect(figures.stuck).toEqual([]);
  expect(figures.restored.sentAgain).toBeGreaterThan(0);
  expect(figures.restored.heldByGap).toBeGreaterThan(0);
  expect(figures.restored.heldWrongly).toEqual([]);
  // pairs of portals and scanners are configured: an alarm keeps few besides its own. In an hour there are two alarms
  if (isLargeSearch) expect(figures.heldPerAlarm.median).toBeLessThanOrEqual(2);
  // one in a hundred is a threat and stays; of the thirty of one hour that may be three
  expect(figures.left).toBeGreaterThan(figures.vehicles * (isLargeSearch ? 0.9 : 0.8));
}, 3_600_000);
